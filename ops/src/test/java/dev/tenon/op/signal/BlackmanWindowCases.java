package dev.tenon.op.signal;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BlackmanWindow}. */
public final class BlackmanWindowCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("periodic", new BlackmanWindow(true, DType.FLOAT32), Tensor.scalar(7L))
                        .expect(f32(dims(7), "0 0.09045342 0.45918295 0.9203636 0.9203636 0.45918295 0.09045342")),
                OpCase.of("symmetric", new BlackmanWindow(false, DType.FLOAT32), Tensor.scalar(8L))
                        .expect(f32(dims(8), "0 0.09045342 0.45918295 0.9203636 0.9203636 0.45918295 0.09045342 0")),
                OpCase.of("size of one element", new BlackmanWindow(true, DType.FLOAT32), Tensor.of(new int[] {4}, 1))
                        .expect(f32(dims(4), 0, 0.34f, 1, 0.34f)),
                OpCase.of("symmetric, of one", new BlackmanWindow(false, DType.FLOAT64), Tensor.scalar(1L))
                        .expect(Tensor.of(new double[] {1}, 1)),
                OpCase.of("empty", new BlackmanWindow(true, DType.FLOAT16), Tensor.scalar(0L))
                        .expect(reals(DType.FLOAT16, dims(0))),
                OpCase.of("integers", new BlackmanWindow(false, DType.INT32), Tensor.scalar(3L))
                        .expect(ints(DType.INT32, dims(3), 0, 1, 0)),
                OpCase.of("negative size", new BlackmanWindow(true, DType.FLOAT32), Tensor.scalar(-1L))
                        .fails("size -1"));
    }
}

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

/** Cases of {@link HannWindow}. */
public final class HannWindowCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("periodic", new HannWindow(true, DType.FLOAT32), Tensor.scalar(7L))
                        .expect(f32(dims(7), "0 0.1882551 0.6112605 0.95048445 0.95048445 0.6112605 0.1882551")),
                OpCase.of("symmetric", new HannWindow(false, DType.FLOAT32), Tensor.scalar(8L))
                        .expect(f32(dims(8), """
                                0 0.1882551 0.6112605 0.95048445
                                0.95048445 0.6112605 0.1882551 1.4997598e-32""")),
                OpCase.of("size of one element", new HannWindow(true, DType.FLOAT32), Tensor.of(new int[] {4}, 1))
                        .expect(f32(dims(4), 0, 0.5f, 1, 0.5f)),
                OpCase.of("symmetric, of one", new HannWindow(false, DType.FLOAT64), Tensor.scalar(1L))
                        .expect(Tensor.of(new double[] {1}, 1)),
                OpCase.of("empty", new HannWindow(true, DType.FLOAT16), Tensor.scalar(0L))
                        .expect(reals(DType.FLOAT16, dims(0))),
                OpCase.of("integers", new HannWindow(false, DType.INT32), Tensor.scalar(3L))
                        .expect(ints(DType.INT32, dims(3), 0, 1, 0)),
                OpCase.of("negative size", new HannWindow(true, DType.FLOAT32), Tensor.scalar(-1L))
                        .fails("size -1"));
    }
}

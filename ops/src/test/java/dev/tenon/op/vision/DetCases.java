package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Det}. */
public final class DetCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("two rows", new Det(), f32(dims(2, 2), 0, 1, 2, 3)).expect(Tensor.scalar(-2f)),
                OpCase.of("stack", new Det(), f32(dims(3, 2, 2), 1, 2, 3, 4, 1, 2, 2, 1, 1, 3, 3, 1))
                        .expect(f32(dims(3), -2, -3, -8)),
                OpCase.of("four rows", new Det(), f32(dims(4, 4), 2, 0, 1, 3, 0, 1, 4, 0, 5, 0, 2, 1, 1, 1, 0, 2))
                        .expect(Tensor.scalar(-59.0f)),
                OpCase.of("singular", new Det(), f32(dims(2, 2), 1, 2, 2, 4)).expect(Tensor.scalar(0f)),
                OpCase.of("one element", new Det(), f32(dims(1, 1), -3)).expect(Tensor.scalar(-3f)),
                OpCase.of("no elements", new Det(), f32(dims(2, 0, 0))).expect(f32(dims(2), 1, 1)),
                OpCase.of("no matrices", new Det(), f32(dims(0, 2, 2))).expect(f32(dims(0))),
                OpCase.of("float64", new Det(), reals(DType.FLOAT64, dims(2, 2), 1, 2, 3, 4))
                        .expect(Tensor.scalar(-2.0)),
                OpCase.of("float16", new Det(), reals(DType.FLOAT16, dims(1, 2, 2), 1, 2, 3, 4))
                        .expect(reals(DType.FLOAT16, dims(1), -2)),
                OpCase.of("not square", new Det(), f32(dims(1, 2), 1, 2)).fails("rows and columns of X"),
                OpCase.of("a vector", new Det(), f32(dims(2), 1, 2)).fails("rank 2 or more"));
    }
}

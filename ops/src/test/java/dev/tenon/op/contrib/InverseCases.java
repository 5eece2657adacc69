package dev.tenon.op.contrib;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Inverse}. */
public final class InverseCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("two rows", new Inverse(), f32(dims(2, 2), 1, 2, 3, 4))
                        .expect(f32(dims(2, 2), -2, 1, 1.5f, -0.5f)),
                OpCase.of("a pivot of 0", new Inverse(), f32(dims(2, 2), 0, 2, 4, 0))
                        .expect(f32(dims(2, 2), 0, 0.25f, 0.5f, 0)),
                OpCase.of("stack", new Inverse(), f32(dims(3, 1, 1), 2, -4, 0.5f))
                        .expect(f32(dims(3, 1, 1), 0.5f, -0.25f, 2)),
                OpCase.of("three rows", new Inverse(), reals(DType.FLOAT64, dims(3, 3), 2, -1, 0, -1, 2, -1, 0, -1, 2))
                        .expect(reals(DType.FLOAT64, dims(3, 3), 0.75, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.75)),
                OpCase.of("float16", new Inverse(), reals(DType.FLOAT16, dims(2, 2), 2, 0, 0, 8))
                        .expect(reals(DType.FLOAT16, dims(2, 2), 0.5, 0, 0, 0.125)),
                OpCase.of("no rows", new Inverse(), f32(dims(2, 0, 0))).expect(f32(dims(2, 0, 0))),
                OpCase.of("not square", new Inverse(), f32(dims(1, 2), 1, 2)).fails("as many rows as columns"),
                OpCase.of("a vector", new Inverse(), f32(dims(2), 1, 2)).fails("rank 2 and above"));
    }
}

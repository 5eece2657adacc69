package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link TransposedMatMul}. */
public final class TransposedMatMulCases implements OpCases {
    private static final TransposedMatMul OP = new TransposedMatMul();

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("two matrices", OP, f32(dims(1, 2), 1, 2), f32(dims(3, 2), 3, 4, 5, 6, -1, 0.5f))
                        .expect(f32(dims(1, 3), 11, 17, 0)),
                OpCase.of("a stack", OP, f32(dims(2, 1, 2), 1, 2, 3, 4), f32(dims(2, 1, 2), 5, 6, 7, 8))
                        .expect(f32(dims(2, 1, 1), 17, 53)),
                OpCase.of("one matrix for a stack", OP, f32(dims(2, 1, 2), 1, 2, 3, 4), f32(dims(2, 2), 5, 6, 7, 8))
                        .expect(f32(dims(2, 1, 2), 17, 23, 39, 53)),
                OpCase.of("a stack for a vector", OP, f32(dims(2), 1, 2), f32(dims(2, 1, 2), 5, 6, 7, 8))
                        .expect(f32(dims(2, 1), 17, 23)),
                OpCase.of("no terms", OP, f32(dims(2, 0)), f32(dims(3, 0))).expect(f32(dims(2, 3), 0, 0, 0, 0, 0, 0)),
                OpCase.of("no rows", OP, f32(dims(0, 2)), linear(0, 1, 3, 2)).expect(f32(dims(0, 3))),
                OpCase.of(
                        "random, broadcast both ways",
                        OP,
                        random(DType.FLOAT32, 1, 3, 1, 13, 40),
                        random(DType.FLOAT32, 2, 1, 2, 37, 40)),
                OpCase.of("random doubles", OP, random(DType.FLOAT64, 1, 2, 5, 9), random(DType.FLOAT64, 2, 2, 7, 9)),
                OpCase.of("other terms", OP, linear(0, 1, 2, 3), linear(0, 1, 3, 2))
                        .fails("3"),
                OpCase.of("a vector on the right", OP, linear(0, 1, 2, 3), linear(0, 1, 3))
                        .fails("rank"));
    }
}

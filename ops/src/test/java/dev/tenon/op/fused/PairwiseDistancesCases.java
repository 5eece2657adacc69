package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link PairwiseDistances}. */
public final class PairwiseDistancesCases implements OpCases {
    private static final PairwiseDistances ROOTS = new PairwiseDistances(false);
    private static final PairwiseDistances SQUARES = new PairwiseDistances(true);

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("roots", ROOTS, f32(dims(2, 2), 0, 0, 3, 0), f32(dims(3, 2), 3, 4, 0, -1, 3, 0))
                        .expect(f32(dims(2, 3), 5, 1, 3, 4, (float) Math.sqrt(10), 0)),
                OpCase.of("squares", SQUARES, f32(dims(1, 2), 0, 0), f32(dims(2, 2), 3, 4, 0, -1))
                        .expect(f32(dims(1, 2), 25, 1)),
                OpCase.of("far from zero", SQUARES, f32(dims(1, 1), 4096.5f), f32(dims(1, 1), 4096))
                        .expect(f32(dims(1, 1), 0.25f)),
                OpCase.of("no elements", ROOTS, f32(dims(2, 0)), f32(dims(1, 0)))
                        .expect(f32(dims(2, 1), 0, 0)),
                OpCase.of("no rows", ROOTS, f32(dims(0, 2)), linear(0, 1, 3, 2)).expect(f32(dims(0, 3))),
                OpCase.of("random", ROOTS, random(DType.FLOAT32, 1, 13, 40), random(DType.FLOAT32, 2, 37, 40)),
                OpCase.of("random squares", SQUARES, random(DType.FLOAT32, 1, 26, 7), random(DType.FLOAT32, 2, 33, 7)),
                OpCase.of("random doubles", ROOTS, random(DType.FLOAT64, 1, 5, 9), random(DType.FLOAT64, 2, 7, 9)),
                OpCase.of("other lengths", ROOTS, linear(0, 1, 2, 3), linear(0, 1, 3, 2))
                        .fails("3"),
                OpCase.of("a stack", ROOTS, linear(0, 1, 2, 3, 2), linear(0, 1, 3, 2))
                        .fails("matrices"));
    }
}

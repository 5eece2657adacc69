package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LpNormalization}. */
public final class LpNormalizationCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("root of squares", new LpNormalization(-1, 2), f32(dims(2, 2), 3, 4, -6, 8))
                        .expect(f32(dims(2, 2), 0.6f, 0.8f, -0.6f, 0.8f)),
                OpCase.of("absolute values", new LpNormalization(-1, 1), f32(dims(2, 2), 3, 1, -6, 2))
                        .expect(f32(dims(2, 2), 0.75f, 0.25f, -0.75f, 0.25f)),
                OpCase.of("first axis", new LpNormalization(0, 2), linear(-1, 0.5, 3, 2))
                        .expect(f32(dims(3, 2), -0.70710677f, -0.30151135f, 0, 0.30151135f, 0.70710677f, 0.90453404f)),
                OpCase.of("middle axis, absolute values", new LpNormalization(1, 1), linear(-2, 0.5, 2, 3, 2))
                        .expect(f32(dims(2, 3, 2), """
                                -0.6666667 -0.6   -0.33333334 -0.2   0 0.2
                                0.16666667 0.2   0.33333334 0.33333334   0.5 0.46666667""")),
                OpCase.of("zeros stay", new LpNormalization(-1, 2), f32(dims(2, 2), 0, 0, 3, 4))
                        .expect(f32(dims(2, 2), 0, 0, 0.6f, 0.8f)),
                OpCase.of("NaN", new LpNormalization(-1, 2), f32(dims(1, 2), Float.NaN, 1))
                        .expect(f32(dims(1, 2), Float.NaN, Float.NaN)),
                OpCase.of("float16", new LpNormalization(-1, 2), reals(DType.FLOAT16, dims(1, 2), 3, 4))
                        .expect(reals(DType.FLOAT16, dims(1, 2), 0.60009765625, 0.7998046875)),
                OpCase.of("empty", new LpNormalization(-1, 2), f32(dims(0, 2))).expect(f32(dims(0, 2))),
                OpCase.of("axis outside", new LpNormalization(1, 2), f32(dims(2), 1, 2))
                        .fails("[-1, 0]"));
    }
}

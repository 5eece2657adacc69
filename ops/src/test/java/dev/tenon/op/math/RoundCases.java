package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Round}. */
public final class RoundCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Round(),
                OpCase.of(
                                "known values",
                                new Round(),
                                f32(
                                        dims(18),
                                        -3f,
                                        -1f,
                                        -0.5f,
                                        0f,
                                        0.25f,
                                        1f,
                                        2.5f,
                                        20f,
                                        Float.POSITIVE_INFINITY,
                                        Float.NEGATIVE_INFINITY,
                                        Float.NaN,
                                        0.5f,
                                        1.5f,
                                        2.5f,
                                        -0.5f,
                                        -1.5f,
                                        -2.500001f,
                                        0.49999997f))
                        .expect(f32(
                                dims(18),
                                -3f,
                                -1f,
                                0f,
                                0f,
                                0f,
                                1f,
                                2f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.NEGATIVE_INFINITY,
                                Float.NaN,
                                0f,
                                2f,
                                2f,
                                0f,
                                -2f,
                                -3f,
                                0f)));
    }
}

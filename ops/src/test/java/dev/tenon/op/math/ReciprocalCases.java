package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Reciprocal}. */
public final class ReciprocalCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Reciprocal(),
                OpCase.of(
                                "known values",
                                new Reciprocal(),
                                f32(
                                        dims(11),
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
                                        Float.NaN))
                        .expect(f32(
                                dims(11),
                                -0.33333334f,
                                -1f,
                                -2f,
                                Float.POSITIVE_INFINITY,
                                4f,
                                1f,
                                0.4f,
                                0.05f,
                                0f,
                                -0f,
                                Float.NaN)));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Softsign}. */
public final class SoftsignCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Softsign(),
                OpCase.of(
                                "known values",
                                new Softsign(),
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
                                -0.75f,
                                -0.5f,
                                -0.33333334f,
                                0f,
                                0.2f,
                                0.5f,
                                0.71428573f,
                                0.95238096f,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN)));
    }
}

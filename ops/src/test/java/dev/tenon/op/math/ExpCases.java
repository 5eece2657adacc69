package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Exp}. */
public final class ExpCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Exp(),
                OpCase.of(
                                "known values",
                                new Exp(),
                                f32(
                                        dims(13),
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
                                        -100f,
                                        89f))
                        .expect(f32(
                                dims(13),
                                0.049787067f,
                                0.36787945f,
                                0.60653067f,
                                1f,
                                1.2840254f,
                                2.7182817f,
                                12.182494f,
                                485165200f,
                                Float.POSITIVE_INFINITY,
                                0f,
                                Float.NaN,
                                3.8e-44f,
                                Float.POSITIVE_INFINITY)));
    }
}

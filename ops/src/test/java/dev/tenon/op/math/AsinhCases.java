package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Asinh}. */
public final class AsinhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Asinh(),
                OpCase.of(
                                "known values",
                                new Asinh(),
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
                                        1e-10f,
                                        1e+30f))
                        .expect(f32(
                                dims(13),
                                -1.8184465f,
                                -0.8813736f,
                                -0.4812118f,
                                0f,
                                0.24746646f,
                                0.8813736f,
                                1.6472311f,
                                3.689504f,
                                Float.POSITIVE_INFINITY,
                                Float.NEGATIVE_INFINITY,
                                Float.NaN,
                                1e-10f,
                                69.7707f)));
    }
}

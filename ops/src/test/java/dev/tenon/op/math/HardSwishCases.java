package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link HardSwish}. */
public final class HardSwishCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new HardSwish(),
                OpCase.of(
                                "known values",
                                new HardSwish(),
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
                                        3f,
                                        -2.75f))
                        .expect(f32(
                                dims(13),
                                0f,
                                -0.33333334f,
                                -0.20833333f,
                                0f,
                                0.13541667f,
                                0.6666667f,
                                2.2916667f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN,
                                3f,
                                -0.114583336f)));
    }
}

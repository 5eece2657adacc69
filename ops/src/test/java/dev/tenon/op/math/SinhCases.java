package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sinh}. */
public final class SinhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Sinh(),
                OpCase.of(
                                "known values",
                                new Sinh(),
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
                                -10.017875f,
                                -1.1752012f,
                                -0.5210953f,
                                0f,
                                0.25261232f,
                                1.1752012f,
                                6.0502043f,
                                242582600f,
                                Float.POSITIVE_INFINITY,
                                Float.NEGATIVE_INFINITY,
                                Float.NaN)));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Atan}. */
public final class AtanCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Atan(),
                OpCase.of(
                                "known values",
                                new Atan(),
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
                                -1.2490457f,
                                -0.7853982f,
                                -0.4636476f,
                                0f,
                                0.24497867f,
                                0.7853982f,
                                1.19029f,
                                1.5208379f,
                                1.5707964f,
                                -1.5707964f,
                                Float.NaN)));
    }
}

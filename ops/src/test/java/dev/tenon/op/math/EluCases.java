package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Elu}. */
public final class EluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Elu(1f),
                OpCase.of(
                                "default alpha",
                                new Elu(1f),
                                f32(
                                        dims(12),
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
                                        -1e-10f))
                        .expect(f32(
                                dims(12),
                                -0.95021296f,
                                -0.63212055f,
                                -0.39346933f,
                                0f,
                                0.25f,
                                1f,
                                2.5f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                -1f,
                                Float.NaN,
                                -1e-10f)),
                OpCase.of(
                                "alpha 2.5",
                                new Elu(2.5f),
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
                                -2.3755324f,
                                -1.5803014f,
                                -0.98367333f,
                                0f,
                                0.25f,
                                1f,
                                2.5f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                -2.5f,
                                Float.NaN)));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link HardSigmoid}. */
public final class HardSigmoidCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new HardSigmoid(0.2f, 0.5f),
                OpCase.of(
                                "default attributes",
                                new HardSigmoid(0.2f, 0.5f),
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
                                        -2.4999f,
                                        2.4999f))
                        .expect(f32(
                                dims(13),
                                0f,
                                0.3f,
                                0.4f,
                                0.5f,
                                0.55f,
                                0.7f,
                                1f,
                                1f,
                                1f,
                                0f,
                                Float.NaN,
                                1.9972027e-05f,
                                0.99998003f)),
                OpCase.of(
                                "alpha 0.5, beta 0.25",
                                new HardSigmoid(0.5f, 0.25f),
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
                        .expect(f32(dims(11), 0f, 0f, 0f, 0.25f, 0.375f, 0.75f, 1f, 1f, 1f, 0f, Float.NaN)));
    }
}

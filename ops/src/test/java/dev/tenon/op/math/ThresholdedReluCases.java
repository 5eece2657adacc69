package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ThresholdedRelu}. */
public final class ThresholdedReluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new ThresholdedRelu(1f),
                OpCase.of(
                                "default alpha",
                                new ThresholdedRelu(1f),
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
                        .expect(f32(dims(11), 0f, 0f, 0f, 0f, 0f, 0f, 2.5f, 20f, Float.POSITIVE_INFINITY, 0f, 0f)),
                OpCase.of(
                                "alpha below 0",
                                new ThresholdedRelu(-0.75f),
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
                                dims(11), 0f, 0f, -0.5f, 0f, 0.25f, 1f, 2.5f, 20f, Float.POSITIVE_INFINITY, 0f, 0f)));
    }
}

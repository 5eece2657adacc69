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
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), 0f, 0f, 0f, 0f, 0f, 0f, 2.5f, 20f, Float.POSITIVE_INFINITY, 0f, 0f)),
                OpCase.of(
                                "alpha below 0",
                                new ThresholdedRelu(-0.75f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "0 0 -0.5 0 0.25 1 2.5 20 Infinity 0 0")));
    }
}

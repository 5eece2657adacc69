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
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -2.4999 2.4999"))
                        .expect(f32(dims(13), "0 0.3 0.4 0.5 0.55 0.7 1 1 1 0 NaN 1.9972027e-05 0.99998003")),
                OpCase.of(
                                "alpha 0.5, beta 0.25",
                                new HardSigmoid(0.5f, 0.25f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), 0f, 0f, 0f, 0.25f, 0.375f, 0.75f, 1f, 1f, 1f, 0f, Float.NaN)));
    }
}

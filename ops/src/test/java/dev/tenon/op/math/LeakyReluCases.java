package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LeakyRelu}. */
public final class LeakyReluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new LeakyRelu(0.01f),
                OpCase.of(
                                "default slope",
                                new LeakyRelu(0.01f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-0.03 -0.01 -0.005 0 0.25 1 2.5 20 Infinity -Infinity NaN")),
                OpCase.of(
                                "slope 0.5",
                                new LeakyRelu(0.5f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-1.5 -0.5 -0.25 0 0.25 1 2.5 20 Infinity -Infinity NaN")));
    }
}

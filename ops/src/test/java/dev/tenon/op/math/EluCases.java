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
                                f32(dims(12), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -1e-10"))
                        .expect(f32(
                                dims(12),
                                "-0.95021296 -0.63212055 -0.39346933 0 0.25 1 2.5 20 Infinity -1 NaN -1e-10")),
                OpCase.of(
                                "alpha 2.5",
                                new Elu(2.5f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-2.3755324 -1.5803014 -0.98367333 0 0.25 1 2.5 20 Infinity -2.5 NaN")));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Tanh}. */
public final class TanhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Tanh(),
                OpCase.of(
                                "known values",
                                new Tanh(),
                                f32(dims(12), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 1e-20"))
                        .expect(f32(dims(12), """
                                -0.9950548 -0.7615942 -0.46211717 0
                                0.24491866 0.7615942 0.9866143 1
                                1 -1 NaN 1e-20""")));
    }
}

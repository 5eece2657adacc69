package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Tan}. */
public final class TanCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Tan(),
                OpCase.of("known values", new Tan(), f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                0.14254655 -1.5574077 -0.5463025 0 0.25534192
                                1.5574077 -0.7470223 2.237161 NaN NaN
                                NaN""")));
    }
}

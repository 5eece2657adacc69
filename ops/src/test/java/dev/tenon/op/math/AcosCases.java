package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Acos}. */
public final class AcosCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Acos(),
                OpCase.of(
                                "known values",
                                new Acos(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "NaN 3.1415927 2.0943952 1.5707964 1.3181161 0 NaN NaN NaN NaN NaN")));
    }
}

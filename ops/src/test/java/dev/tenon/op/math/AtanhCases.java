package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Atanh}. */
public final class AtanhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Atanh(),
                OpCase.of(
                                "known values",
                                new Atanh(),
                                f32(dims(12), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 1e-10"))
                        .expect(f32(
                                dims(12),
                                "NaN -Infinity -0.54930615 0 0.25541282 Infinity NaN NaN NaN NaN NaN 1e-10")));
    }
}

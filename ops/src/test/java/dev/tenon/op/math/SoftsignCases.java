package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Softsign}. */
public final class SoftsignCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Softsign(),
                OpCase.of(
                                "known values",
                                new Softsign(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-0.75 -0.5 -0.33333334 0 0.2 0.5 0.71428573 0.95238096 NaN NaN NaN")));
    }
}

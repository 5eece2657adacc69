package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link HardSwish}. */
public final class HardSwishCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new HardSwish(),
                OpCase.of(
                                "known values",
                                new HardSwish(),
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 3 -2.75"))
                        .expect(f32(dims(13), """
                                0 -0.33333334 -0.20833333 0
                                0.13541667 0.6666667 2.2916667 20
                                Infinity NaN NaN 3
                                -0.114583336""")));
    }
}

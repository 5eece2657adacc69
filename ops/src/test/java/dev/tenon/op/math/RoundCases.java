package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Round}. */
public final class RoundCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Round(),
                OpCase.of("known values", new Round(), f32(dims(18), """
                                        -3 -1 -0.5 0
                                        0.25 1 2.5 20
                                        Infinity -Infinity NaN 0.5
                                        1.5 2.5 -0.5 -1.5
                                        -2.500001 0.49999997"""))
                        .expect(f32(dims(18), "-3 -1 0 0 0 1 2 20 Infinity -Infinity NaN 0 2 2 0 -2 -3 0")));
    }
}

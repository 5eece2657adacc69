package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Exp}. */
public final class ExpCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Exp(),
                OpCase.of(
                                "known values",
                                new Exp(),
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -100 89"))
                        .expect(f32(dims(13), """
                                0.049787067 0.36787945 0.60653067 1
                                1.2840254 2.7182817 12.182494 485165200
                                Infinity 0 NaN 3.8e-44
                                Infinity""")));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sin}. */
public final class SinCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Sin(),
                OpCase.of(
                                "known values",
                                new Sin(),
                                f32(dims(12), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 100"))
                        .expect(f32(dims(12), """
                                -0.14112 -0.84147096 -0.47942555 0
                                0.24740396 0.84147096 0.5984721 0.9129453
                                NaN NaN NaN -0.50636566""")));
    }
}

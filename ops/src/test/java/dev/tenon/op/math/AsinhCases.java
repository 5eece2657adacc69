package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Asinh}. */
public final class AsinhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Asinh(),
                OpCase.of(
                                "known values",
                                new Asinh(),
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 1e-10 1e+30"))
                        .expect(f32(dims(13), """
                                -1.8184465 -0.8813736 -0.4812118 0 0.24746646
                                0.8813736 1.6472311 3.689504 Infinity -Infinity
                                NaN 1e-10 69.7707""")));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sinh}. */
public final class SinhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Sinh(),
                OpCase.of(
                                "known values",
                                new Sinh(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                -10.017875 -1.1752012 -0.5210953 0 0.25261232
                                1.1752012 6.0502043 242582600 Infinity -Infinity
                                NaN""")));
    }
}

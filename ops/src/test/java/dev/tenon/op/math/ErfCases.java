package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Erf}. */
public final class ErfCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Erf(),
                OpCase.of("known values", new Erf(), f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(
                                dims(11),
                                "-0.9999779 -0.8427008 -0.5204999 0 0.2763264 0.8427008 0.999593 1 1 -1 NaN")),
                OpCase.of("integers", new Erf(), i64(dims(5), -30, -1, 0, 1, 30))
                        .expect(i64(dims(5), -1, 0, 0, 0, 1)));
    }
}

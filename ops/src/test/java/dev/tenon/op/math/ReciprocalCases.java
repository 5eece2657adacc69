package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Reciprocal}. */
public final class ReciprocalCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Reciprocal(),
                OpCase.of(
                                "known values",
                                new Reciprocal(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-0.33333334 -1 -2 Infinity 4 1 0.4 0.05 0 -0 NaN")));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Cos}. */
public final class CosCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Cos(),
                OpCase.of(
                                "known values",
                                new Cos(),
                                f32(dims(12), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 100"))
                        .expect(f32(dims(12), """
                                -0.9899925 0.5403023 0.87758255 1 0.9689124
                                0.5403023 -0.8011436 0.40808207 NaN NaN
                                NaN 0.8623189""")));
    }
}

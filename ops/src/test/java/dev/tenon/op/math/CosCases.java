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
                                f32(
                                        dims(12),
                                        -3f,
                                        -1f,
                                        -0.5f,
                                        0f,
                                        0.25f,
                                        1f,
                                        2.5f,
                                        20f,
                                        Float.POSITIVE_INFINITY,
                                        Float.NEGATIVE_INFINITY,
                                        Float.NaN,
                                        100f))
                        .expect(f32(
                                dims(12),
                                -0.9899925f,
                                0.5403023f,
                                0.87758255f,
                                1f,
                                0.9689124f,
                                0.5403023f,
                                -0.8011436f,
                                0.40808207f,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                0.8623189f)));
    }
}

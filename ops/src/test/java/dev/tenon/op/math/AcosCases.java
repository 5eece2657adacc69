package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Acos}. */
public final class AcosCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Acos(),
                OpCase.of(
                                "known values",
                                new Acos(),
                                f32(
                                        dims(11),
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
                                        Float.NaN))
                        .expect(f32(
                                dims(11),
                                Float.NaN,
                                3.1415927f,
                                2.0943952f,
                                1.5707964f,
                                1.3181161f,
                                0f,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN)));
    }
}

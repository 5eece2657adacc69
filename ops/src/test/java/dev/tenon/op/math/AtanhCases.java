package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Atanh}. */
public final class AtanhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Atanh(),
                OpCase.of(
                                "known values",
                                new Atanh(),
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
                                        1e-10f))
                        .expect(f32(
                                dims(12),
                                Float.NaN,
                                Float.NEGATIVE_INFINITY,
                                -0.54930615f,
                                0f,
                                0.25541282f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                1e-10f)));
    }
}

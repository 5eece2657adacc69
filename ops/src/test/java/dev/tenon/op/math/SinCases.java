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
                                -0.14112f,
                                -0.84147096f,
                                -0.47942555f,
                                0f,
                                0.24740396f,
                                0.84147096f,
                                0.5984721f,
                                0.9129453f,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                -0.50636566f)));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Mish}. */
public final class MishCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Mish(),
                OpCase.of(
                                "known values",
                                new Mish(),
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
                                -0.14564747f,
                                -0.30340147f,
                                -0.22074378f,
                                0f,
                                0.16957241f,
                                0.8650984f,
                                2.4713924f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN)));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Softplus}. */
public final class SoftplusCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Softplus(),
                OpCase.of(
                                "known values",
                                new Softplus(),
                                f32(
                                        dims(13),
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
                                        -50f,
                                        100f))
                        .expect(f32(
                                dims(13),
                                0.048587352f,
                                0.3132617f,
                                0.474077f,
                                0.6931472f,
                                0.8259394f,
                                1.3132616f,
                                2.5788898f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                0f,
                                Float.NaN,
                                1.9287499e-22f,
                                100f)));
    }
}

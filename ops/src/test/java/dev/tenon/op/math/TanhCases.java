package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Tanh}. */
public final class TanhCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Tanh(),
                OpCase.of(
                                "known values",
                                new Tanh(),
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
                                        1e-20f))
                        .expect(f32(
                                dims(12),
                                -0.9950548f,
                                -0.7615942f,
                                -0.46211717f,
                                0f,
                                0.24491866f,
                                0.7615942f,
                                0.9866143f,
                                1f,
                                1f,
                                -1f,
                                Float.NaN,
                                1e-20f)));
    }
}

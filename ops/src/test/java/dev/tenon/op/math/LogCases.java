package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Log}. */
public final class LogCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Log(),
                OpCase.of(
                                "known values",
                                new Log(),
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
                                        1e-40f,
                                        1.0000001f))
                        .expect(f32(
                                dims(13),
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                Float.NEGATIVE_INFINITY,
                                -1.3862944f,
                                0f,
                                0.91629076f,
                                2.9957323f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN,
                                -92.10341f,
                                1.1920928e-07f)));
    }
}

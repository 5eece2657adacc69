package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Erf}. */
public final class ErfCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Erf(),
                OpCase.of(
                                "known values",
                                new Erf(),
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
                                -0.9999779f,
                                -0.8427008f,
                                -0.5204999f,
                                0f,
                                0.2763264f,
                                0.8427008f,
                                0.999593f,
                                1f,
                                1f,
                                -1f,
                                Float.NaN)),
                OpCase.of("integers", new Erf(), i64(dims(5), -30, -1, 0, 1, 30))
                        .expect(i64(dims(5), -1, 0, 0, 0, 1)));
    }
}

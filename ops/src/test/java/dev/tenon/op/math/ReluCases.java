package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Relu}. */
public final class ReluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Relu(),
                OpCase.of(
                                "known values",
                                new Relu(),
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
                                0f,
                                0f,
                                0f,
                                0f,
                                0.25f,
                                1f,
                                2.5f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                0f,
                                Float.NaN)),
                OpCase.of("integers", new Relu(), i64(dims(4), -3, 0, 7, Long.MIN_VALUE))
                        .expect(i64(dims(4), 0, 0, 7, 0)));
    }
}

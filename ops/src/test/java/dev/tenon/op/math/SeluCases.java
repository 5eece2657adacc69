package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Selu}. */
public final class SeluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Selu(1.6732632f, 1.050701f),
                OpCase.of(
                                "default attributes",
                                new Selu(1.6732632f, 1.050701f),
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
                                -1.6705687f,
                                -1.1113307f,
                                -0.6917582f,
                                0f,
                                0.26267526f,
                                1.050701f,
                                2.6267526f,
                                21.01402f,
                                Float.POSITIVE_INFINITY,
                                -1.7580993f,
                                Float.NaN)),
                OpCase.of(
                                "alpha 2, gamma 3",
                                new Selu(2f, 3f),
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
                                -5.7012777f,
                                -3.7927234f,
                                -2.360816f,
                                0f,
                                0.75f,
                                3f,
                                7.5f,
                                60f,
                                Float.POSITIVE_INFINITY,
                                -6f,
                                Float.NaN)));
    }
}

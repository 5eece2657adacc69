package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Gelu}. */
public final class GeluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Gelu("tanh"),
                OpCase.of(
                                "by erf",
                                new Gelu("none"),
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
                                        -5f))
                        .expect(f32(
                                dims(12),
                                -0.004049694f,
                                -0.15865526f,
                                -0.15426877f,
                                0f,
                                0.14967658f,
                                0.8413448f,
                                2.4844759f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN,
                                -1.4332578e-06f)),
                OpCase.of(
                                "by tanh",
                                new Gelu("tanh"),
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
                                        -5f))
                        .expect(f32(
                                dims(12),
                                -0.003637392f,
                                -0.15880801f,
                                -0.154286f,
                                0f,
                                0.14967535f,
                                0.841192f,
                                2.4849157f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN,
                                -2.2917962e-07f)),
                OpCase.of("by erf, shapes", new Gelu("none"), random(DType.FLOAT32, 5, 3, 67)),
                OpCase.of("by erf, doubles", new Gelu("none"), random(DType.FLOAT64, 6, 50)));
    }
}

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
                                f32(dims(12), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -5"))
                        .expect(f32(dims(12), """
                                -0.004049694 -0.15865526 -0.15426877
                                0 0.14967658 0.8413448
                                2.4844759 20 Infinity
                                NaN NaN -1.4332578e-06""")),
                OpCase.of(
                                "by tanh",
                                new Gelu("tanh"),
                                f32(dims(12), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -5"))
                        .expect(f32(dims(12), """
                                -0.003637392 -0.15880801 -0.154286
                                0 0.14967535 0.841192
                                2.4849157 20 Infinity
                                NaN NaN -2.2917962e-07""")),
                OpCase.of("by erf, shapes", new Gelu("none"), random(DType.FLOAT32, 5, 3, 67)),
                OpCase.of("by erf, doubles", new Gelu("none"), random(DType.FLOAT64, 6, 50)));
    }
}

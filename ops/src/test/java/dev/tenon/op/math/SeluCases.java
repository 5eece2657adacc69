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
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                -1.6705687 -1.1113307 -0.6917582 0 0.26267526
                                1.050701 2.6267526 21.01402 Infinity -1.7580993
                                NaN""")),
                OpCase.of(
                                "alpha 2, gamma 3",
                                new Selu(2f, 3f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-5.7012777 -3.7927234 -2.360816 0 0.75 3 7.5 60 Infinity -6 NaN")));
    }
}

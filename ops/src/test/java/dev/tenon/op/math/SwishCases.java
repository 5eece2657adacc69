package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Swish}. */
public final class SwishCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Swish(1f),
                OpCase.of(
                                "default alpha",
                                new Swish(1f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                -0.14227761 -0.26894143 -0.18877034 0
                                0.14054413 0.7310586 2.3103545 20
                                Infinity NaN NaN""")),
                OpCase.of(
                                "alpha 1.5",
                                new Swish(1.5f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                -0.03296083 -0.18242553 -0.16041066 0
                                0.14816666 0.8175745 2.4425566 20
                                Infinity NaN NaN""")));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Mish}. */
public final class MishCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Mish(),
                OpCase.of(
                                "known values",
                                new Mish(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                -0.14564747 -0.30340147 -0.22074378 0
                                0.16957241 0.8650984 2.4713924 20
                                Infinity NaN NaN""")));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Atan}. */
public final class AtanCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Atan(),
                OpCase.of(
                                "known values",
                                new Atan(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                -1.2490457 -0.7853982 -0.4636476 0 0.24497867
                                0.7853982 1.19029 1.5208379 1.5707964 -1.5707964
                                NaN""")));
    }
}

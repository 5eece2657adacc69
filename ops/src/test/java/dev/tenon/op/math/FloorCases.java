package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Floor}. */
public final class FloorCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Floor(),
                OpCase.of(
                                "known values",
                                new Floor(),
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -0.75 1000000000"))
                        .expect(f32(dims(13), "-3 -1 -1 0 0 1 2 20 Infinity -Infinity NaN -1 1000000000")));
    }
}

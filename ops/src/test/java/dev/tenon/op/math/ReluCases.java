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
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "0 0 0 0 0.25 1 2.5 20 Infinity 0 NaN")),
                OpCase.of("integers", new Relu(), i64(dims(4), -3, 0, 7, Long.MIN_VALUE))
                        .expect(i64(dims(4), 0, 0, 7, 0)));
    }
}

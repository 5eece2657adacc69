package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Mul}. */
public final class MulCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Mul(),
                OpCase.of(
                                "known values",
                                new Mul(),
                                f32(dims(8), 1f, -2f, 3.5f, Float.POSITIVE_INFINITY, Float.NaN, 0f, 1e+38f, -0.1f),
                                f32(dims(8), 2f, 0.5f, -7f, Float.POSITIVE_INFINITY, 1f, 0f, 3e+38f, 0.3f))
                        .expect(f32(dims(8), "2 -1 -24.5 Infinity NaN 0 Infinity -0.030000001")),
                OpCase.of("integers wrap around", new Mul(), i64(dims(2), Long.MAX_VALUE, -3), i64(dims(), 2))
                        .expect(i64(dims(2), -2, -6)));
    }
}

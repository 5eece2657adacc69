package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sign}. */
public final class SignCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Sign(),
                OpCase.of(
                                "known values",
                                new Sign(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), -1f, -1f, -1f, 0f, 1f, 1f, 1f, 1f, 1f, -1f, Float.NaN)),
                OpCase.of("integers", new Sign(), i64(dims(4), -3, 0, 7, Long.MIN_VALUE))
                        .expect(i64(dims(4), -1, 0, 1, -1)),
                OpCase.of("unsigned", new Sign(), ints(DType.UINT64, dims(3), -1, 0, 7))
                        .expect(ints(DType.UINT64, dims(3), 1, 0, 1)));
    }
}

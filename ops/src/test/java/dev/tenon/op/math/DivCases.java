package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Div}. */
public final class DivCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Div(),
                OpCase.of(
                                "known values",
                                new Div(),
                                f32(dims(8), 1f, -2f, 3.5f, Float.POSITIVE_INFINITY, Float.NaN, 0f, 1e+38f, -0.1f),
                                f32(dims(8), 2f, 0.5f, -7f, Float.POSITIVE_INFINITY, 1f, 0f, 3e+38f, 0.3f))
                        .expect(f32(dims(8), "0.5 -4 -0.5 NaN NaN NaN 0.3333333 -0.3333333")),
                OpCase.of(
                                "integers are truncated",
                                new Div(),
                                i64(dims(5), 7, -7, 7, -7, Long.MIN_VALUE),
                                i64(dims(5), 2, 2, -2, -2, -1))
                        .expect(i64(dims(5), 3, -3, -3, 3, Long.MIN_VALUE)),
                OpCase.of(
                                "integers divided by 0",
                                new Div(),
                                ints(DType.INT32, dims(2), 7, 0),
                                ints(DType.INT32, dims(1), 0))
                        .expect(ints(DType.INT32, dims(2), 0, 0)),
                OpCase.of(
                                "large unsigned",
                                new Div(),
                                ints(DType.UINT64, dims(2), -2, 9),
                                ints(DType.UINT64, dims(2), 2, -1))
                        .expect(ints(DType.UINT64, dims(2), Long.MAX_VALUE, 0)));
    }
}

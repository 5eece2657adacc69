package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Add}. */
public final class AddCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Add(),
                OpCase.of(
                                "known values",
                                new Add(),
                                f32(dims(8), 1f, -2f, 3.5f, Float.POSITIVE_INFINITY, Float.NaN, 0f, 1e+38f, -0.1f),
                                f32(dims(8), 2f, 0.5f, -7f, Float.POSITIVE_INFINITY, 1f, 0f, 3e+38f, 0.3f))
                        .expect(f32(dims(8), "3 -1.5 -3.5 Infinity NaN 0 Infinity 0.20000002")),
                OpCase.of(
                                "integers wrap around",
                                new Add(),
                                ints(DType.INT8, dims(3), 127, -128, 5),
                                ints(DType.INT8, dims(3), 1, -1, 6))
                        .expect(ints(DType.INT8, dims(3), -128, 127, 11)),
                OpCase.of(
                                "unsigned wrap around",
                                new Add(),
                                ints(DType.UINT8, dims(2), 255, 3),
                                ints(DType.UINT8, dims(1), 2))
                        .expect(ints(DType.UINT8, dims(2), 1, 5)));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sub}. */
public final class SubCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Sub(),
                OpCase.of(
                                "known values",
                                new Sub(),
                                f32(dims(8), 1f, -2f, 3.5f, Float.POSITIVE_INFINITY, Float.NaN, 0f, 1e+38f, -0.1f),
                                f32(dims(8), 2f, 0.5f, -7f, Float.POSITIVE_INFINITY, 1f, 0f, 3e+38f, 0.3f))
                        .expect(f32(dims(8), -1f, -2.5f, 10.5f, Float.NaN, Float.NaN, 0f, -2.0000001e+38f, -0.4f)),
                OpCase.of(
                                "unsigned wrap around",
                                new Sub(),
                                ints(DType.UINT16, dims(2), 0, 3),
                                ints(DType.UINT16, dims(1), 2))
                        .expect(ints(DType.UINT16, dims(2), 65534, 1)));
    }
}

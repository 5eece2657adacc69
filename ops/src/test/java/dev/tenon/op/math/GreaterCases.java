package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Greater}. */
public final class GreaterCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Greater(),
                OpCase.of(
                                "known values",
                                new Greater(),
                                f32(dims(7), "1 2 3 NaN Infinity -Infinity 0"),
                                f32(dims(7), 2f, 2f, 2f, Float.NaN, Float.POSITIVE_INFINITY, 0f, -0f))
                        .expect(Tensor.of(new boolean[] {false, false, true, false, false, false, false})),
                OpCase.of(
                                "large unsigned",
                                new Greater(),
                                ints(DType.UINT64, dims(2), -1, 3),
                                ints(DType.UINT64, dims(1), 5))
                        .expect(Tensor.of(new boolean[] {true, false})));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Max}. */
public final class MaxCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.variadic(
                new Max(),
                OpCase.of(
                                "three operands",
                                new Max(),
                                f32(dims(4), 1f, 5f, Float.NaN, Float.NEGATIVE_INFINITY),
                                f32(dims(4), 2f, 4f, 1f, 3f),
                                f32(dims(4), 0f, 6f, 2f, Float.POSITIVE_INFINITY))
                        .expect(f32(dims(4), 2f, 6f, Float.NaN, Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "large unsigned",
                                new Max(),
                                ints(DType.UINT64, dims(2), -1, 3),
                                ints(DType.UINT64, dims(2), 1, 4))
                        .expect(ints(DType.UINT64, dims(2), -1, 4)));
    }
}

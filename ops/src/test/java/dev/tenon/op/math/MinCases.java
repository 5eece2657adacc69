package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Min}. */
public final class MinCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.variadic(
                new Min(),
                OpCase.of(
                                "three operands",
                                new Min(),
                                f32(dims(4), 1f, 5f, Float.NaN, Float.NEGATIVE_INFINITY),
                                f32(dims(4), 2f, 4f, 1f, 3f),
                                f32(dims(4), 0f, 6f, 2f, Float.POSITIVE_INFINITY))
                        .expect(f32(dims(4), 0f, 4f, Float.NaN, Float.NEGATIVE_INFINITY)),
                OpCase.of(
                                "large unsigned",
                                new Min(),
                                ints(DType.UINT64, dims(2), -1, 3),
                                ints(DType.UINT64, dims(2), 1, 4))
                        .expect(ints(DType.UINT64, dims(2), 1, 3)));
    }
}

package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sum}. */
public final class SumCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.variadic(
                new Sum(),
                OpCase.of(
                                "three operands",
                                new Sum(),
                                f32(dims(4), 1f, 5f, Float.NaN, Float.NEGATIVE_INFINITY),
                                f32(dims(4), 2f, 4f, 1f, 3f),
                                f32(dims(4), 0f, 6f, 2f, Float.POSITIVE_INFINITY))
                        .expect(f32(dims(4), 3f, 15f, Float.NaN, Float.NaN)));
    }
}

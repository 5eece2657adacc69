package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Tan}. */
public final class TanCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Tan(),
                OpCase.of(
                                "known values",
                                new Tan(),
                                f32(
                                        dims(11),
                                        -3f,
                                        -1f,
                                        -0.5f,
                                        0f,
                                        0.25f,
                                        1f,
                                        2.5f,
                                        20f,
                                        Float.POSITIVE_INFINITY,
                                        Float.NEGATIVE_INFINITY,
                                        Float.NaN))
                        .expect(f32(
                                dims(11),
                                0.14254655f,
                                -1.5574077f,
                                -0.5463025f,
                                0f,
                                0.25534192f,
                                1.5574077f,
                                -0.7470223f,
                                2.237161f,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN)));
    }
}

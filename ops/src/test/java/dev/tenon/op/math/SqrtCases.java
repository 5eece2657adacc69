package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sqrt}. */
public final class SqrtCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Sqrt(),
                OpCase.of(
                                "known values",
                                new Sqrt(),
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
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                0f,
                                0.5f,
                                1f,
                                1.5811388f,
                                4.472136f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN)));
    }
}

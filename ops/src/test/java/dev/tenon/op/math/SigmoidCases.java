package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Sigmoid}. */
public final class SigmoidCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Sigmoid(),
                OpCase.of(
                                "known values",
                                new Sigmoid(),
                                f32(
                                        dims(13),
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
                                        Float.NaN,
                                        -100f,
                                        -30f))
                        .expect(f32(
                                dims(13),
                                0.047425874f,
                                0.26894143f,
                                0.37754068f,
                                0.5f,
                                0.5621765f,
                                0.7310586f,
                                0.9241418f,
                                1f,
                                1f,
                                0f,
                                Float.NaN,
                                3.8e-44f,
                                9.357623e-14f)));
    }
}

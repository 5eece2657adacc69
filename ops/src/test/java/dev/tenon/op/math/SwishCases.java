package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Swish}. */
public final class SwishCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Swish(1f),
                OpCase.of(
                                "default alpha",
                                new Swish(1f),
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
                                -0.14227761f,
                                -0.26894143f,
                                -0.18877034f,
                                0f,
                                0.14054413f,
                                0.7310586f,
                                2.3103545f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN)),
                OpCase.of(
                                "alpha 1.5",
                                new Swish(1.5f),
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
                                -0.03296083f,
                                -0.18242553f,
                                -0.16041066f,
                                0f,
                                0.14816666f,
                                0.8175745f,
                                2.4425566f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN)));
    }
}

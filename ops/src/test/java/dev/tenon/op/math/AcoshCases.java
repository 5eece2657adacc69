package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Acosh}. */
public final class AcoshCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Acosh(),
                OpCase.of(
                                "known values",
                                new Acosh(),
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
                                        1.0000001f,
                                        1e+30f))
                        .expect(f32(
                                dims(13),
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                Float.NaN,
                                0f,
                                1.5667993f,
                                3.6882539f,
                                Float.POSITIVE_INFINITY,
                                Float.NaN,
                                Float.NaN,
                                0.00048828125f,
                                69.7707f)),
                OpCase.of("far below 1", new Acosh(), f32(dims(2), -1e+30f, -Float.MAX_VALUE))
                        .expect(f32(dims(2), Float.NaN, Float.NaN)));
    }
}

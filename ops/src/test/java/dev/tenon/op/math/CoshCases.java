package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Cosh}. */
public final class CoshCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Cosh(),
                OpCase.of(
                                "known values",
                                new Cosh(),
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
                                10.067662f,
                                1.5430807f,
                                1.127626f,
                                1f,
                                1.0314131f,
                                1.5430807f,
                                6.1322894f,
                                242582600f,
                                Float.POSITIVE_INFINITY,
                                Float.POSITIVE_INFINITY,
                                Float.NaN)));
    }
}

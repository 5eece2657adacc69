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
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 1.0000001 1e+30"))
                        .expect(f32(dims(13), """
                                NaN NaN NaN NaN
                                NaN 0 1.5667993 3.6882539
                                Infinity NaN NaN 0.00048828125
                                69.7707""")),
                OpCase.of("far below 1", new Acosh(), f32(dims(2), -1e+30f, -Float.MAX_VALUE))
                        .expect(f32(dims(2), Float.NaN, Float.NaN)));
    }
}

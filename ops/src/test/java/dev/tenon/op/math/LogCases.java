package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Log}. */
public final class LogCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Log(),
                OpCase.of(
                                "known values",
                                new Log(),
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN 1e-40 1.0000001"))
                        .expect(f32(dims(13), """
                                NaN NaN NaN -Infinity
                                -1.3862944 0 0.91629076 2.9957323
                                Infinity NaN NaN -92.10341
                                1.1920928e-07""")));
    }
}

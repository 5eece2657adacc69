package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Softplus}. */
public final class SoftplusCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Softplus(),
                OpCase.of(
                                "known values",
                                new Softplus(),
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -50 100"))
                        .expect(f32(dims(13), """
                                0.048587352 0.3132617 0.474077 0.6931472
                                0.8259394 1.3132616 2.5788898 20
                                Infinity 0 NaN 1.9287499e-22
                                100""")));
    }
}

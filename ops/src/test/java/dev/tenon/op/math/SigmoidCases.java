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
                                f32(dims(13), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN -100 -30"))
                        .expect(f32(dims(13), """
                                0.047425874 0.26894143 0.37754068 0.5
                                0.5621765 0.7310586 0.9241418 1
                                1 0 NaN 3.8e-44
                                9.357623e-14""")));
    }
}

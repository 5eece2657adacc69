package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link IsInf}. */
public final class IsInfCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new IsInf(true, true),
                OpCase.of("both signs", new IsInf(true, true), f32(dims(7), "0 -1 Infinity -Infinity NaN 3e+38 1e-40"))
                        .expect(Tensor.of(new boolean[] {false, false, true, true, false, false, false})),
                OpCase.of(
                                "negative only",
                                new IsInf(true, false),
                                f32(dims(7), "0 -1 Infinity -Infinity NaN 3e+38 1e-40"))
                        .expect(Tensor.of(new boolean[] {false, false, false, true, false, false, false})),
                OpCase.of(
                                "positive only",
                                new IsInf(false, true),
                                f32(dims(7), "0 -1 Infinity -Infinity NaN 3e+38 1e-40"))
                        .expect(Tensor.of(new boolean[] {false, false, true, false, false, false, false})),
                OpCase.of("neither", new IsInf(false, false), f32(dims(7), "0 -1 Infinity -Infinity NaN 3e+38 1e-40"))
                        .expect(Tensor.of(new boolean[] {false, false, false, false, false, false, false})));
    }
}

package dev.tenon.op.math;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link And}. */
public final class AndCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new And(),
                OpCase.of(
                                "truth table",
                                new And(),
                                Tensor.of(new boolean[] {false, false, true, true}),
                                Tensor.of(new boolean[] {false, true, false, true}))
                        .expect(Tensor.of(new boolean[] {false, false, false, true})));
    }
}

package dev.tenon.op.math;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Xor}. */
public final class XorCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Xor(),
                OpCase.of(
                                "truth table",
                                new Xor(),
                                Tensor.of(new boolean[] {false, false, true, true}),
                                Tensor.of(new boolean[] {false, true, false, true}))
                        .expect(Tensor.of(new boolean[] {false, true, true, false})));
    }
}

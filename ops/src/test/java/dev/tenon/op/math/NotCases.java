package dev.tenon.op.math;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Not}. */
public final class NotCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Not(),
                OpCase.of("both values", new Not(), Tensor.of(new boolean[] {true, false, true}))
                        .expect(Tensor.of(new boolean[] {false, true, false})));
    }
}

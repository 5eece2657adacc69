package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BitwiseNot}. */
public final class BitwiseNotCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new BitwiseNot(),
                OpCase.of("signed", new BitwiseNot(), i64(dims(3), 0, -1, 5)).expect(i64(dims(3), -1, 0, -6)),
                OpCase.of("unsigned", new BitwiseNot(), ints(DType.UINT8, dims(3), 0, 255, 5))
                        .expect(ints(DType.UINT8, dims(3), 255, 0, 250)));
    }
}

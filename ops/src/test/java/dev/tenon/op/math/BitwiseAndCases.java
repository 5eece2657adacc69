package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BitwiseAnd}. */
public final class BitwiseAndCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new BitwiseAnd(),
                OpCase.of(
                                "known values",
                                new BitwiseAnd(),
                                ints(DType.INT16, dims(4), 12, -1, 5, 127),
                                ints(DType.INT16, dims(4), 10, 6, -8, 127))
                        .expect(ints(DType.INT16, dims(4), 8, 6, 0, 127)));
    }
}

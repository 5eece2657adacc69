package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BitwiseXor}. */
public final class BitwiseXorCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new BitwiseXor(),
                OpCase.of(
                                "known values",
                                new BitwiseXor(),
                                ints(DType.INT16, dims(4), 12, -1, 5, 127),
                                ints(DType.INT16, dims(4), 10, 6, -8, 127))
                        .expect(ints(DType.INT16, dims(4), 6, -7, -3, 0)));
    }
}

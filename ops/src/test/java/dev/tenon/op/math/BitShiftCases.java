package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BitShift}. */
public final class BitShiftCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new BitShift("LEFT"),
                OpCase.of(
                                "left",
                                new BitShift("LEFT"),
                                ints(DType.UINT8, dims(4), 1, 255, 3, 7),
                                ints(DType.UINT8, dims(4), 3, 1, 8, 200))
                        .expect(ints(DType.UINT8, dims(4), 8, 254, 0, 0)),
                OpCase.of(
                                "right",
                                new BitShift("RIGHT"),
                                ints(DType.UINT64, dims(4), -1, 9, 3, 7),
                                ints(DType.UINT64, dims(4), 63, 1, 64, -1))
                        .expect(ints(DType.UINT64, dims(4), 1, 4, 0, 0)),
                OpCase.of(
                        "right, bytes",
                        new BitShift("RIGHT"),
                        random(DType.UINT8, 3, 70),
                        ints(DType.UINT8, dims(1), 3)));
    }
}

package dev.tenon.op.contrib;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QLinearAdd}. */
public final class QLinearAddCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "zero points, halves round to even with the zero point",
                                new QLinearAdd(),
                                ints(DType.UINT8, dims(5), 10, 11, 12, 255, 0),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 10),
                                ints(DType.UINT8, dims(5), 1, 1, 4, 255, 0),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 1),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 3))
                        .expect(ints(DType.UINT8, dims(5), 3, 4, 7, 255, 0)),
                OpCase.of(
                                "signed, no zero points, broadcast",
                                new QLinearAdd(),
                                ints(DType.INT8, dims(2, 1), -100, 7),
                                f32(dims(1), 2),
                                null,
                                ints(DType.INT8, dims(3), -128, 0, 127),
                                f32(dims(1), 1),
                                null,
                                f32(dims(1), 2))
                        .expect(ints(DType.INT8, dims(2, 3), -128, -100, -36, -57, 7, 70)),
                OpCase.of(
                                "nothing",
                                new QLinearAdd(),
                                ints(DType.UINT8, dims(0, 4)),
                                f32(dims(), 0.5f),
                                null,
                                ints(DType.UINT8, dims(1), 1),
                                f32(dims(), 0.5f),
                                null,
                                f32(dims(), 0.5f),
                                null)
                        .expect(ints(DType.UINT8, dims(0, 4))),
                OpCase.of(
                                "two scales",
                                new QLinearAdd(),
                                ints(DType.UINT8, dims(2), 10, 11),
                                f32(dims(2), 0.5f, 1),
                                null,
                                ints(DType.UINT8, dims(2), 10, 11),
                                f32(dims(), 1),
                                null,
                                f32(dims(), 1))
                        .fails("a scalar or one element"));
    }
}

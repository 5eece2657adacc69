package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QLinearConv}. */
public final class QLinearConvCases implements OpCases {
    private static final Tensor IMAGE = ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10);
    private static final Tensor ONES = ints(DType.UINT8, dims(1, 1, 2, 2), 1, 1, 1, 1);

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "sums of a window",
                                QLinearConv.of(Attributes.none()),
                                IMAGE,
                                f32(dims(), 0.5f),
                                zero(DType.UINT8, 1),
                                ONES,
                                f32(dims(), 2),
                                zero(DType.UINT8, 0),
                                f32(dims(), 4),
                                zero(DType.UINT8, 100))
                        .expect(ints(DType.UINT8, dims(1, 1, 2, 2), 103, 104, 106, 107)),
                OpCase.of(
                                "padding is the zero point",
                                QLinearConv.of(Attributes.none().with("pads", new long[] {1, 1, 0, 0})),
                                IMAGE,
                                f32(dims(), 1),
                                zero(DType.UINT8, 1),
                                ONES,
                                f32(dims(), 1),
                                zero(DType.UINT8, 0),
                                f32(dims(), 1),
                                zero(DType.UINT8, 0))
                        .expect(ints(DType.UINT8, dims(1, 1, 3, 3), 1, 3, 5, 5, 12, 16, 11, 24, 28)),
                OpCase.of(
                                "halves round to even, bias, scales by channel",
                                QLinearConv.of(Attributes.none()),
                                ints(DType.INT8, dims(1, 1, 1), 3),
                                f32(dims(), 0.5f),
                                zero(DType.INT8, 0),
                                ints(DType.INT8, dims(4, 1, 1), 1, 1, 3, -3),
                                f32(dims(4), 1, 1, 1, 4),
                                ints(DType.INT8, dims(4), 0, 0, 1, 1),
                                f32(dims(), 1),
                                zero(DType.INT8, 1),
                                ints(DType.INT32, dims(4), 0, 2, 1, -100))
                        .expect(ints(DType.INT8, dims(1, 4, 1), 3, 3, 5, -128)),
                OpCase.of(
                                "groups",
                                QLinearConv.of(Attributes.none().with("group", 2)),
                                ints(DType.UINT8, dims(1, 2, 2), 1, 2, 3, 4),
                                f32(dims(1), 1),
                                zero(DType.UINT8, 0),
                                ints(DType.INT8, dims(2, 1, 1), 5, -1),
                                f32(dims(1), 1),
                                zero(DType.INT8, 0),
                                f32(dims(1), 1),
                                zero(DType.UINT8, 20))
                        .expect(ints(DType.UINT8, dims(1, 2, 2), 25, 30, 17, 16)),
                OpCase.of(
                                "no instances",
                                QLinearConv.of(Attributes.none()),
                                ints(DType.UINT8, dims(0, 1, 3, 3)),
                                f32(dims(), 1),
                                zero(DType.UINT8, 1),
                                ONES,
                                f32(dims(), 1),
                                zero(DType.UINT8, 0),
                                f32(dims(), 1),
                                zero(DType.UINT8, 0))
                        .expect(ints(DType.UINT8, dims(0, 1, 2, 2))),
                OpCase.of(
                                "two scales of the input",
                                QLinearConv.of(Attributes.none()),
                                IMAGE,
                                f32(dims(2), 1, 2),
                                zero(DType.UINT8, 1),
                                ONES,
                                f32(dims(), 1),
                                zero(DType.UINT8, 0),
                                f32(dims(), 1),
                                zero(DType.UINT8, 0))
                        .fails("'x_scale' has shape [2]"),
                OpCase.of(
                                "scales of the weights do not fit",
                                QLinearConv.of(Attributes.none()),
                                IMAGE,
                                f32(dims(), 1),
                                zero(DType.UINT8, 1),
                                ONES,
                                f32(dims(3), 1, 1, 1),
                                zero(DType.UINT8, 0),
                                f32(dims(), 1),
                                zero(DType.UINT8, 0))
                        .fails("'w_scale' has shape [3]; allowed [1]"),
                OpCase.of(
                                "channels do not fit",
                                QLinearConv.of(Attributes.none()),
                                IMAGE,
                                f32(dims(), 1),
                                zero(DType.UINT8, 1),
                                ints(DType.UINT8, dims(1, 2, 1, 1), 1, 1),
                                f32(dims(), 1),
                                zero(DType.UINT8, 0),
                                f32(dims(), 1),
                                zero(DType.UINT8, 0))
                        .fails("an input of 2 channels"));
    }

    private static Tensor zero(DType type, long value) {
        return ints(type, dims(), value);
    }
}

package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ConvInteger}. */
public final class ConvIntegerCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "zero point",
                                ConvInteger.of(Attributes.none()),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.UINT8, dims(1, 1, 2, 2), 1, 1, 1, 1),
                                ints(DType.UINT8, dims(), 1))
                        .expect(ints(DType.INT32, dims(1, 1, 2, 2), 12, 16, 24, 28)),
                OpCase.of(
                                "padding is the zero point",
                                ConvInteger.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1})),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.UINT8, dims(1, 1, 2, 2), 1, 1, 1, 1),
                                ints(DType.UINT8, dims(), 1))
                        .expect(ints(DType.INT32, dims(1, 1, 4, 4), "1 3 5 3 5 12 16 9 11 24 28 15 7 15 17 9")),
                OpCase.of(
                                "no zero points",
                                ConvInteger.of(Attributes.none()),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.INT8, dims(2, 1, 2, 2), 1, -1, 2, 0, -128, 3, 4, 127))
                        .expect(ints(DType.INT32, dims(1, 2, 2, 2), 9, 11, 15, 17, 535, 541, 553, 559)),
                OpCase.of(
                                "zero point of the weights",
                                ConvInteger.of(Attributes.none()),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.INT8, dims(2, 1, 2, 2), 1, -1, 2, 0, -128, 3, 4, 127),
                                ints(DType.UINT8, dims(), 3),
                                ints(DType.INT8, dims(), 2))
                        .expect(ints(DType.INT32, dims(1, 2, 2, 2), -5, -11, -23, -29, 509, 507, 503, 501)),
                OpCase.of(
                                "zero point by channel",
                                ConvInteger.of(Attributes.none().with("strides", new long[] {2, 1})),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.INT8, dims(2, 1, 2, 2), 1, -1, 2, 0, -128, 3, 4, 127),
                                ints(DType.UINT8, dims(), 3),
                                ints(DType.INT8, dims(2), 1, -1))
                        .expect(ints(DType.INT32, dims(1, 2, 1, 2), -1, -3, 521, 531)),
                OpCase.of(
                                "groups",
                                ConvInteger.of(Attributes.none().with("group", 2)),
                                ints(DType.INT8, dims(2, 2, 2, 2), "-8 -7 -6 -5 -4 -3 -2 -1 0 1 2 3 4 5 6 7"),
                                ints(DType.INT8, dims(2, 1, 1, 2), 1, 2, 3, -4))
                        .expect(ints(DType.INT32, dims(2, 2, 2, 1), -22, -16, 0, -2, 2, 8, -8, -10)),
                OpCase.of(
                                "no instances",
                                ConvInteger.of(Attributes.none()),
                                ints(DType.UINT8, dims(0, 1, 2, 2)),
                                ints(DType.UINT8, dims(1, 1, 2, 2), 1, 1, 1, 1))
                        .expect(ints(DType.INT32, dims(0, 1, 1, 1))),
                OpCase.of(
                                "zero point of the input by channel",
                                ConvInteger.of(Attributes.none()),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.UINT8, dims(1, 1, 2, 2), 1, 1, 1, 1),
                                ints(DType.UINT8, dims(2), 1, 2))
                        .fails("x_zero_point of shape [2]; allowed a scalar"),
                OpCase.of(
                                "zero points of the weights do not fit",
                                ConvInteger.of(Attributes.none()),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.INT8, dims(2, 1, 2, 2), 1, -1, 2, 0, -128, 3, 4, 127),
                                null,
                                ints(DType.INT8, dims(3), 1, 2, 3))
                        .fails("w_zero_point of shape [3]; allowed a scalar, or [2]"),
                OpCase.of(
                                "window too large",
                                ConvInteger.of(Attributes.none()),
                                ints(DType.UINT8, dims(1, 1, 3, 3), 2, 3, 4, 5, 6, 7, 8, 9, 10),
                                ints(DType.UINT8, dims(1, 1, 4, 1), 1, 1, 1, 1))
                        .fails("the window covers 4 elements"));
    }
}

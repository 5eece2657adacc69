package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Attributes;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QuantizedConvSum}. */
public final class QuantizedConvSumCases implements OpCases {
    private static final QLinearConv CONV = QLinearConv.of(Attributes.none());

    @Override
    public List<OpCase> cases() {
        Tensor x = ints(DType.UINT8, dims(1, 2, 2), 129, 130, 126, 128);
        Tensor half = f32(dims(), 0.5f);
        Tensor one = f32(dims(), 1);
        Tensor middle = ints(DType.UINT8, dims(), 128);
        Tensor w = ints(DType.INT8, dims(1, 2, 1), 3, 4);
        Tensor none = ints(DType.INT8, dims(), 0);
        Tensor bias = ints(DType.INT32, dims(1), 2);
        Tensor other = ints(DType.UINT8, dims(1, 2, 1), 130, 255);
        return List.of(
                // Sums 3 + 8 + 2 and -6 + 2, times 0.5; rounded they are 6 and -2. The others are 2 and 127.
                OpCase.of(
                                "two windows",
                                new QuantizedConvSum(CONV, true),
                                x,
                                half,
                                middle,
                                w,
                                one,
                                none,
                                one,
                                middle,
                                bias,
                                other,
                                one,
                                middle,
                                one,
                                middle)
                        .expect(ints(DType.UINT8, dims(1, 2, 1), 136, 253)),
                // Sums 11 and -6, times 0.5: 6 (half to even) and -3. In halves of 2: 3 + 1 and -1.5 + 63.5.
                OpCase.of(
                                "no bias, and the convolution comes second",
                                new QuantizedConvSum(CONV, false),
                                x,
                                half,
                                middle,
                                w,
                                one,
                                none,
                                one,
                                middle,
                                null,
                                other,
                                one,
                                middle,
                                f32(dims(), 2),
                                middle)
                        .expect(ints(DType.UINT8, dims(1, 2, 1), 132, 190)),
                OpCase.of(
                                "too few inputs",
                                new QuantizedConvSum(CONV, true),
                                x,
                                half,
                                middle,
                                w,
                                one,
                                none,
                                one,
                                middle)
                        .fails("14 inputs"));
    }
}

package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Attributes;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.shape.Concat;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QuantizedOperator}. */
public final class QuantizedOperatorCases implements OpCases {
    private static final QuantizedOperator GEMM = new QuantizedOperator(Gemm.of(Attributes.none()));

    @Override
    public List<OpCase> cases() {
        Tensor half = f32(dims(), 0.5f);
        Tensor one = f32(dims(), 1);
        Tensor none = ints(DType.UINT8, dims(), 0);
        Tensor middle = ints(DType.UINT8, dims(), 128);
        Tensor a = ints(DType.UINT8, dims(4), 128, 130, 120, 255);
        Tensor b = ints(DType.UINT8, dims(4), 2, 4, 6, 255);
        Tensor x = ints(DType.UINT8, dims(1, 2), 129, 130);
        Tensor w = ints(DType.INT8, dims(2, 2), 1, -2, 3, 4);
        Tensor scales = f32(dims(2), 0.5f, 2);
        Tensor zeros = ints(DType.INT8, dims(2), 0, 0);
        return List.of(
                // 0, 1, -4, 63.5 and 2, 4, 6, 255
                OpCase.of("sum", new QuantizedOperator(new Add()), a, half, middle, b, one, null, one, middle)
                        .expect(ints(DType.UINT8, dims(4), 130, 133, 130, 255)),
                OpCase.of("product", new QuantizedOperator(new Mul()), a, half, middle, b, one, none, one, middle)
                        .expect(ints(DType.UINT8, dims(4), 128, 132, 104, 255)),
                OpCase.of("steep", new QuantizedOperator(new LeakyRelu(0.5f)), a, half, middle, one, middle)
                        .expect(ints(DType.UINT8, dims(4), 128, 129, 126, 192)),
                OpCase.of("share", new QuantizedOperator(new Sigmoid()), a, half, middle, f32(dims(), 1 / 256f), none)
                        .expect(ints(DType.UINT8, dims(4), 128, 187, 5, 255)),
                OpCase.of(
                                "mean",
                                new QuantizedOperator(new GlobalAveragePool()),
                                ints(DType.INT8, dims(1, 2, 2), 1, 3, -1, -7),
                                half,
                                ints(DType.INT8, dims(), 1),
                                half,
                                ints(DType.INT8, dims(), 0))
                        .expect(ints(DType.INT8, dims(1, 2, 1), 1, -5)),
                OpCase.of("both parts", new QuantizedOperator(new Concat(0)), a, half, middle, b, one, none, one, none)
                        .expect(ints(DType.UINT8, dims(8), 0, 1, 0, 64, 2, 4, 6, 255)),
                // Real x: 0.5, 1. Real columns of w: 0.5, 1.5 and -4, 8.
                OpCase.of("floats", GEMM, x, half, middle, w, scales, zeros, null, null)
                        .expect(f32(dims(1, 2), 1.75f, 6)),
                OpCase.of(
                                "a bias in units of both scales",
                                GEMM,
                                x,
                                half,
                                middle,
                                w,
                                scales,
                                zeros,
                                one,
                                middle,
                                ints(DType.INT32, dims(2), 10, -3))
                        .expect(ints(DType.UINT8, dims(1, 2), 132, 131)),
                OpCase.of(
                                "a turned matrix",
                                new QuantizedOperator(Gemm.of(Attributes.none().with("transB", 1L))),
                                x,
                                half,
                                middle,
                                ints(DType.INT8, dims(2, 2), 1, 3, -2, 4),
                                scales,
                                zeros,
                                half,
                                middle)
                        .expect(ints(DType.UINT8, dims(1, 2), 132, 140)),
                OpCase.of("no result", new QuantizedOperator(new Add()), a, half, middle, b, one, none)
                        .fails("three for each operand"));
    }
}

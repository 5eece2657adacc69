package dev.tenon.formats.onnx.microsoft;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.run;

import dev.tenon.formats.onnx.OnnxModelBuilder;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Test;

class QuantizedLoweringsTest {
    private static Tensor bytes(long[] dims, int... values) {
        Tensor t = Tensor.allocate(DType.UINT8, dims);
        for (int i = 0; i < values.length; i++) {
            t.setLong(i, values[i]);
        }
        return t;
    }

    private static Tensor zero(int value) {
        return bytes(new long[0], value);
    }

    private static OnnxModelBuilder binary(String operator, float... scales) {
        return opset(21)
                .imports("com.microsoft", 1)
                .input("a", DType.UINT8, 4)
                .input("b", DType.UINT8, 4)
                .initializer("as", Tensor.scalar(scales[0]))
                .initializer("bs", Tensor.scalar(scales[1]))
                .initializer("ys", Tensor.scalar(scales[2]))
                .initializer("az", zero(2))
                .initializer("bz", zero(1))
                .initializer("yz", zero(7))
                .node("y = com.microsoft:" + operator + "(a, as, az, b, bs, bz, ys, yz)")
                .output("y");
    }

    @Test
    void halvesOfSumsRoundToEvenWithTheZeroPoint() {
        Tensor a = bytes(new long[] {4}, 2, 3, 3, 255);
        Tensor b = bytes(new long[] {4}, 2, 2, 4, 255);
        // (a - 2 + b - 1) / 2 + 7 = 7.5, 8, 9, 260.5
        equal(run(binary("QLinearAdd", 1, 1, 2).read(), a, b), bytes(new long[] {4}, 8, 8, 9, 255));
    }

    @Test
    void halvesOfProductsRoundToEvenWithTheZeroPoint() {
        Tensor a = bytes(new long[] {4}, 3, 5, 0, 7);
        Tensor b = bytes(new long[] {4}, 2, 2, 6, 4);
        // (a - 2) (b - 1) / 2 + 7 = 7.5, 8.5, 2, 14.5
        equal(run(binary("QLinearMul", 1, 1, 2).read(), a, b), bytes(new long[] {4}, 8, 8, 2, 14));
    }

    @Test
    void channelsOfAPoolMayBeLast() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("x", DType.UINT8, 1, 2, 2, 2)
                .initializer("s", Tensor.scalar(1f))
                .initializer("z", zero(1))
                .node("y = com.microsoft:QLinearGlobalAveragePool(x, s, z, s, z)", attribute("channels_last", 1))
                .output("y");
        Tensor x = bytes(new long[] {1, 2, 2, 2}, 1, 10, 3, 20, 5, 30, 7, 40);
        equal(run(model.read(), x), bytes(new long[] {1, 1, 1, 2}, 4, 25));
    }

    @Test
    void channelsOfAConvolutionMayBeLast() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("x", DType.UINT8, 1, 2, 2)
                .initializer("s", Tensor.scalar(1f))
                .initializer("z", zero(0))
                .initializer("w", bytes(new long[] {3, 2, 1}, 1, 0, 0, 1, 1, 1))
                .node("y = com.microsoft:QLinearConv(x, s, z, w, s, z, s, z)", attribute("channels_last", 1))
                .output("y");
        Tensor x = bytes(new long[] {1, 2, 2}, 1, 2, 3, 4);
        equal(run(model.read(), x), bytes(new long[] {1, 2, 3}, 1, 2, 3, 3, 4, 7));
    }
}

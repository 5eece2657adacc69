package dev.tenon.formats.onnx.domain;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ExperimentalLoweringsTest {
    /** [1,2,3,4], 0 to 23. */
    private static final Tensor IMAGE = image();

    private static Tensor image() {
        float[] values = new float[24];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return Tensor.of(values, 1, 2, 3, 4);
    }

    private static AttributeProto floats(String name, float... values) {
        return AttributeProto.of(name, new AttributeValue.FloatsValue(Scalars.ofFloats(values)));
    }

    private static Tensor of(String operator, Tensor x, AttributeProto... attributes) {
        Object[] dims = new Object[x.rank()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = x.dim(i);
        }
        return run(
                opset(9).input("x", DType.FLOAT32, dims)
                        .node("y = " + operator + "(x)", attributes)
                        .output("y")
                        .read(),
                x);
    }

    @Test
    void linesThroughNumbers() {
        Tensor x = Tensor.of(new float[] {1, -2, 0});
        equal(of("Affine", x, attribute("alpha", 2f), attribute("beta", 3f)), Tensor.of(new float[] {5, -1, 3}));
        equal(of("Affine", x), x);
        equal(of("Scale", x, attribute("scale", -4f)), Tensor.of(new float[] {-4, 8, -0f}));
    }

    @Test
    void curvesInAScale() {
        Tensor x = Tensor.of(new float[] {0, 3});
        // 2 * ln(2) and 2 * ln(1 + e^1.5); 2 * tanh(1.5).
        assertThat(of("ParametricSoftplus", x, attribute("alpha", 2f), attribute("beta", 0.5f))
                        .toFloatArray())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(1.3862944f, 3.4028265f);
        assertThat(of("ScaledTanh", x, attribute("alpha", 2f), attribute("beta", 0.5f))
                        .toFloatArray())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(0, 1.8102965f);
        assertThatThrownBy(() -> of("ScaledTanh", x, attribute("alpha", 2f)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("beta");
    }

    @Test
    void imagesAreScaledByChannel() {
        float[] expected = new float[24];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = 2 * i + (i < 12 ? 1 : -1);
        }
        equal(of("ImageScaler", IMAGE, attribute("scale", 2f), floats("bias", 1, -1)), Tensor.of(expected, 1, 2, 3, 4));
        equal(of("ImageScaler", IMAGE), IMAGE);
        assertThatThrownBy(() -> of("ImageScaler", IMAGE, floats("bias", 1)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("one for each channel");
    }

    @Test
    void imagesAreCropped() {
        equal(
                of("Crop", IMAGE, attribute("border", new long[] {1, 0, 2, 1})),
                Tensor.of(new float[] {1, 5, 13, 17}, 1, 2, 2, 1));
        equal(
                of("Crop", IMAGE, attribute("border", new long[] {2, 1, 0, 0}), attribute("scale", new long[] {1, 2})),
                Tensor.of(new float[] {6, 7, 18, 19}, 1, 2, 1, 2));
        equal(of("Crop", IMAGE, attribute("border", new long[4])), IMAGE);
        assertThatThrownBy(() -> of("Crop", IMAGE, attribute("border", new long[] {0, 2, 0, 2})))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("axis 2");
        assertThatThrownBy(() -> of("Crop", IMAGE, attribute("border", new long[] {1})))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("left, top, right and bottom");
    }
}

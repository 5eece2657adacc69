package dev.tenon.formats.onnx.domain;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.body;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.onnx.OnnxModelBuilder;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Test;

class FlexAttentionTest {
    private static final Tensor Q = Tensor.of(new float[] {1, 0, 2, 1}, 1, 2, 1, 2);
    private static final Tensor K = Tensor.of(new float[] {0, 1, 1, 1}, 1, 1, 2, 2);
    private static final Tensor V = Tensor.of(new float[] {1, 3}, 1, 1, 2, 1);

    private static OnnxModelBuilder model(DType type, AttributeProto... attributes) {
        return opset(26)
                .imports("ai.onnx.preview", 1)
                .input("q", type, 1, "heads", "n", 2)
                .input("k", type, 1, "shared", "m", 2)
                .input("v", type, 1, "shared", "m", 1)
                .initializer("offset", Tensor.scalar(2f))
                .node("y = ai.onnx.preview:FlexAttention(q, k, v)", attributes)
                .output("y");
    }

    private static void expect(OnnxModelBuilder model, double... scoresOfBothHeads) {
        Tensor y = run(model.read(), Q, K, V);
        assertThat(y.dims()).containsExactly(1, 2, 1, 1);
        for (int head = 0; head < 2; head++) {
            double first = Math.exp(scoresOfBothHeads[2 * head]);
            double second = Math.exp(scoresOfBothHeads[2 * head + 1]);
            assertThat(y.getDouble(head)).isCloseTo((first + 3 * second) / (first + second), within(1e-6));
        }
    }

    @Test
    void headsOfQueriesShareThoseOfKeys() {
        double root = Math.sqrt(2);
        expect(model(DType.FLOAT32), 0, 1 / root, 1 / root, 3 / root);
    }

    @Test
    void theScaleIsGiven() {
        expect(model(DType.FLOAT32, attribute("scale", 0.25f)), 0, 0.25, 0.25, 0.75);
    }

    @Test
    void scoresAndProbabilitiesPassThroughGraphsThatUseOuterValues() {
        OnnxModelBuilder score = body("score")
                .input("s", DType.FLOAT32, "b", "h", "l", "t")
                .node("r = Mul(s, offset)")
                .output("r");
        expect(model(DType.FLOAT32, attribute("scale", 0.25f), attribute("score_mod", score)), 0, 0.5, 0.5, 1.5);
        OnnxModelBuilder probability = body("probability")
                .input("p", DType.FLOAT32, "b", "h", "l", "t")
                .node("r = Sub(offset, p)")
                .output("r");
        Tensor y = run(
                model(DType.FLOAT32, attribute("scale", 0f), attribute("prob_mod", probability))
                        .read(),
                Q,
                K,
                V);
        assertThat(y.getDouble(0)).isCloseTo(1.5 + 1.5 * 3, within(1e-6));
    }

    private static Tensor half(Tensor t) {
        Tensor half = Tensor.allocate(DType.FLOAT16, t.dims());
        for (long i = 0; i < t.size(); i++) {
            half.setDouble(i, t.getDouble(i));
        }
        return half;
    }

    @Test
    void halvesAreComputedInFloat32() {
        OnnxModelBuilder identity = body("score")
                .input("s", DType.FLOAT32, "b", "h", "l", "t")
                .node("r = Add(s, offset)")
                .output("r");
        Tensor y = run(model(DType.FLOAT16, attribute("score_mod", identity)).read(), half(Q), half(K), half(V));
        assertThat(y.dtype()).isEqualTo(DType.FLOAT16);
        double second = Math.exp(1 / Math.sqrt(2));
        assertThat(y.getDouble(0)).isCloseTo((1 + 3 * second) / (1 + second), within(2e-3));
    }

    @Test
    void attributesThatDoNotFitAreRefused() {
        assertThatThrownBy(() ->
                        model(DType.FLOAT32, attribute("softmax_precision", 7)).read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("softmax_precision 7");
        OnnxModelBuilder two = body("score")
                .input("s", DType.FLOAT32, 1)
                .input("t", DType.FLOAT32, 1)
                .node("r = Add(s, t)")
                .output("r");
        assertThatThrownBy(
                        () -> model(DType.FLOAT32, attribute("score_mod", two)).read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("2 inputs");
    }
}

package dev.tenon.formats.onnx.microsoft;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.formats.onnx.OnnxModelBuilder;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attention of unknown shapes, and behaviour that only ONNX Runtime defines. */
class AttentionLoweringsTest {
    @Test
    void aBiasIsSplitByTheWidthOfQueriesThatOnlyRunTimeKnows() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("q", DType.FLOAT32, "b", "s", "wide")
                .input("v", DType.FLOAT32, "b", "s", "other")
                .input("bias", DType.FLOAT32, "all")
                .node("y = com.microsoft:MultiHeadAttention(q, q, v, bias)", attribute("num_heads", 1))
                .output("y");
        Tensor one = Reals.floats(new long[] {1, 1, 1}, 0);
        Tensor y = run(
                model.read(),
                one,
                Reals.floats(new long[] {1, 1, 2}, 1, 2),
                Reals.floats(new long[] {4}, 9, 9, 10, 20));
        Reals.close(y, 11, 22);
    }

    @Test
    void headsAreTwiceAsWideAsThereAreAnglesThatOnlyRunTimeKnows() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("x", DType.FLOAT32, 1, 1, "wide")
                .input("p", DType.INT64, 1, 1)
                .input("c", DType.FLOAT32, "longest", "half")
                .input("s", DType.FLOAT32, "longest", "half")
                .node("y = com.microsoft:RotaryEmbedding(x, p, c, s)")
                .output("y");
        Tensor y = run(
                model.read(),
                Reals.floats(new long[] {1, 1, 4}, 1, 2, 3, 4),
                Tensor.of(new long[] {0}, 1, 1),
                Reals.floats(new long[] {1, 1}, 0),
                Reals.floats(new long[] {1, 1}, 1));
        Reals.close(y, -2, 1, -4, 3);
    }

    /** Attention of a query of 0, which is the mean of the values that it sees. */
    private static Tensor causal(int queries, boolean past, AttributeProto... attributes) {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("q", DType.FLOAT32, 1, queries, 1)
                .input("k", DType.FLOAT32, 1, 4, 1)
                .input("p", DType.FLOAT32, 1, 1, 1, 1)
                .node("y = com.microsoft:MultiHeadAttention(q, k, k" + (past ? ", , , , p, p)" : ")"), attributes)
                .output("y");
        List<Datum> operands = List.of(
                Tensor.allocate(DType.FLOAT32, 1, queries, 1),
                Reals.floats(new long[] {1, 4, 1}, 2, 4, 6, 8),
                Reals.floats(new long[] {1, 1, 1, 1}, 0));
        return (Tensor) Interpreter.run(model.read(), operands).getFirst();
    }

    @Test
    void causalityCountsKeysOfAnotherSequenceFromTheFirst() {
        AttributeProto[] a = {attribute("num_heads", 1), attribute("unidirectional", 1)};
        Reals.close(causal(3, false, a), 2, 3, 5);
        Reals.close(causal(3, true, a), 1, 2, 4);
        Reals.close(causal(1, false, a), 5);
    }

    @Test
    void scoresAreShownWithMaskAndBias() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("q", DType.FLOAT32, 1, 1, 1)
                .input("k", DType.FLOAT32, 1, 2, 1)
                .initializer("m", Tensor.of(new int[] {1, 0}, 1, 2))
                .initializer("b", Reals.floats(new long[] {1, 1, 1, 2}, 3, 5))
                .node(
                        "y, pk, pv, s = com.microsoft:MultiHeadAttention(q, k, k, , m, b)",
                        attribute("num_heads", 1),
                        attribute("mask_filter_value", -100f))
                .output("s");
        Reals.close(
                run(model.read(), Reals.floats(new long[] {1, 1, 1}, 2), Reals.floats(new long[] {1, 2, 1}, 1, 2)),
                5,
                -91);
    }

    @Test
    void theFirstPositionOfAPromptCounts() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("q", DType.FLOAT32, 1, 2, 2)
                .initializer("n", Tensor.of(new int[] {1}, 1))
                .initializer("t", Tensor.scalar(2))
                .initializer("c", Reals.floats(new long[] {3, 1}, 1, 0, 1))
                .initializer("s", Reals.floats(new long[] {3, 1}, 0, 1, 0))
                .initializer("p", Tensor.of(new long[] {1, 0}, 1, 2))
                .node(
                        "y, pk, pv = com.microsoft:GroupQueryAttention(q, q, q, , , n, t, c, s, p)",
                        attribute("num_heads", 1),
                        attribute("kv_num_heads", 1),
                        attribute("do_rotary", 1))
                .output("pk");
        Reals.close(run(model.read(), Reals.floats(new long[] {1, 2, 2}, 1, 2, 3, 4)), -2, 1, 3, 4);
    }

    @Test
    void aRangeStepsByOneUnlessItIsSaid() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("a", DType.INT32)
                .input("b", DType.INT32)
                .node("y = com.microsoft:Range(a, b)")
                .output("y");
        assertThat(run(model.read(), Tensor.scalar(2), Tensor.scalar(5)).toIntArray())
                .containsExactly(2, 3, 4);
    }
}

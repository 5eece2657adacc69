package dev.tenon.formats.onnx.microsoft;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.formats.onnx.OnnxModelBuilder;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MicrosoftDomainTest {
    @Test
    void skipNormalisationGivesStatisticsAndTheSum() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("x", DType.FLOAT32, 1, 1, 2)
                .initializer("skip", Reals.floats(new long[] {1, 1, 2}, 1, 1))
                .initializer("scale", Reals.floats(new long[] {2}, 1, 2))
                .node("y, m, i, s = com.microsoft:SkipLayerNormalization(x, skip, scale)", attribute("epsilon", 0f))
                .node(
                        "ry, rm, ri, rs = com.microsoft:SkipSimplifiedLayerNormalization(x, skip, scale)",
                        attribute("epsilon", 0f));
        for (String output : List.of("y", "m", "i", "s", "ry", "rm", "ri", "rs")) {
            model.output(output);
        }
        List<Datum> out = Interpreter.run(model.read(), List.of(Reals.floats(new long[] {1, 1, 2}, 0, 6)));
        double root = Math.sqrt(25);
        Reals.close((Tensor) out.get(0), -1, 2);
        Reals.close((Tensor) out.get(1), 4);
        Reals.close((Tensor) out.get(2), 1.0 / 3);
        Reals.close((Tensor) out.get(3), 1, 7);
        Reals.close((Tensor) out.get(4), 1 / root, 14 / root);
        Reals.close((Tensor) out.get(5), 4);
        Reals.close((Tensor) out.get(6), 1 / root);
        Reals.close((Tensor) out.get(7), 1, 7);
    }

    @Test
    void skipNormalisationOfHalvesDoesNotRoundTheSum() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("x", DType.FLOAT16, 1, 2)
                .input("skip", DType.FLOAT16, 1, 2)
                .initializer("scale", half(1, 1))
                .node("y = com.microsoft:SkipLayerNormalization(x, skip, scale)", attribute("epsilon", 1f))
                .output("y");
        // In float16, 2048 + 1 is 2048, and the variance is 0.
        Tensor y = run(model.read(), half(2048, 2048).reshape(1, 2), half(1, 0).reshape(1, 2));
        assertThat(y.getDouble(0)).isCloseTo(0.5 / Math.sqrt(1.25), within(1e-3));
    }

    @Test
    void softmaxAfterABiasIsOverAllDimensionsFromTheAxisOn() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("x", DType.FLOAT32, 2, 1, 2)
                .input("b", DType.FLOAT32, 1, 1, 2)
                .node("y = com.microsoft:BiasSoftmax(x, b)", attribute("axis", 1), attribute("is_inner_broadcast", 0))
                .output("y");
        double three = Math.log(3);
        Tensor y = run(
                model.read(),
                Reals.floats(new long[] {2, 1, 2}, 0, 0, three, 0),
                Reals.floats(new long[] {1, 1, 2}, 0, three));
        assertThat(y.dims()).containsExactly(2, 1, 2);
        Reals.close(y, 0.25, 0.75, 0.5, 0.5);
    }

    private static Tensor half(double... values) {
        Tensor t = Tensor.allocate(DType.FLOAT16, values.length);
        for (int i = 0; i < values.length; i++) {
            t.setDouble(i, values[i]);
        }
        return t;
    }

    /** A query of 0 weighs all keys alike: the result is the mean of the values that the mask allows. */
    private static Tensor masked(Tensor mask) {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("q", DType.FLOAT32, 2, 1, 1)
                .input("k", DType.FLOAT32, 2, 3, 1)
                .initializer("mask", mask)
                .node("y = com.microsoft:MultiHeadAttention(q, k, k, , mask)", attribute("num_heads", 1))
                .output("y");
        return run(
                model.read(),
                Reals.floats(new long[] {2, 1, 1}, 0, 0),
                Reals.floats(new long[] {2, 3, 1}, 1, 2, 6, 10, 20, 60));
    }

    @Test
    void masksOfOneDimensionAreEnds() {
        Reals.close(masked(Tensor.of(new int[] {2, 3}, 2)), 1.5, 30);
    }

    @Test
    void masksOfOneDimensionMayGoOnWithStarts() {
        Reals.close(masked(Tensor.of(new int[] {2, 3, 1, 2}, 4)), 2, 60);
    }

    @Test
    void masksOfOneDimensionMayGoOnWithSums() {
        Reals.close(masked(Tensor.of(new int[] {2, 3, 0, 1, 2, 0, 3, 6}, 8)), 1.5, 30);
    }

    @Test
    void onlyPositiveElementsOfAMaskAllow() {
        Reals.close(masked(Tensor.of(new int[] {1, -1, 0, 0, 5, 1}, 2, 3)), 1, 40);
    }

    @Test
    void aDecoderWritesAfterItsPastAndFindsItThroughItsBeam() {
        OnnxModelBuilder model = opset(21)
                .imports("com.microsoft", 1)
                .input("q", DType.FLOAT32, 2, 1, 1)
                .input("v", DType.FLOAT32, 2, 1, 1)
                .input("past", DType.FLOAT32, 2, 1, 4, 1)
                .input("beams", DType.INT32, 1, 2, 4)
                .initializer("n", Tensor.of(new int[] {2}, 1))
                .initializer("w", Tensor.of(new int[] {2}, 1))
                .node(
                        "y, k1, v1 = com.microsoft:DecoderMaskedMultiHeadAttention(q, v, v, , , past, past, n, w, beams)",
                        attribute("num_heads", 1))
                .node(
                        "z, k2, v2 = com.microsoft:MultiHeadAttention(q, v, v, , , , past, past, n, beams)",
                        attribute("num_heads", 1))
                .output("y")
                .output("v1")
                .output("z")
                .output("k2");
        List<Datum> out = Interpreter.run(
                model.read(),
                List.of(
                        Reals.floats(new long[] {2, 1, 1}, 0, 0),
                        Reals.floats(new long[] {2, 1, 1}, 100, 200),
                        Reals.floats(new long[] {2, 1, 4, 1}, 1, 2, 3, 4, 10, 20, 30, 40),
                        Tensor.of(new int[] {0, 1, 9, 9, 1, 0, 9, 9}, 1, 2, 4)));
        double[] mixed = {(1 + 20 + 100) / 3.0, (10 + 2 + 200) / 3.0};
        double[] present = {1, 2, 100, 4, 10, 20, 200, 40};
        Reals.close((Tensor) out.get(0), mixed);
        Reals.close((Tensor) out.get(1), present);
        Reals.close((Tensor) out.get(2), mixed);
        Reals.close((Tensor) out.get(3), present);
    }
}

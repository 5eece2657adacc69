package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Older versions of operators give the results that the standard defines. */
class OlderVersionsTest {
    private static List<Datum> run(OnnxModelBuilder model, Tensor... inputs) {
        Graph graph = model.read();
        GraphVerifier.verify(graph);
        return Interpreter.run(graph, List.of(inputs));
    }

    private static void check(OnnxModelBuilder model, Tensor expected, Tensor... inputs) {
        TestGraphs.equal((Tensor) run(model, inputs).getFirst(), expected);
    }

    private static Tensor floats(float[] values, long... dims) {
        return Tensor.of(values, dims);
    }

    private static float[] f(double... values) {
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }

    private static OnnxModelBuilder binary(int opset, DType type, Object[] left, Object[] right) {
        return opset(opset).input("a", type, left).input("b", type, right).output("y");
    }

    private static Object[] dims(Object... dims) {
        return dims;
    }

    @Test
    void layersOfTwoTypesGiveTheTypeOfTheScale() {
        Tensor half = Tensor.allocate(DType.FLOAT16, 1, 2);
        half.setDouble(1, 2);
        check(
                opset(12)
                        .input("x", DType.FLOAT16, 1, 2)
                        .initializer("scale", Tensor.of(f(1, 0.3), 2))
                        .node("y = LayerNormalization(x, scale)", attribute("epsilon", 3f))
                        .output("y"),
                floats(f(-0.5, 0.15f), 1, 2),
                half);
        Tensor scale = Tensor.allocate(DType.FLOAT16, 2);
        scale.setDouble(0, 1);
        scale.setDouble(1, 4);
        Tensor expected = Tensor.allocate(DType.FLOAT16, 1, 2);
        expected.setDouble(0, -0.5);
        expected.setDouble(1, 2);
        check(
                opset(12)
                        .input("x", DType.FLOAT32, 1, 2)
                        .initializer("scale", scale)
                        .node("y = LayerNormalization(x, scale)", attribute("epsilon", 3f))
                        .output("y"),
                expected,
                floats(f(0, 2), 1, 2));
    }

    @Test
    void scoresOfMode1HaveTheMaskWhereThereIsNoSoftcap() {
        for (int version : new int[] {23, 24, 25}) {
            OnnxModelBuilder model = opset(version)
                    .input("q", DType.FLOAT32, 1, 1, 1, 1)
                    .input("m", DType.FLOAT32, 1, 1)
                    .node(
                            "a, b, c, y = Attention(q, q, q, m)",
                            attribute("qk_matmul_output_mode", 1),
                            attribute("scale", 1f))
                    .output("y");
            check(model, floats(f(version < 25 ? 7 : 4), 1, 1, 1, 1), floats(f(2), 1, 1, 1, 1), floats(f(3), 1, 1));
        }
    }

    @Test
    void numbersOfFourBitsHadTheGreatestOneForNaN() {
        Tensor x = Tensor.of(f(Double.NaN, -1, Double.POSITIVE_INFINITY));
        for (int version : new int[] {23, 24}) {
            Tensor expected = Tensor.allocate(DType.FLOAT4E2M1, 3);
            expected.setDouble(0, version == 23 ? 6 : -0.0);
            expected.setDouble(1, -1);
            expected.setDouble(2, 6);
            check(
                    opset(version)
                            .input("x", DType.FLOAT32, 3)
                            .node("y = Cast(x)", attribute("to", 23))
                            .output("y"),
                    expected,
                    x);
        }
    }

    @Test
    void numbersOfEightBitsBecomeOnesOfFour() {
        Tensor x = Tensor.allocate(DType.FLOAT8E5M2, 2);
        x.setDouble(0, Double.NaN);
        x.setDouble(1, 3.5);
        Tensor expected = Tensor.allocate(DType.FLOAT4E2M1, 2);
        expected.setDouble(0, 6);
        expected.setDouble(1, 4);
        check(
                opset(23)
                        .input("x", DType.FLOAT8E5M2, 2)
                        .node("y = Cast(x)", attribute("to", 23))
                        .output("y"),
                expected,
                x);
    }

    @Test
    void broadcastAlignsTheSecondOperandWithAnAxis() {
        Tensor a = floats(new float[12], 2, 3, 2);
        Tensor b = Tensor.of(f(1, 2, 3));
        Tensor expected = floats(f(1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3), 2, 3, 2);
        for (long axis : new long[] {1, -2}) {
            check(
                    binary(6, DType.FLOAT32, dims(2, 3, 2), dims(3))
                            .node("y = Add(a, b)", attribute("broadcast", 1), attribute("axis", axis)),
                    expected,
                    a,
                    b);
        }
    }

    @Test
    void broadcastWithoutAnAxisMatchesTheEnd() {
        check(
                binary(1, DType.FLOAT32, dims(2, 2), dims(2)).node("y = Pow(a, b)", attribute("broadcast", 1)),
                floats(f(2, 9, 4, 25), 2, 2),
                floats(f(2, 3, 4, 5), 2, 2),
                Tensor.of(f(1, 2)));
        check(
                binary(6, DType.FLOAT32, dims(1, 2), dims(1, 1))
                        .node("y = Sub(a, b)", attribute("broadcast", 1), attribute("axis", 0)),
                floats(f(4, 5), 1, 2),
                floats(f(5, 6), 1, 2),
                floats(f(1), 1, 1));
    }

    @Test
    void broadcastOfBooleansAndComparisons() {
        check(
                binary(6, DType.BOOL, dims(2, 2), dims(2))
                        .node("y = And(a, b)", attribute("broadcast", 1), attribute("axis", 0)),
                Tensor.of(new boolean[] {true, false, false, false}, 2, 2),
                Tensor.of(new boolean[] {true, false, true, true}, 2, 2),
                Tensor.of(new boolean[] {true, false}));
        check(
                binary(1, DType.INT64, dims(2, 2), dims(2))
                        .node("y = Equal(a, b)", attribute("broadcast", 1), attribute("axis", 0)),
                Tensor.of(new boolean[] {true, false, false, true}, 2, 2),
                Tensor.of(new long[] {1, 2, 1, 2}, 2, 2),
                Tensor.of(new long[] {1, 2}));
    }

    @Test
    void withoutBroadcastShapesMustBeEqual() {
        assertThatThrownBy(() -> binary(6, DType.FLOAT32, dims(2, 3), dims(3))
                        .node("y = Mul(a, b)")
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Mul")
                .hasMessageContaining("[2,3] and [3]")
                .hasMessageContaining("broadcast");
        assertThatThrownBy(() -> binary(6, DType.FLOAT32, dims(2, 3), dims(3))
                        .node("y = Sum(a, b)")
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("operator set");
        check(
                binary(6, DType.FLOAT32, dims("n"), dims("n")).node("y = Max(a, b)"),
                Tensor.of(f(3, 2)),
                Tensor.of(f(1, 2)),
                Tensor.of(f(3, 1)));
    }

    @Test
    void broadcastNeverMakesTheFirstOperandLarger() {
        assertThatThrownBy(() -> binary(6, DType.FLOAT32, dims(3), dims(2, 3))
                        .node("y = Add(a, b)", attribute("broadcast", 1))
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("[3] and [2,3]");
        assertThatThrownBy(() -> binary(6, DType.FLOAT32, dims(2, 3), dims(3))
                        .node("y = Add(a, b)", attribute("broadcast", 1), attribute("axis", 2))
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("axis 2");
    }

    @Test
    void slopesOfPReluBelongToChannels() {
        Tensor x = floats(f(-1, -1, -1, -1), 1, 2, 2);
        check(
                binary(6, DType.FLOAT32, dims(1, 2, 2), dims(2)).node("y = PRelu(a, b)"),
                floats(f(-2, -2, -3, -3), 1, 2, 2),
                x,
                Tensor.of(f(2, 3)));
        check(
                binary(1, DType.FLOAT32, dims(1, 2, 2), dims(1)).node("y = PRelu(a, b)"),
                floats(f(-2, -2, -2, -2), 1, 2, 2),
                x,
                Tensor.of(f(2)));
    }

    private static OnnxModelBuilder unary(int opset, DType type, Object... dims) {
        return opset(opset).input("x", type, dims).output("y");
    }

    @Test
    void boundsOfClipWereAttributes() {
        Tensor x = Tensor.of(f(-5, 1, Double.POSITIVE_INFINITY));
        check(
                unary(6, DType.FLOAT32, 3).node("y = Clip(x)", attribute("min", 0f)),
                Tensor.of(f(0, 1, Float.MAX_VALUE)),
                x);
        check(
                unary(1, DType.FLOAT32, 3).node("y = Clip(x)", attribute("min", 0f)),
                Tensor.of(f(0, 1, Double.POSITIVE_INFINITY)),
                x);
        check(
                unary(10, DType.FLOAT32, 3).node("y = Clip(x)", attribute("min", 0f), attribute("max", 6f)),
                Tensor.of(f(0, 1, 6)),
                x);
    }

    @Test
    void defaultsOfSelu() {
        check(unary(1, DType.FLOAT32, 1).node("y = Selu(x)"), Tensor.of(f(1.0507f)), Tensor.of(f(1)));
        check(unary(6, DType.FLOAT32, 1).node("y = Selu(x)"), Tensor.of(f(1.0507009873554805)), Tensor.of(f(1)));
    }

    @Test
    void castNamedItsType() {
        check(
                unary(1, DType.FLOAT32, 2).node("y = Cast(x)", attribute("to", "INT32")),
                Tensor.of(new int[] {1, -2}),
                Tensor.of(f(1.5, -2.5)));
        assertThatThrownBy(() -> unary(1, DType.FLOAT32, 2)
                        .node("y = Cast(x)", attribute("to", "HALF"))
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("HALF")
                .hasMessageContaining("FLOAT16");
    }

    @Test
    void concatJoinedAlongTheSecondAxis() {
        check(
                binary(1, DType.FLOAT32, dims(1, 1), dims(1, 1)).node("y = Concat(a, b)"),
                floats(f(1, 2), 1, 2),
                floats(f(1), 1, 1),
                floats(f(2), 1, 1));
    }

    @Test
    void negativeIndicesOfOneHotWereOutside() {
        OnnxModelBuilder model = unary(9, DType.INT64, 2)
                .initializer("depth", Tensor.of(new long[] {2}, 1))
                .initializer("values", Tensor.of(f(0, 1)))
                .node("y = OneHot(x, depth, values)");
        check(model, floats(f(0, 0, 0, 1), 2, 2), Tensor.of(new long[] {-1, 1}));
    }

    @Test
    void amountsOfPadWereAttributes() {
        Tensor x = Tensor.of(f(1, 2));
        check(
                unary(1, DType.FLOAT32, 2).node("y = Pad(x)", attribute("paddings", new long[] {1, 2})),
                Tensor.of(f(0, 1, 2, 0, 0)),
                x);
        check(
                unary(2, DType.FLOAT32, 2)
                        .node("y = Pad(x)", attribute("pads", new long[] {1, 0}), attribute("value", 7f)),
                Tensor.of(f(7, 1, 2)),
                x);
        assertThatThrownBy(() -> unary(2, DType.FLOAT32, 2).node("y = Pad(x)").read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("pads");
    }

    @Test
    void shapeOfReshapeWasAnAttribute() {
        check(
                unary(1, DType.FLOAT32, 4).node("y = Reshape(x)", attribute("shape", new long[] {2, -1})),
                floats(f(1, 2, 3, 4), 2, 2),
                Tensor.of(f(1, 2, 3, 4)));
    }

    @Test
    void scatterElementsWasScatter() {
        check(
                unary(9, DType.FLOAT32, 3)
                        .initializer("i", Tensor.of(new long[] {2}, 1))
                        .initializer("u", Tensor.of(f(9)))
                        .node("y = Scatter(x, i, u)"),
                Tensor.of(f(1, 2, 9)),
                Tensor.of(f(1, 2, 3)));
    }

    @Test
    void boundsOfSliceWereAttributes() {
        check(
                unary(1, DType.FLOAT32, 2, 3)
                        .node(
                                "y = Slice(x)",
                                attribute("starts", new long[] {1}),
                                attribute("ends", new long[] {-1}),
                                attribute("axes", new long[] {1})),
                floats(f(2, 5), 2, 1),
                floats(f(1, 2, 3, 4, 5, 6), 2, 3));
    }

    @Test
    void sizesOfSplitWereAttributesOrOperands() {
        Tensor x = Tensor.of(f(1, 2, 3));
        Tensor expected = Tensor.of(f(2, 3));
        OnnxModelBuilder attribute = opset(2).input("x", DType.FLOAT32, 3)
                .node("z, y = Split(x)", attribute("split", new long[] {1, 2}))
                .output("y");
        check(attribute, expected, x);
        OnnxModelBuilder floats = opset(1).input("x", DType.FLOAT32, 3)
                .initializer("s", Tensor.of(f(1, 2)))
                .node("z, y = Split(x, s)")
                .output("y");
        check(floats, expected, x);
        OnnxModelBuilder operand = opset(13)
                .input("x", DType.FLOAT32, 3)
                .initializer("s", Tensor.of(new long[] {1, 2}))
                .node("z, y = Split(x, s)")
                .output("y");
        check(operand, expected, x);
        OnnxModelBuilder newest = opset(18)
                .input("x", DType.FLOAT32, 3)
                .node("z, y = Split(x)", attribute("num_outputs", 2))
                .output("y");
        check(newest, Tensor.of(f(3)), x);
    }

    @Test
    void splitWithoutSizesMadeEqualPieces() {
        OnnxModelBuilder even =
                opset(11).input("x", DType.FLOAT32, 4).node("z, y = Split(x)").output("y");
        check(even, Tensor.of(f(3, 4)), Tensor.of(f(1, 2, 3, 4)));
        OnnxModelBuilder uneven =
                opset(13).input("x", DType.FLOAT32, 3).node("z, y = Split(x)").output("y");
        assertThatThrownBy(uneven::read)
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("dimension 3")
                .hasMessageContaining("2 equal pieces");
    }

    @Test
    void tileRepeatedAlongOneAxis() {
        check(
                unary(1, DType.FLOAT32, 1, 2)
                        .initializer("tiles", Tensor.scalar(2f))
                        .initializer("axis", Tensor.of(f(1)))
                        .node("y = Tile(x, tiles, axis)"),
                floats(f(1, 2, 1, 2), 1, 4),
                floats(f(1, 2), 1, 2));
    }

    @Test
    void numberOfTopKWasAnAttribute() {
        OnnxModelBuilder model = opset(1).input("x", DType.FLOAT32, 3)
                .node("v, i = TopK(x)", attribute("k", 2))
                .output("v")
                .output("i");
        List<Datum> results = run(model, Tensor.of(f(1, 3, 2)));
        TestGraphs.equal((Tensor) results.get(0), Tensor.of(f(3, 2)));
        TestGraphs.equal((Tensor) results.get(1), Tensor.of(new long[] {1, 2}));
    }

    @Test
    void axesWereAttributes() {
        Tensor x = floats(f(1, 2, 3, 4), 1, 2, 2);
        long[] first = {0};
        check(
                unary(11, DType.FLOAT32, 1, 2, 2).node("y = Squeeze(x)", attribute("axes", first)),
                floats(f(1, 2, 3, 4), 2, 2),
                x);
        check(
                unary(1, DType.FLOAT32, 1, 2, 2).node("y = Unsqueeze(x)", attribute("axes", first)),
                floats(f(1, 2, 3, 4), 1, 1, 2, 2),
                x);
        check(
                unary(12, DType.FLOAT32, 1, 2, 2)
                        .node("y = ReduceSum(x)", attribute("axes", new long[] {1}), attribute("keepdims", 0)),
                floats(f(4, 6), 1, 2),
                x);
        check(
                unary(17, DType.FLOAT32, 1, 2, 2)
                        .node("y = ReduceMax(x)", attribute("axes", new long[] {-1}), attribute("keepdims", 0)),
                floats(f(2, 4), 1, 2),
                x);
        check(unary(17, DType.FLOAT32, 1, 2, 2).node("y = ReduceMean(x)"), floats(f(2.5), 1, 1, 1), x);
        check(
                unary(18, DType.FLOAT32, 1, 2, 2)
                        .initializer("axes", Tensor.of(new long[] {2}))
                        .node("y = ReduceMin(x, axes)"),
                floats(f(1, 3), 1, 2, 1),
                x);
    }

    @Test
    void softmaxRanOverAllDimensionsFromItsAxisOn() {
        Tensor x = floats(new float[8], 2, 2, 2);
        Tensor quarters = floats(f(.25, .25, .25, .25, .25, .25, .25, .25), 2, 2, 2);
        check(unary(12, DType.FLOAT32, 2, 2, 2).node("y = Softmax(x)"), quarters, x);
        check(unary(1, DType.FLOAT32, "a", "b", "c").node("y = Softmax(x)"), quarters, x);
        Tensor halves = floats(f(.5, .5, .5, .5, .5, .5, .5, .5), 2, 2, 2);
        check(unary(11, DType.FLOAT32, 2, 2, 2).node("y = Softmax(x)", attribute("axis", -1)), halves, x);
        check(unary(13, DType.FLOAT32, 2, 2, 2).node("y = Softmax(x)", attribute("axis", 1)), halves, x);
        check(
                unary(1, DType.FLOAT32, 1, 2, 2).node("y = Hardmax(x)"),
                floats(f(0, 0, 1, 0), 1, 2, 2),
                floats(f(1, 2, 4, 3), 1, 2, 2));
    }

    private static OnnxModelBuilder batch(int opset, Object... dims) {
        return opset(opset)
                .input("x", DType.FLOAT32, dims)
                .initializer("s", Tensor.of(f(2)))
                .initializer("b", Tensor.of(f(10)))
                .initializer("m", Tensor.of(f(1)))
                .initializer("v", Tensor.of(f(4)));
    }

    @Test
    void batchNormalizationKnewItsModeByAFlagOrByItsOutputs() {
        Tensor x = floats(f(1, 3), 2, 1);
        Tensor inferred = floats(f(10, 12), 2, 1);
        Tensor trained = floats(f(8, 12), 2, 1);
        String text = "y = BatchNormalization(x, s, b, m, v)";
        check(
                batch(6, 2, 1)
                        .node(text, attribute("is_test", 1), attribute("epsilon", 0f))
                        .output("y"),
                inferred,
                x);
        check(batch(6, 2, 1).node(text, attribute("epsilon", 0f)).output("y"), trained, x);
        check(batch(9, 2, 1).node(text, attribute("epsilon", 0f)).output("y"), inferred, x);
        OnnxModelBuilder training = batch(9, 2, 1)
                .node("y, rm, rv, sm, sv = BatchNormalization(x, s, b, m, v)", attribute("epsilon", 0f))
                .output("y");
        check(training, trained, x);
        check(training.output("rm"), trained, x);
        assertThatThrownBy(() -> training.output("sm").read())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("'sm'")
                .hasMessageContaining("export the model for inference");
    }

    @Test
    void batchNormalizationOfActivations() {
        OnnxModelBuilder model = opset(7).input("x", DType.FLOAT32, 1, 2)
                .initializer("s", Tensor.of(f(2, 1)))
                .initializer("b", Tensor.of(f(10, 20)))
                .initializer("m", Tensor.of(f(1, 0)))
                .initializer("v", Tensor.of(f(4, 1)))
                .node("y = BatchNormalization(x, s, b, m, v)", attribute("spatial", 0), attribute("epsilon", 0f))
                .output("y");
        check(model, floats(f(12, 23), 1, 2), floats(f(3, 3), 1, 2));
    }

    @Test
    void dropoutKnewItsModeByAFlag() {
        Tensor x = Tensor.of(f(1, 2));
        check(unary(6, DType.FLOAT32, 2).node("y = Dropout(x)", attribute("is_test", 1)), x, x);
        assertThatThrownBy(
                        () -> unary(6, DType.FLOAT32, 2).node("y = Dropout(x)").read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("export the model for inference");
        List<Datum> floats = run(
                unary(7, DType.FLOAT32, 2)
                        .node("y, mask = Dropout(x)", attribute("ratio", .1f))
                        .output("mask"),
                x);
        TestGraphs.equal((Tensor) floats.get(0), x);
        TestGraphs.equal((Tensor) floats.get(1), Tensor.of(f(1, 1)));
        List<Datum> booleans =
                run(unary(10, DType.FLOAT32, 2).node("y, mask = Dropout(x)").output("mask"), x);
        TestGraphs.equal((Tensor) booleans.get(1), Tensor.of(new boolean[] {true, true}));
    }

    @Test
    void scalesOfGroupNormalizationBelongedToGroups() {
        for (Object channels : new Object[] {4, "c"}) {
            check(
                    unary(18, DType.FLOAT32, 1, channels, 1)
                            .initializer("s", Tensor.of(f(2, 3)))
                            .initializer("b", Tensor.of(f(10, 20)))
                            .node(
                                    "y = GroupNormalization(x, s, b)",
                                    attribute("num_groups", 2),
                                    attribute("epsilon", 0f)),
                    floats(f(8, 12, 17, 23), 1, 4, 1),
                    floats(f(1, 3, 5, 9), 1, 4, 1));
        }
    }

    @Test
    void experimentsThatBecamePartOfTheStandard() {
        check(
                unary(8, DType.FLOAT32, 2, 1)
                        .node("y = MeanVarianceNormalization(x)", attribute("normalize_variance", 0)),
                floats(f(-1, 1), 2, 1),
                floats(f(1, 3), 2, 1));
        check(unary(9, DType.FLOAT32, 2).node("y = ThresholdedRelu(x)"), Tensor.of(f(0, 2)), Tensor.of(f(1, 2)));
    }

    @Test
    void gemmBroadcastByAFlag() {
        check(
                opset(6).input("x", DType.FLOAT32, 1, 1)
                        .initializer("w", floats(f(1, 2), 1, 2))
                        .initializer("c", Tensor.of(f(10)))
                        .node("y = Gemm(x, w, c)", attribute("broadcast", 1))
                        .output("y"),
                floats(f(13, 16), 1, 2),
                floats(f(3), 1, 1));
    }

    @Test
    void constantsOfAllKinds() {
        OnnxModelBuilder model = opset(13)
                .node("a = Constant()", attribute("value", Tensor.of(f(1))))
                .node("b = Constant()", attribute("value_float", 1.5f))
                .node("c = Constant()", attribute("value_int", 7))
                .node("d = Constant()", attribute("value_string", "text"))
                .node("e = Constant()", attribute("value_ints", new long[] {1, 2}))
                .output("a")
                .output("b")
                .output("c")
                .output("d")
                .output("e");
        List<Datum> results = run(model);
        TestGraphs.equal((Tensor) results.get(0), Tensor.of(f(1)));
        TestGraphs.equal((Tensor) results.get(1), Tensor.scalar(1.5f));
        TestGraphs.equal((Tensor) results.get(2), Tensor.scalar(7L));
        TestGraphs.equal((Tensor) results.get(3), Tensor.scalar("text"));
        TestGraphs.equal((Tensor) results.get(4), Tensor.of(new long[] {1, 2}));
        assertThatThrownBy(() -> opset(13).node("a = Constant()").output("a").read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("one value");
    }
}

package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.function;
import static dev.tenon.formats.onnx.OnnxModelBuilder.nodeProto;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.OnnxModelBuilder.reference;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.names;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeType;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.graph.Graph;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxFunctionsTest {
    private static OnnxModelBuilder vector() {
        return opset(21).imports("local", 1).input("x", DType.FLOAT32, 2);
    }

    private static FunctionProto leaky() {
        AttributeProto standard = attribute("slope", 0.5f);
        NodeProto body = nodeProto("b = LeakyRelu(a)", reference("alpha", "slope", AttributeType.FLOAT));
        return function("Leaky", "a", "b", List.of(), List.of(standard), body);
    }

    @Test
    void attributesOfTheCallReplaceDefaults() {
        Tensor x = Tensor.of(new float[] {-8, 1});
        Graph standard = vector().function(leaky())
                .node("y = local:Leaky(x)")
                .output("y")
                .read();
        equal(run(standard, x), Tensor.of(new float[] {-4, 1}));
        Graph given = vector().function(leaky())
                .node("y = local:Leaky(x)", attribute("slope", 0.25f))
                .output("y")
                .read();
        equal(run(given, x), Tensor.of(new float[] {-2, 1}));
    }

    @Test
    void attributesThatNobodyGivesTakeTheOperatorsDefault() {
        NodeProto body = nodeProto("b = Elu(a)", reference("alpha", "alpha", AttributeType.FLOAT));
        FunctionProto function = function("F", "a", "b", List.of("alpha"), List.of(), body);
        Graph graph =
                vector().function(function).node("y = local:F(x)").output("y").read();
        assertThat(graph.nodes().getFirst().op().attributes().names()).isEmpty();
    }

    @Test
    void valuesKeepTheNamesThatTheModelGives() {
        FunctionProto square =
                function("Square", "a", "b", List.of(), List.of(), nodeProto("n = Neg(a)"), nodeProto("b = Mul(n, n)"));
        Graph graph = vector().function(square)
                .node("n = local:Square(x)")
                .node("y = local:Square(n)")
                .output("y")
                .read();
        equal(run(graph, Tensor.of(new float[] {2, 3})), Tensor.of(new float[] {16, 81}));
        assertThat(names(graph.outputs())).containsExactly("y");
        assertThat(graph.nodes().get(1).output().name()).isEqualTo("n");
        assertThat(graph.nodes().get(0).output().name()).isEqualTo("Square/n");
    }

    @Test
    void functionsCallEachOtherAndUseTheirOwnOperatorSets() {
        FunctionProto old = new FunctionProto(
                "Old",
                "local",
                "",
                List.of("a"),
                List.of("b"),
                List.of(),
                List.of(),
                List.of(nodeProto("b = ReduceSum(a)", attribute("axes", new long[] {0}))),
                List.of(new OperatorSetId("", 11)),
                List.of(),
                "",
                List.of());
        FunctionProto outer = function(
                "Outer", "a", "c", List.of(), List.of(), nodeProto("b = local:Old(a)"), nodeProto("c = Add(b, a)"));
        Graph graph = vector().function(old)
                .function(outer)
                .node("y = local:Outer(x)")
                .output("y")
                .read();
        equal(run(graph, Tensor.of(new float[] {1, 2})), Tensor.of(new float[] {4, 5}));
    }

    @Test
    void inputsThatTheCallerLeavesOutAreLeftOutInside() {
        FunctionProto clip =
                function("Bound", "a, least, most", "b", List.of(), List.of(), nodeProto("b = Clip(a, least, most)"));
        OnnxModelBuilder model = vector().function(clip).initializer("zero", Tensor.scalar(0f));
        Tensor x = Tensor.of(new float[] {-1, 1});
        equal(run(model.node("y = local:Bound(x, , zero)").output("y").read(), x), Tensor.of(new float[] {-1, 0}));
        equal(run(vector().function(clip).node("y = local:Bound(x)").output("y").read(), x), x);
    }

    @Test
    void bodiesInFunctionsUseItsInputsAndAttributes() {
        OnnxModelBuilder then = OnnxModelBuilder.body("then")
                .node("t = LeakyRelu(a)", reference("alpha", "slope", AttributeType.FLOAT))
                .output("t");
        OnnxModelBuilder otherwise =
                OnnxModelBuilder.body("else").node("t = Clip(a, least)").output("t");
        FunctionProto function = function(
                "Choose",
                "c, a, least",
                "b",
                List.of("slope"),
                List.of(),
                nodeProto("b = If(c)", attribute("then_branch", then), attribute("else_branch", otherwise)));
        Graph graph = vector().input("c", DType.BOOL)
                .function(function)
                .node("y = local:Choose(c, x)", attribute("slope", 0.5f))
                .output("y")
                .read();
        Tensor x = Tensor.of(new float[] {-2, 1});
        equal(run(graph, x, Tensor.scalar(true)), Tensor.of(new float[] {-1, 1}));
        equal(run(graph, x, Tensor.scalar(false)), x);
    }

    @Test
    void functionsThatCallThemselvesAreRefused() {
        FunctionProto function = function("Again", "a", "b", List.of(), List.of(), nodeProto("b = local:Again(a)"));
        assertThatThrownBy(() -> vector().function(function)
                        .node("y = local:Again(x)")
                        .output("y")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("Again")
                .hasMessageContaining("deep");
    }

    @Test
    void functionsThatExpandToBillionsOfNodesAreRefused() {
        OnnxModelBuilder model = vector();
        model.function(function("F0", "a", "b", List.of(), List.of(), nodeProto("b = Neg(a)")));
        for (int i = 1; i <= 40; i++) {
            String call = " = local:F" + (i - 1);
            model.function(function(
                    "F" + i,
                    "a",
                    "d",
                    List.of(),
                    List.of(),
                    nodeProto("b" + call + "(a)"),
                    nodeProto("c" + call + "(b)"),
                    nodeProto("d" + call + "(c)")));
        }
        model.node("y = local:F40(x)").output("y");
        assertThatThrownBy(() -> model.read(Limits.standard().maxRecords(100_000)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxRecords");
    }

    @Test
    void longNamesDoNotGrowWithEveryCall() {
        String name = "n".repeat(1000);
        OnnxModelBuilder model = vector();
        model.function(function(
                "F0",
                "a",
                "b",
                List.of(),
                List.of(),
                nodeProto(name + " = Neg(a)"),
                nodeProto("b = Abs(" + name + ")")));
        for (int i = 1; i <= 20; i++) {
            NodeProto call = nodeProto("b = local:F" + (i - 1) + "(a)");
            model.function(function("F" + i, "a", "b", List.of(), List.of(), call));
        }
        Graph graph = model.node("y = local:F20(x)").output("y").read();
        assertThat(graph.nodes().getFirst().output().name()).hasSizeLessThan(300);
    }

    @Test
    void outputsThatAFunctionDoesNotDefineAreRefused() {
        FunctionProto function = function("F", "a", "b, c", List.of(), List.of(), nodeProto("b = Neg(a)"));
        assertThatThrownBy(() -> vector().function(function)
                        .node("y = local:F(x)")
                        .output("y")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'c'");
    }

    @Test
    void moreOperandsOrResultsThanAFunctionHasAreRefused() {
        FunctionProto function = function("F", "a", "b", List.of(), List.of(), nodeProto("b = Neg(a)"));
        assertThatThrownBy(() -> vector().function(function)
                        .node("y, z = local:F(x)")
                        .output("y")
                        .read())
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("'z'");
        assertThatThrownBy(() -> vector().function(function)
                        .node("y = local:F(x, x)")
                        .output("y")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("2 inputs");
    }
}

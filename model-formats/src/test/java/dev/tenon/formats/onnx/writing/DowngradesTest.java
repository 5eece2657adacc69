package dev.tenon.formats.onnx.writing;

import static dev.tenon.formats.onnx.TestGraphs.again;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.parse;
import static dev.tenon.formats.onnx.TestGraphs.parsed;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static dev.tenon.formats.onnx.TestGraphs.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.graph.Graph;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Operators as older operator sets have them. */
class DowngradesTest {
    private static Graph graph(String types, String constants, String node) {
        return parse("graph main(" + types + ") { " + constants + " " + node + " return %y }");
    }

    private static void writtenAs(Graph graph, int version, String operator, int operands, String... attributes) {
        NodeProto node = parsed(write(graph, version)).graph().nodes().getFirst();
        assertThat(node.opType()).isEqualTo(operator);
        assertThat(node.inputs()).hasSize(operands);
        assertThat(node.attributes().stream().map(AttributeProto::name)).containsExactlyInAnyOrder(attributes);
        Graph read = again(graph, version);
        Tensor x = Tensor.convert(
                graph.inputs().getFirst().tensorType().dtype(),
                new double[] {-1, 2, 3, 4},
                graph.inputs().getFirst().tensorType().shape().toArray());
        equal(run(read, x), run(graph, x));
    }

    private static void refused(Graph graph, int version, String... texts) {
        assertThatThrownBy(() -> write(graph, version))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("in operator set " + version)
                .satisfies(e -> assertThat(e.getMessage()).contains(texts));
    }

    @Test
    void axesBecomeAttributes() {
        Graph sum = graph("%x: f32[1,4]", "%a = const i64[1] {-1}", "%y = ReduceSum<keepdims=0>(%x, %a)");
        writtenAs(sum, 13, "ReduceSum", 2, "keepdims");
        writtenAs(sum, 12, "ReduceSum", 1, "keepdims", "axes");
        writtenAs(sum, 7, "ReduceSum", 1, "keepdims", "axes");
        Graph mean = graph("%x: f32[1,4]", "%a = const i64[1] {1}", "%y = ReduceMean(%x, %a)");
        writtenAs(mean, 18, "ReduceMean", 2);
        writtenAs(mean, 17, "ReduceMean", 1, "axes");
        writtenAs(graph("%x: f32[1,4]", "", "%y = ReduceMax(%x)"), 8, "ReduceMax", 1);
        Graph squeeze = graph("%x: f32[1,4]", "%a = const i64[1] {-2}", "%y = Squeeze(%x, %a)");
        writtenAs(squeeze, 7, "Squeeze", 1, "axes");
        Graph unsqueeze = graph("%x: f32[4]", "%a = const i64[1] {-1}", "%y = Unsqueeze(%x, %a)");
        writtenAs(unsqueeze, 7, "Unsqueeze", 1, "axes");
        writtenAs(unsqueeze, 13, "Unsqueeze", 2);
        refused(
                graph("%x: f32[1,4], %a: i64[1]", "", "%y = ReduceMean(%x, %a)"),
                17,
                "ReduceMean",
                "not constant",
                "18 and above");
        refused(graph("%x: f32[4]", "", "%y = ReduceMean<noop_with_empty_axes=1>(%x)"), 17, "noop_with_empty_axes");
    }

    @Test
    void operandsBecomeAttributes() {
        Graph clip = graph("%x: f32[4]", "%l = const f32[] {0}", "%y = Clip(%x, %l)");
        writtenAs(clip, 11, "Clip", 2);
        writtenAs(clip, 10, "Clip", 1, "min");
        Graph slice = graph(
                "%x: f32[4]",
                "%s = const i64[1] {1} %e = const i64[1] {3} %a = const i64[1] {0}", "%y = Slice(%x, %s, %e, %a)");
        writtenAs(slice, 9, "Slice", 1, "starts", "ends", "axes");
        Graph pad = graph("%x: f32[4]", "%p = const i64[2] {1,1} %v = const f32[] {9}", "%y = Pad(%x, %p, %v)");
        writtenAs(pad, 10, "Pad", 1, "pads", "value");
        writtenAs(pad, 11, "Pad", 3);
        Graph top = graph("%x: f32[4]", "%k = const i64[1] {2}", "%y, _ = TopK(%x, %k)");
        writtenAs(top, 9, "TopK", 1, "k");
        writtenAs(top, 10, "TopK", 2);
        Graph drop = graph("%x: f32[4]", "%r = const f32[] {0.25}", "%y = Dropout(%x, %r)");
        writtenAs(drop, 11, "Dropout", 1, "ratio");
        Graph scatter =
                graph("%x: f32[4]", "%i = const i64[1] {1} %u = const f32[1] {7}", "%y = ScatterElements(%x, %i, %u)");
        writtenAs(scatter, 10, "Scatter", 3);
        refused(
                graph(
                        "%x: f32[4]",
                        "%s = const i64[1] {0} %e = const i64[1] {4} %t = const i64[1] {2}",
                        "%y = Slice(%x, %s, %e, _, %t)"),
                9,
                "steps [2]");
        refused(graph("%x: i32[4]", "%l = const i32[] {0}", "%y = Clip(%x, %l)"), 11, "Clip", "12 and above");
        refused(graph("%x: f32[4]", "%k = const i64[1] {2}", "%y, _ = TopK<largest=0>(%x, %k)"), 9, "largest");
    }

    @Test
    void piecesOfSplit() {
        Graph even = graph("%x: f32[4]", "", "%y, %z = Split<num_outputs=2>(%x)");
        writtenAs(even, 18, "Split", 1, "num_outputs");
        writtenAs(even, 13, "Split", 1);
        writtenAs(even, 7, "Split", 1);
        Graph uneven = graph("%x: f32[4]", "", "%y, %z, _ = Split<num_outputs=3>(%x)");
        writtenAs(uneven, 13, "Split", 2);
        writtenAs(uneven, 12, "Split", 1, "split");
        Graph sizes = graph("%x: f32[4]", "%s = const i64[2] {1,3}", "%y, %z = Split(%x, %s)");
        writtenAs(sizes, 13, "Split", 2);
        writtenAs(sizes, 11, "Split", 1, "split");
        refused(graph("%x: f32[n]", "", "%y, %z = Split<num_outputs=2>(%x)"), 17, "Split", "n", "18 and above");
    }

    @Test
    void softmaxOfTheLastAxisIsTheSameInAllVersions() {
        Graph last = graph("%x: f32[1,4]", "", "%y = Softmax(%x)");
        writtenAs(last, 12, "Softmax", 1, "axis");
        writtenAs(last, 7, "Softmax", 1, "axis");
        refused(graph("%x: f32[4,1]", "", "%y = Softmax<axis=0>(%x)"), 12, "axis 0", "13 and above");
    }

    @Test
    void operandsThatResizeLeavesOutAreEmptyInOlderVersions() {
        Graph graph = graph("%x: f32[4]", "%s = const i64[1] {8}", "%y = Resize(%x, _, _, %s)");
        NodeProto young = parsed(write(graph, 13)).graph().nodes().getFirst();
        assertThat(young.inputs()).containsExactly("x", "", "", "s");
        NodeProto old = parsed(write(graph, 11)).graph().nodes().getFirst();
        assertThat(old.inputs()).doesNotContain("");
        Graph read = again(graph, 11);
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4});
        equal(run(read, x), run(graph, x));
        assertThat(parsed(write(read, 13)).graph().nodes().getFirst().inputs()).containsExactly("x", "", "", "s");
    }

    @Test
    void newerOperatorsAttributesAndTypesAreRefusedByName() {
        refused(graph("%x: i32[4]", "", "%y = BitwiseNot(%x)"), 17, "BitwiseNot", "18 and above");
        refused(graph("%x: f32[4]", "", "%y = Shape<start=0, end=1>(%x)"), 14, "Shape", "'end'", "15 and above");
        refused(graph("%x: bf16[4]", "", "%y = Neg(%x)"), 12, "Neg", "bf16", "13 and above");
        refused(graph("%x: i32[4]", "", "%y = Relu(%x)"), 13, "Relu", "i32", "14 and above");
        refused(graph("%x: f32[4], %z: f32[1]", "", "%y = Max(%x, %z)"), 7, "Max", "broadcasting");
        refused(graph("%x: f32[4], %p: i64[2]", "", "%y = Pad<mode=\"wrap\">(%x, %p)"), 18, "wrap", "19 and above");
        refused(graph("%x: f32[*]", "", "%y = Concat<axis=-1>(%x, %x)"), 10, "negative axis");
    }

    @Test
    void negativeAxesBecomePositiveForVersionsThatWantThat() {
        Graph concat = graph("%x: f32[1,4]", "", "%y = Concat<axis=-1>(%x, %x)");
        NodeProto old = parsed(write(concat, 10)).graph().nodes().getFirst();
        assertThat(old.attributes().getFirst().value()).isEqualTo(new AttributeValue.IntValue(1));
        NodeProto young = parsed(write(concat, 11)).graph().nodes().getFirst();
        assertThat(young.attributes().getFirst().value()).isEqualTo(new AttributeValue.IntValue(-1));
    }
}

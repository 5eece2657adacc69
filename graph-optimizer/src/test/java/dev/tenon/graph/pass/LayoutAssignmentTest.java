package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.Literals;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The regions that get the channels-last layout, with the same results, and the regions that do not. */
class LayoutAssignmentTest {
    private static final Pass PASS = new LayoutAssignment();
    private static final Pipeline LAYOUTS = Pipeline.standard().withLayouts();
    private static final Attributes SAME = Attributes.none().with("pads", new long[] {1, 1, 1, 1});

    /** Builds a network in which each operator works on the result of the one before. */
    private static final class Network {
        private final GraphBuilder builder = new GraphBuilder("network");
        private final List<Value> values = new ArrayList<>();
        private long seed;

        private Network(Shape shape) {
            values.add(builder.input("x", new TensorType(DType.FLOAT32, shape)));
        }

        private Value last() {
            return values.getLast();
        }

        private Value random(long... dims) {
            return builder.constant(Literals.random(DType.FLOAT32, ++seed, dims));
        }

        private Network then(Op op, Value... more) {
            Value[] operands = new Value[more.length + 1];
            operands[0] = last();
            System.arraycopy(more, 0, operands, 1, more.length);
            values.add(builder.add(op, operands));
            return this;
        }

        private Network conv(long outputs) {
            return then(
                    Conv.of(SAME),
                    random(outputs, last().tensorType().shape().dim(1).value(), 3, 3),
                    random(outputs));
        }

        private Graph graph() {
            return builder.output(last()).build();
        }
    }

    private static Graph turned(Graph graph, Tensor... inputs) {
        Graph result = PASS.apply(graph);
        GraphVerifier.verify(result);
        List<Tensor> before =
                Graphs.run(graph, inputs).stream().map(Tensor.class::cast).toList();
        List<Tensor> after =
                Graphs.run(result, inputs).stream().map(Tensor.class::cast).toList();
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i).type()).isEqualTo(before.get(i).type());
            Closeness.check(
                    "output " + i,
                    after.get(i),
                    before.get(i),
                    before.get(i),
                    Conv.of(SAME).numerics());
        }
        Rewrites.checkDecisions(PASS::apply, PASS.name(), graph);
        return result;
    }

    private static List<String> titles(Graph graph) {
        return graph.nodes().stream().map(n -> n.op().title()).toList();
    }

    private static long count(Graph graph, Class<? extends Op> op) {
        return graph.nodes().stream().filter(n -> op.isInstance(n.op())).count();
    }

    @Test
    void convolutionsAndOperatorsBetweenThemAreTransposedOnce() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[1,20,30,30]) {
              %w = W
              %a = Conv<pads=[1, 1, 1, 1]>(%x, %w) "first"
              %b = Relu(%a)
              %v = V
              %y = Conv<pads=[1, 1, 1, 1]>(%b, %v) "second"
              return %y
            }
            """.replace("= W", "= " + constant(20, 20)).replace("= V", "= " + constant(20, 20)));
        Graph result = turned(graph, Literals.random(DType.FLOAT32, 1, 1, 20, 30, 30));
        assertThat(result.nodes().stream().map(n -> n.op().title()).toList())
                .containsExactly("Transpose", "Conv@last", "Relu", "Conv@last", "Transpose");
        assertThat(result.nodes().stream().map(Node::name).filter(n -> !n.isEmpty()))
                .contains("first", "second");
        assertThat(GraphText.print(result, Value::name)).isEqualTo("""
            graph main(%x: f32[1,20,30,30]) {
              %w = const f32[20,20,3,3] @w
              %v = const f32[20,20,3,3] @v
              %x_last: f32[1,30,30,20] = Transpose<perm=[0, 2, 3, 1]>(%x)
              %a_last: f32[1,30,30,20] = dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1]>(%x_last, %w) "first"
              %b_last: f32[1,30,30,20] = Relu(%a_last)
              %y_last: f32[1,30,30,20] = dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1]>(%b_last, %v) "second"
              %y: f32[1,20,30,30] = Transpose<perm=[0, 3, 1, 2]>(%y_last)
              return %y
            }
            """);
        assertThat(PASS.apply(result)).as("a second time").isSameAs(result);
    }

    private static String constant(int outputs, int inputs) {
        StringBuilder text = new StringBuilder("const f32[" + outputs + "," + inputs + ",3,3] {");
        for (int i = 0; i < outputs * inputs * 9; i++) {
            text.append(i == 0 ? "" : ", ").append(i % 7 - 3).append(".0");
        }
        return text.append('}').toString();
    }

    @Test
    void everyOperatorThatCanWorksOnChannelsLast() {
        Network n = new Network(Shape.of(2, 20, 16, 18)).conv(24);
        Value skip = n.last();
        n.then(BatchNormalization.of(Attributes.none()), n.random(24), n.random(24), n.random(24), positive(n, 24));
        n.then(new PRelu(), n.random(24, 1, 1)).conv(24).then(new Add(), skip).then(new HardSwish());
        Value scale = n.builder.add(new GlobalAveragePool(), n.last());
        n.then(new Mul(), scale);
        Value pooled = n.builder.add(MaxPool.of(SAME.with("kernel_shape", new long[] {3, 3})), n.last());
        n.then(AveragePool.of(SAME.with("kernel_shape", new long[] {3, 3})));
        n.then(new Concat(1), pooled);
        n.then(
                Resize.of(Attributes.none()
                        .with("mode", "nearest")
                        .with("coordinate_transformation_mode", "asymmetric")
                        .with("nearest_mode", "floor")),
                null,
                n.builder.constant(Tensor.of(new float[] {1, 1, 2, 3}, 4)));
        n.then(new Slice(), ints(n, 3, 1), ints(n, 40, 30), ints(n, 1, 2), ints(n, 1, 2));
        n.then(new Pad(Pad.Mode.CONSTANT), ints(n, 0, 1, 2, 3, 0, 4, 5, 6));
        n.then(new ReduceMean(true, false), ints(n, 3));
        n.then(new Softmax(1));
        List<Value> parts = n.builder.add(new Split(1, 2), "", List.of(n.last()), List.of("left", "right"));
        n.values.add(n.builder.add(new Add(), parts.get(0), parts.get(1)));
        Graph graph = n.graph();
        Graph result = turned(graph, Literals.random(DType.FLOAT32, 9, 2, 20, 16, 18));
        assertThat(count(result, Transpose.class)).as(GraphText.print(result)).isEqualTo(2);
        assertThat(count(result, ChannelsLast.class)).isEqualTo(5);
        assertThat(count(result, BatchNormalization.class)).isZero();
    }

    private static Value positive(Network n, long channels) {
        Tensor t = Literals.random(DType.FLOAT32, 77, channels);
        for (int i = 0; i < channels; i++) {
            t.setDouble(i, 0.5 + Math.abs(t.getDouble(i)));
        }
        return n.builder.constant(t);
    }

    private static Value ints(Network n, long... values) {
        return n.builder.constant(Tensor.of(values));
    }

    /** The scale and the zero point have no channels, and stay available to other nodes. */
    @Test
    void dynamicQuantisationKeepsChannelsLast() {
        Network n = new Network(Shape.of(1, 20, 20, 20)).conv(32);
        List<Value> quantized = n.builder.add(
                new DynamicQuantizeLinear(), "", List.of(n.last()), List.of("quantized", "scale", "zero"));
        n.builder.output("zero point", quantized.get(2));
        n.values.add(n.builder.add(new Cast(DType.FLOAT32, true, "up"), quantized.getFirst()));
        n.then(new Mul(), quantized.get(1)).conv(32);
        Graph result = turned(n.graph(), Literals.random(DType.FLOAT32, 9, 1, 20, 20, 20));
        assertThat(count(result, Transpose.class)).isEqualTo(2);
        assertThat(count(result, ChannelsLast.class)).isEqualTo(2);
    }

    /** One scale for all channels is the same in both layouts. One scale for each channel is not. */
    @Test
    void quantisationByOneScaleKeepsChannelsLast() {
        for (boolean single : new boolean[] {true, false}) {
            Network n = new Network(Shape.of(1, 20, 20, 20)).conv(32);
            Value scale =
                    n.builder.constant(Literals.positive(DType.FLOAT32, 7, single ? new long[0] : new long[] {32}));
            n.then(new QuantizeLinear(1, true, 0, DType.INT8, null), scale);
            n.then(new Cast(DType.FLOAT32, true, "up")).conv(32);
            Graph result = turned(n.graph(), Literals.random(DType.FLOAT32, 9, 1, 20, 20, 20));
            assertThat(count(result, Transpose.class)).isEqualTo(single ? 2 : 4);
        }
    }

    @Test
    void transposesOfTheModelCancel() {
        GraphBuilder b = new GraphBuilder("network");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 20, 20, 32)));
        Value first = b.add(ChannelsLast.toFirst(4), x);
        Value conv = b.add(Conv.of(SAME), first, b.constant(Literals.random(DType.FLOAT32, 1, 32, 32, 3, 3)));
        Graph graph = b.output("y", b.add(ChannelsLast.toLast(4), conv)).build();
        Graph result = turned(graph, Literals.random(DType.FLOAT32, 2, 1, 20, 20, 32));
        assertThat(result.nodes().stream().map(n -> n.op().title()).toList()).containsExactly("Conv@last");
    }

    @Test
    void anotherTransposeOfTheModelGivesChannelsLast() {
        GraphBuilder b = new GraphBuilder("network");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(32, 2, 20, 20)));
        Value swapped = b.add(new Transpose(List.of(1, 0, 2, 3)), x);
        Value conv = b.add(Conv.of(SAME), swapped, b.constant(Literals.random(DType.FLOAT32, 1, 32, 32, 3, 3)));
        Graph graph = b.output("y", conv).build();
        Graph result = turned(graph, Literals.random(DType.FLOAT32, 2, 32, 2, 20, 20));
        assertThat(result.nodes().stream().map(n -> n.op().title()).toList())
                .containsExactly("Transpose", "Conv@last", "Transpose");
        assertThat(result.nodes().getFirst().op()).isEqualTo(new Transpose(List.of(1, 2, 3, 0)));
    }

    @Test
    void transposedConvolutionsWithSeparateWindowsHaveChannelsLast() {
        for (Shape shape : List.of(
                Shape.of(2, 20, 6, 7),
                Graphs.parse("""
            graph main(%x: f32[n,20,h,w]) {
              return %x
            }
            """).inputs().getFirst().tensorType().shape())) {
            Network n = new Network(shape).conv(24);
            ConvTranspose op = ConvTranspose.of(Attributes.none().with("strides", new long[] {3, 2}));
            n.then(op, n.random(24, 10, 3, 2), n.random(10)).then(new Relu());
            n.then(ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 2})), n.random(10, 1, 2, 2));
            Graph result = turned(n.graph(), Literals.random(DType.FLOAT32, 9, 2, 20, 6, 7));
            assertThat(titles(result).subList(0, 5))
                    .containsExactly("Transpose", "Conv@last", "ConvTranspose@last", "Relu", "ConvTranspose@last");
            assertThat(result.nodes()).hasSize(6);
            assertThat(result.outputs().getFirst().type()).isEqualTo(n.last().type());
        }
        Network overlapping = new Network(Shape.of(2, 20, 6, 7)).conv(24);
        ConvTranspose op = ConvTranspose.of(Attributes.none().with("strides", new long[] {1, 2}));
        overlapping.then(op, overlapping.random(24, 10, 3, 2));
        Graph kept = turned(overlapping.graph(), Literals.random(DType.FLOAT32, 9, 2, 20, 6, 7));
        assertThat(count(kept, ConvTranspose.class)).isEqualTo(1);
    }

    @Test
    void transposedConvolutionsGainWithoutOthers() {
        ConvTranspose separate = ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 2}));
        Network n = new Network(Shape.of(1, 32, 12, 14));
        n.then(separate, n.random(32, 24, 2, 2), n.random(24)).then(new Relu());
        Graph result = turned(n.graph(), Literals.random(DType.FLOAT32, 9, 1, 32, 12, 14));
        assertThat(titles(result)).containsExactly("Transpose", "ConvTranspose@last", "Relu", "Transpose");
        // Products of one element each cost less than a Transpose of the result, and three outputs fill half of a
        // panel.
        for (long[] weights : new long[][] {{1, 24, 2, 2}, {64, 3, 2, 2}}) {
            Network cheap = new Network(Shape.of(1, weights[0], 12, 14));
            cheap.then(separate, cheap.random(weights));
            Graph graph = cheap.graph();
            assertThat(PASS.apply(graph)).isSameAs(graph);
        }
    }

    /** Rules move the Transposes that the pass adds like those of the model, so that a second time changes nothing. */
    @Test
    void rulesMoveTheTransposesToo() {
        for (String nodes : List.of("%a = Relu(%x)", "%c = const f32[] {0.3}; %a = Pow(%x, %c)")) {
            String text = """
                graph main(%x: f32[1,20,30,30]) {
                  BEFORE
                  %w = W
                  %y = Conv<pads=[1, 1, 1, 1]>(%a, %w)
                  return %y
                }
                """;
            Graph graph = Graphs.parse(
                    text.replace("BEFORE", nodes.replace("; ", "\n")).replace("W", constant(20, 20)));
            Graph result = LAYOUTS.apply(graph);
            assertThat(titles(result).subList(1, 4)).containsExactly("Transpose", "Conv@last", "Transpose");
            assertThat(GraphText.print(LAYOUTS.apply(result)))
                    .as("a second time, %s", nodes)
                    .isEqualTo(GraphText.print(result));
        }
    }

    @Test
    void meansAfterConvolutionsNeedNoTranspose() {
        Network n = new Network(Shape.of(1, 20, 30, 30)).conv(20);
        n.then(new ReduceMean(false, false), ints(n, 2, 3));
        assertThat(titles(LAYOUTS.apply(n.graph()))).containsExactly("Transpose", "Conv@last", "ReduceMean");
    }

    @Test
    void planesOfOneElementAreReshaped() {
        Network n = new Network(Shape.of(1, 20, 20, 20))
                .conv(64)
                .then(new GlobalAveragePool())
                .then(new Flatten(1));
        Graph result = turned(n.graph(), Literals.random(DType.FLOAT32, 2, 1, 20, 20, 20));
        assertThat(count(result, Transpose.class)).isEqualTo(1);
    }

    @Test
    void sizesThatAreNotKnownStayOpen() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[n,40,h,w]) {
              %w = W
              %a = Conv<pads=[1, 1, 1, 1]>(%x, %w)
              %b = Relu(%a)
              %y = Add(%b, %x)
              return %y
            }
            """.replace("W", constant(40, 40)));
        Graph result = turned(graph, Literals.random(DType.FLOAT32, 1, 2, 40, 5, 6));
        assertThat(result.outputs().getFirst().type().toString()).isEqualTo("f32[n,40,h,w]");
        assertThat(count(result, ChannelsLast.class)).isEqualTo(1);
    }

    /** Groups of several channels have no kernel for channels-last. */
    @Test
    void groupsOfSeveralChannelsKeepTheirsFirst() {
        for (long[] weights : new long[][] {{32, 8, 3, 3}, {64, 1, 3, 3}, {16, 2, 3, 3}}) {
            Network n = new Network(Shape.of(1, 20, 30, 30)).conv(32).then(new Relu());
            n.then(Conv.of(SAME.with("group", 32 / weights[1])), n.random(weights))
                    .then(new Relu())
                    .conv(20);
            Graph result = turned(n.graph(), Literals.random(DType.FLOAT32, 3, 1, 20, 30, 30));
            assertThat(count(result, ChannelsLast.class)).isEqualTo(2);
            assertThat(result.nodes().stream().filter(node -> node.op() instanceof Conv))
                    .singleElement()
                    .matches(node -> ((Conv) node.op()).group() == 32 / weights[1]);
        }
        Network line = new Network(Shape.of(1, 32, 300));
        line.then(Conv.of(Attributes.none().with("group", 4L)), line.random(32, 8, 5));
        Graph grouped = line.graph();
        assertThat(PASS.apply(grouped)).isSameAs(grouped);
    }

    @Test
    void rewritesThatDoNotPayAreRefused() {
        // Products of one element each cost less than Transposes of operand and result.
        Network cheap = new Network(Shape.of(1, 32, 64, 64));
        cheap.then(Conv.of(Attributes.none()), cheap.random(32, 32, 1, 1)).then(new Relu());
        Graph graph = cheap.graph();
        assertThat(PASS.apply(graph)).isSameAs(graph);
        // Weights that are computed can't be packed, and groups of several channels have no kernel.
        Graph computed = Graphs.parse("""
            graph main(%x: f32[1,8,30,30], %w: f32[8,8,3,3]) {
              %y = Conv(%x, %w)
              return %y
            }
            """);
        assertThat(PASS.apply(computed)).isSameAs(computed);
        Network groups = new Network(Shape.of(1, 32, 30, 30));
        groups.then(Conv.of(SAME.with("group", 4L)), groups.random(32, 8, 3, 3));
        Graph grouped = groups.graph();
        assertThat(PASS.apply(grouped)).isSameAs(grouped);
        Graph none = Graphs.parse("""
            graph main(%x: f32[1,8,30,30]) {
              %y = Relu(%x)
              return %y
            }
            """);
        assertThat(PASS.apply(none)).isSameAs(none);
    }

    /** Without channels last a loop runs for each weight and line, however short the lines are. */
    @Test
    void smallConvolutionsOfBytesGain() {
        String weights = "1, ".repeat(32 * 4 - 1) + "1";
        Graph graph = Graphs.parse("""
            graph g(%x: u8[n,1,8,8]) {
              %s = const f32[] {0.5}
              %z = const u8[] {3}
              %w = const i8[32,1,2,2] {WEIGHTS}
              %v = const i8[] {0}
              %y = QLinearConv<strides=[2, 2]>(%x, %s, %z, %w, %s, %v, %s, %z)
              return %y
            }
            """.replace("WEIGHTS", weights));
        assertThat(PASS.apply(graph, RewriteTrace.none())).isSameAs(graph);
        Graph last = new LayoutAssignment(Set.of(LayoutAssignment.Gain.BYTES), Target.standard())
                .apply(graph, RewriteTrace.none());
        assertThat(last.nodes().stream().map(n -> n.op() instanceof ChannelsLast))
                .contains(true);
    }

    /** Vector loops copy what the few products read; machine code reads it in place. */
    @Test
    void machineCodeGainsByFewChannels() {
        Graph graph = new Network(Shape.of(1, 16, 14, 14)).conv(5).graph();
        Pass withCode = new LayoutAssignment(
                Set.of(LayoutAssignment.Gain.VECTORS, LayoutAssignment.Gain.MACHINE_CODE), Target.standard());
        assertThat(PASS.apply(graph)).isSameAs(graph);
        Graph result = withCode.apply(graph);
        GraphVerifier.verify(result);
        assertThat(result.nodes()).anyMatch(node -> node.op() instanceof ChannelsLast);
    }
}

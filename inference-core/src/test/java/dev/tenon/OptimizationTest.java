package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.ModelFiles;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.pass.LayoutAssignment;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tiers")
class OptimizationTest {
    private static Graph small() {
        GraphBuilder b = new GraphBuilder("small");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("n"))));
        Value s = b.add(new Sigmoid(), b.add(new Identity(), x));
        Value y = b.add(new Mul(), x, s);
        Value z = b.add(new Mul(), y, b.add(new Sigmoid(), b.add(new Relu(), y)));
        return b.output("z", z).build();
    }

    @Test
    void aSessionShowsWhichRewritesFiredAndWhichNearlyDid() {
        String text = Model.of(small()).session().inspect().explain();
        assertThat(text)
                .startsWith("6 nodes as read, 1 as run\n")
                .contains("input x: f32[n]\n", "output z: f32[n]\n", "0 parameters in 0 constants, 0 bytes\n")
                .contains("rewrite identity fired 1 time at ", "rewrite silu fired 1 time at Mul in small\n");
        assertThat(Model.of(small())
                        .session(SessionOptions.standard().optimize(false))
                        .inspect()
                        .explain())
                .startsWith("6 nodes as read, 6 as run\n")
                .doesNotContain("fired", "near miss");
    }

    @Test
    void strictNumericsKeepEveryBit() {
        Model model = Model.of(small());
        assertThat(STRICT.numerics()).isEqualTo(NumericsMode.STRICT);
        assertThat(STRICT).isNotEqualTo(SessionOptions.standard());
        assertThat(model.session(STRICT).inspect().explain())
                .contains("1 as run", "identity")
                .doesNotContain("silu");
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {-3, -0.5f, 0, 0.25f, 7}));
        Tensor found = model.session(STRICT).predict(inputs).tensor("z");
        Tensor plain = model.session(SessionOptions.standard().optimize(false))
                .predict(inputs)
                .tensor("z");
        assertThat(found.contentEquals(plain)).isTrue();
    }

    /** A convolution that is faster with transformed weights. */
    private static final String CONVOLUTION = """
            graph planes(%x: f32[1,32,30,30]) {
              %w = const f32[32,32,3,3] @w32x32x3x3
              %a = Conv<pads=[1, 1, 1, 1]>(%x, %w)
              %y = Relu(%a)
              return %y
            }
            """;

    private static final SessionOptions STRICT = SessionOptions.standard().numerics(NumericsMode.STRICT);

    private static List<String> convolutions(Graph graph, SessionOptions options) {
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(1, 32, 30, 30));
        Session session = Model.of(graph).session(options);
        return session.inspect().profile(inputs, 1).graphs().stream()
                .flatMap(g -> g.steps().stream())
                .map(step -> step.step().kernel())
                .filter(kernel -> kernel.startsWith("conv_f32"))
                .toList();
    }

    /**
     * A convolution uses minimal filtering by default, and not under strict numerics: with channels first, with
     * channels last, and in a body.
     */
    @Test
    void strictNumericsUseNoMinimalFiltering() {
        Graph first = SmallModels.graph(CONVOLUTION);
        Graph last = new LayoutAssignment().apply(first);
        assertThat(last.nodes()).anyMatch(n -> n.op() instanceof ChannelsLast);
        boolean panels = Tiers.detect().capabilities().panelColumns() > 0;
        for (Graph graph : List.of(first, last, inABranch())) {
            for (boolean optimize : new boolean[] {false, true}) {
                List<String> standard =
                        convolutions(graph, SessionOptions.standard().optimize(optimize));
                // Kernels of channels last have it.
                assertThat(standard)
                        .singleElement()
                        .matches(kernel -> kernel.contains("winograd") == (panels && kernel.contains("_last_")));
                List<String> strict = convolutions(graph, STRICT.optimize(optimize));
                assertThat(strict).singleElement().matches(kernel -> !kernel.contains("winograd"));
                assertThat(strict.getFirst().contains("_last_"))
                        .as("channels come last where that is faster: %s", strict)
                        .isEqualTo(graph == last || optimize && panels);
            }
        }
        assertThat(Model.of(first).session(STRICT).inspect().steps(Map.of("x", SmallModels.random(1, 32, 30, 30))))
                .extracting(StepInfo::kernel)
                .anyMatch(kernel -> kernel.startsWith("conv_f32"))
                .noneMatch(kernel -> kernel.contains("winograd"));
    }

    private static Graph inABranch() {
        GraphBuilder b = new GraphBuilder("branches");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 32, 30, 30)));
        Value isPositive =
                b.add(new Greater(), b.add(new ReduceMax(false, false), x, null), b.constant(Tensor.scalar(0f)));
        GraphBuilder then = b.body("then");
        Value inThen = then.input("a", x.type());
        Value w = then.constant(SmallModels.random(32, 32, 3, 3));
        Conv conv = Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1}));
        then.output("t", then.add(conv, inThen, w));
        GraphBuilder otherwise = b.body("otherwise");
        Value inElse = otherwise.input("a", x.type());
        otherwise.output("e", otherwise.add(new Relu(), inElse));
        return b.output("y", b.add(new If(then.build(), otherwise.build()), isPositive, x))
                .build();
    }

    @Test
    void underStrictNumericsNaNReachesTheWindowsThatSeeItAlone() {
        Tensor x = SmallModels.random(1, 32, 30, 30);
        x.setDouble(7 * 900 + 13 * 30 + 17, Double.NaN);
        Model model = SmallModels.model(CONVOLUTION);
        Tensor strict = model.session(STRICT).predict(Map.of("x", x)).tensor("y");
        Tensor standard = model.session().predict(Map.of("x", x)).tensor("y");
        long spread = 0;
        for (long i = 0; i < strict.size(); i++) {
            boolean sees = Math.abs(i / 30 % 30 - 13) <= 1 && Math.abs(i % 30 - 17) <= 1;
            assertThat(Double.isNaN(strict.getDouble(i))).as("element %s", i).isEqualTo(sees);
            spread += !sees && Double.isNaN(standard.getDouble(i)) ? 1 : 0;
        }
        assertThat(spread > 0)
                .as("NaN outside of the windows in standard mode")
                .isEqualTo(Tiers.detect().capabilities().panelColumns() > 0);
    }

    @Test
    void anExportedTransformerIsFused() {
        Model model = Model.load(ModelFiles.find("all-minilm-l6-v2.onnx"));
        RewriteTrace trace = new RewriteTrace();
        Graph graph = Pipeline.standard().apply(model.graph(), trace);
        GraphVerifier.verify(graph);
        String counts =
                model.graph().nodes().size() + " nodes before, " + graph.nodes().size() + " after\n" + trace.print();
        assertThat(count(graph, "QkvAttention")).as(counts).isEqualTo(6);
        assertThat(count(graph, "LayerNormalization")).as(counts).isEqualTo(12);
        assertThat(count(graph, "SumNormalization")).as(counts).isEqualTo(1);
        assertThat(count(graph, "Gelu")).as(counts).isEqualTo(6);
        assertThat(count(graph, "Transpose") + count(graph, "Softmax") + count(graph, "Sqrt"))
                .as(counts)
                .isZero();
        assertThat(graph.nodes()).as(counts).hasSizeLessThanOrEqualTo(49);

        Map<String, Tensor> inputs = Map.of(
                "input_ids",
                tokens(30_000),
                "attention_mask",
                mask(),
                "token_type_ids",
                Tensor.allocate(DType.INT64, 2, 7));
        SessionOptions plain = SessionOptions.standard().optimize(false);
        Outputs expected = model.session(plain).predict(inputs);
        Numerics numerics = numerics(model.graph());
        for (Session session : new Session[] {Model.of(graph).session(plain), model.session()}) {
            Outputs found = session.predict(inputs);
            for (String name : session.inspect().graph().outputNames()) {
                Closeness.check(name, found.tensor(name), expected.tensor(name), null, numerics);
            }
        }
    }

    /** The number of nodes with an operator, including parts of fused nodes. */
    private static long count(Graph graph, String op) {
        return graph.nodes().stream()
                .flatMap(n -> n.op() instanceof Fused f ? f.parts().stream().map(Fused.Part::op) : Stream.of(n.op()))
                .filter(o -> o.schema().name().equals(op))
                .count();
    }

    private static Tensor tokens(int bound) {
        SplittableRandom random = new SplittableRandom(5);
        Tensor t = Tensor.allocate(DType.INT64, 2, 7);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextInt(1, bound));
        }
        return t;
    }

    private static Tensor mask() {
        Tensor t = Tensor.allocate(DType.INT64, 2, 7);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, i % 7 < (i < 7 ? 7 : 4) ? 1 : 0);
        }
        return t;
    }

    /** The accuracy of all operators together. */
    private static Numerics numerics(Graph graph) {
        double terms = 0;
        for (Node node : graph.nodes()) {
            terms += node.op().numerics().terms() + node.op().numerics().ulps();
        }
        return new Numerics(0, terms, 1);
    }

    /** Squeezes its input if the first dimension is 1, as some exporters write it. */
    private static Graph squeezing() {
        GraphBuilder b = new GraphBuilder("squeezing");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("n"), Dim.of(3))));
        Value first = b.add(
                new Gather(0),
                b.add(new dev.tenon.op.shape.Shape(0, Long.MAX_VALUE), x),
                b.constant(Tensor.scalar(0L)));
        Value isOne = b.add(new Equal(), first, b.constant(Tensor.scalar(1L)));
        GraphBuilder then = b.body("then");
        Value inThen = then.input("a", x.type());
        then.output("t", then.add(new Squeeze(), inThen, then.constant(Tensor.of(new long[] {0}))));
        GraphBuilder otherwise = b.body("otherwise");
        Value inElse = otherwise.input("a", x.type());
        otherwise.output("e", otherwise.add(new Identity(), inElse));
        Value chosen = b.add(new If(then.build(), otherwise.build()), isOne, x);
        // The next step can work in place, but must not write over this output.
        Value kept = b.add(new Neg(), b.add(new Softmax(-1), chosen));
        return b.output("kept", kept).output("y", b.add(new Relu(), kept)).build();
    }

    @Test
    void aBranchThatTheShapesDecideIsPlannedWithThem() {
        Session session = Model.of(squeezing()).session();
        for (int n : new int[] {1, 2, 1, 5}) {
            float[] values = new float[n * 3];
            for (int i = 0; i < values.length; i++) {
                values[i] = i % 4 - 1;
            }
            Map<String, Tensor> inputs = Map.of("x", Tensor.of(values, n, 3));
            assertThat(session.inspect().explain(inputs)).doesNotContain("If", "reference");
            Outputs found = session.predict(inputs);
            assertThat(found.tensor("y").dims()).isEqualTo(n == 1 ? new long[] {3} : new long[] {n, 3});
            Outputs plain = Model.of(squeezing())
                    .session(SessionOptions.standard().optimize(false))
                    .predict(inputs);
            for (String name : List.of("y", "kept")) {
                assertThat(found.tensor(name).dims())
                        .isEqualTo(plain.tensor(name).dims());
                Closeness.check(name, found.tensor(name), plain.tensor(name), null, new Softmax(-1).numerics());
            }
        }
    }
}

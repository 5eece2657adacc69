package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Attributes;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Literals;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The traces of passes: their rewrites, those that they refuse, and that tracing changes nothing. */
class PassTracesTest {
    private static final Attributes SAME = Attributes.none().with("pads", new long[] {1, 1, 1, 1});

    /** The lines of the trace of a pass, whose result must be the same without a trace. */
    private static List<String> told(Pass pass, Graph graph) {
        RewriteTrace trace = new RewriteTrace();
        assertThat(GraphText.print(pass.apply(graph, trace), Value::name))
                .isEqualTo(GraphText.print(pass.apply(graph), Value::name));
        return trace.print().lines().toList();
    }

    private static List<String> told(Pass pass, String text) {
        return told(pass, Graphs.parse(text));
    }

    @Test
    void foldingTellsItsResultsAndTheResultsThatAreTooLarge() {
        assertThat(told(new ConstantFolding(), """
            graph main(%x: f32[2]) {
              %a = const f32[2] {1.0, 2.0}
              %b = Neg(%a) "turned"
              %s = const i64[2] {5000, 5000}
              %large = ConstantOfShape(%s) "large"
              %y = Add(%x, %b)
              return %y, %large
            }
            """))
                .containsExactly(
                        "rewrite constant-folding fired 1 time",
                        "fired constant-folding at Neg 'turned' in main",
                        "near miss constant-folding at ConstantOfShape 'large' in main: "
                                + "%large would take 100000000 bytes, computed from 16");
    }

    @Test
    void sharingTellsWhichNodesAndConstantsWereThere() {
        assertThat(told(new CommonSubexpressions(), """
            graph main(%x: f32[2]) {
              %one = const f32[] {1.0}
              %too = const f32[] {1.0}
              %a = Add(%x, %one) "first"
              %b = Add(%x, %too) "second"
              return %a, %b
            }
            """))
                .containsExactly(
                        "rewrite common-subexpressions fired 2 times",
                        "fired common-subexpressions at %too: f32[] in main",
                        "fired common-subexpressions at Add 'second' in main");
    }

    @Test
    void droppingTellsNodesAndConstants() {
        assertThat(told(new DeadCodeElimination(), """
            graph main(%x: f32[2]) {
              %one = const f32[] {1.0}
              %a = Add(%x, %one) "idle"
              %y = Relu(%x)
              return %y
            }
            """))
                .containsExactly(
                        "rewrite dead-code-elimination fired 2 times",
                        "fired dead-code-elimination at Add 'idle' in main",
                        "fired dead-code-elimination at %one: f32[] in main");
    }

    @Test
    void bodiesTellByTheirOwnNames() {
        String text = """
            graph main(%c: bool[], %x: f32[2]) {
              %w = const f32[2] {1.0, 2.0}
              %y = If<else_branch=graph no(%x: f32[2], %w: f32[2]) {
                %r = Mul(%x, %w)
                return %r
              }, then_branch=graph yes(%x: f32[2], %w: f32[2]) {
                %idle = Neg(%x) "idle"
                %r = Add(%x, %w)
                return %r
              }>(%c, %x, %w) "choice"
              return %y
            }
            """;
        assertThat(told(new CapturedConstants(), text))
                .containsExactly(
                        "rewrite captured-constants fired 1 time", "fired captured-constants at If 'choice' in main");
        assertThat(told(new DeadCodeElimination(), text))
                .containsExactly(
                        "rewrite dead-code-elimination fired 1 time",
                        "fired dead-code-elimination at Neg 'idle' in yes");
    }

    @Test
    void fusionTellsWhyAChainDidNotJoinAProduct() {
        List<String> told = told(new Fusion(), """
            graph main(%x: f32[n,3], %z: f32[2,3]) {
              %w = const f32[3,3] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0}
              %one = MatMul(%x, %w) "one"
              %two = MatMul(%x, %w) "two"
              %sum = Add(%one, %two) "sum"
              %kept = MatMul(%x, %w) "kept"
              %half = Relu(%kept) "half"
              %broad = MatMul(%x, %w) "broad"
              %wide = Add(%broad, %z) "wide"
              return %sum, %half, %kept, %wide
            }
            """);
        assertThat(told)
                .contains(
                        "rewrite fusion fired 1 time",
                        "near miss fusion at MatMul 'one' in main: the operators that use its result have another"
                                + " product, convolution or reduction",
                        "near miss fusion at MatMul 'kept' in main: it is an output of the graph",
                        "near miss fusion at MatMul 'broad' in main: the operators that use its result give another type or"
                                + " shape")
                .hasSize(5);
    }

    @Test
    void fusionTellsWhyChainsStayApart() {
        assertThat(told(new Fusion(), """
            graph main(%x: f32[n,3], %row: f32[3]) {
              %small = Neg(%row) "small"
              %wide = Add(%x, %small) "wide"
              %first = Relu(%wide) "first"
              %second = Abs(%wide) "second"
              %m = MatMul(%second, %second) "product"
              return %first, %m
            }
            """.replace("[n,3]", "[3,3]").replace("%row: f32[3]", "%row: f32[1]")))
                .containsExactly(
                        "near miss fusion at Add 'wide' in main: two fused operators use it",
                        "near miss fusion at Neg 'small' in main: its result is smaller: it would be computed anew for"
                                + " each element of the whole");
    }

    private static Value random(GraphBuilder b, long... dims) {
        return b.constant(Literals.random(DType.FLOAT32, dims.length, dims));
    }

    private static Value convolved(GraphBuilder b, String name, Value x, long outputs, long group) {
        long inputs = x.tensorType().shape().dim(1).value() / group;
        Attributes attributes = SAME.with("group", group);
        List<Value> operands = List.of(x, random(b, outputs, inputs, 3, 3));
        return b.add(Conv.of(attributes), name, operands, List.of(name)).getFirst();
    }

    @Test
    void layoutsTellGainsAgainstCosts() {
        GraphBuilder b = new GraphBuilder("network");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 32, 28, 28)));
        Value grouped = convolved(b, "grouped", b.add(new Relu(), convolved(b, "dense", x, 32, 1)), 32, 2);
        Graph graph = b.output(grouped).build();
        List<String> told = told(new LayoutAssignment(), graph);
        assertThat(told).hasSize(3);
        assertThat(told.get(0)).isEqualTo("rewrite layout-assignment fired 1 time");
        assertThat(told.get(1))
                .matches(
                        "fired layout-assignment at Conv 'dense' with 1 node around it \\(1 convolution gains"
                                + " [0-9.]+ us, transposing 2 values at the borders costs [0-9.]+ us, by estimate\\) in network");
        assertThat(told.get(2))
                .startsWith("near miss layout-assignment at Conv 'grouped' in network: it is not of f32 with");
    }

    @Test
    void layoutsTellWhichRegionsDoNotPay() {
        GraphBuilder b = new GraphBuilder("network");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 1, 32, 32)));
        Graph graph = b.output(convolved(b, "thin", x, 1, 1)).build();
        List<String> told = told(new LayoutAssignment(), graph);
        assertThat(told)
                .singleElement()
                .asString()
                .matches(
                        "near miss layout-assignment at Conv 'thin' in network:"
                                + " 1 convolution gains [0-9.]+ us, transposing 2 values at the borders costs [0-9.]+ us, by estimate");
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 1})
    void layoutsTellOfSeparateWindows(long stride) {
        GraphBuilder b = new GraphBuilder("network");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 32, 28, 28)));
        Value wide = b.add(
                        ConvTranspose.of(Attributes.none().with("strides", new long[] {stride, stride})),
                        "wide",
                        List.of(convolved(b, "dense", x, 32, 1), random(b, 32, 32, 2, 2)),
                        List.of("wide"))
                .getFirst();
        List<String> told = told(new LayoutAssignment(), b.output(wide).build());
        if (stride == 2) {
            assertThat(told)
                    .anyMatch(line -> line.startsWith("fired layout-assignment at Conv 'dense'")
                            && line.contains("with 1 node around it"));
        } else {
            assertThat(told)
                    .contains("near miss layout-assignment at ConvTranspose 'wide' in network:"
                            + " it has several groups, or windows that are larger or smaller than its strides");
        }
    }

    @Test
    void theTraceThatNobodyAsksStaysEmpty() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[2]) {
              %a = const f32[2] {1.0, 2.0}
              %b = Neg(%a)
              %y = Add(%x, %b)
              %z = Relu(%y)
              return %z
            }
            """);
        Pipeline.standard().apply(graph, RewriteTrace.none());
        RewriteTrace.none().refused("rule", "graph", "node", "reason");
        assertThat(RewriteTrace.none().isKept()).isFalse();
        assertThat(RewriteTrace.none().print()).isEmpty();
        assertThat(RewriteTrace.none().counts()).isEmpty();
        RewriteTrace trace = new RewriteTrace();
        Pipeline.standard().apply(graph, trace);
        assertThat(trace.counts()).containsEntry("constant-folding", 1).containsEntry("fusion", 1);
        Tensor same = Tensor.of(new float[] {3, 4});
        Graphs.requireEqual(Graphs.run(Pipeline.standard().apply(graph), same), Graphs.run(graph, same));
    }
}

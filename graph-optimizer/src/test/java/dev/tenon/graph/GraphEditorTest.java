package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.control.If;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Split;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class GraphEditorTest {
    private static final String LAYERS = """
        graph main(%x: f32[n,2]) {
          %w = const f32[2,3] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}
          %b = const f32[3] {1.0, -1.0, 0.5}
          %h: f32[n,3] = MatMul(%x, %w) "first"
          %s: f32[n,3] = Add(%h, %b) "bias"
          %y: f32[n,3] = Relu(%s) "act"
          return probabilities=%y, sums=%s
        }
        """;

    private final Graph graph = Graphs.parse(LAYERS);
    private final GraphEditor editor = new GraphEditor(graph);

    private Value value(String name) {
        return editor.index().value(name);
    }

    private Node node(String name) {
        return editor.index().node(name);
    }

    /**
     * Fails unless the editor builds a graph of this text, which is as valid as any other and leaves the source alone.
     */
    private Graph builds(String text) {
        Graph built = editor.build();
        GraphVerifier.verify(built);
        assertThat(GraphText.print(built)).isEqualTo(GraphText.print(Graphs.parse(text)));
        assertThat(GraphText.print(graph)).isEqualTo(LAYERS);
        return built;
    }

    private static void refused(ThrowingCallable edit, String... parts) {
        assertThatThrownBy(edit).isInstanceOf(InvalidGraphException.class).hasMessageContainingAll(parts);
    }

    private static List<Datum> run(Graph graph) {
        return Graphs.run(graph, Tensor.of(new float[] {1, -2, 0.5f, 3}, 2, 2));
    }

    @Test
    void withoutEditsTheGraphIsTheSame() {
        assertThat(editor.build()).isSameAs(graph);
        assertThat(editor.index().graph()).isSameAs(graph);
    }

    @Test
    void aNodeIsInsertedForAllUsesAndOutputs() {
        NewValue inserted = editor.insertAfter(value("s"), new Neg());
        assertThat(inserted.name()).isEqualTo("Neg");
        assertThat(inserted).hasToString("%Neg");
        builds(LAYERS.replace("%y: f32[n,3] = Relu(%s)", "%Neg = Neg(%s)\n%y = Relu(%Neg)")
                .replace("sums=%s", "sums=%Neg"));
    }

    @Test
    void aNodeIsInsertedForChosenConsumers() {
        editor.insertAfter(value("s"), List.of(node("act")), new Clip(), null, editor.constant(Tensor.scalar(1f)));
        builds(LAYERS.replace("%h: f32", "%const = const f32[] {1.0}\n%h: f32")
                .replace("%y: f32[n,3] = Relu(%s)", "%Clip = Clip(%s, _, %const)\n%y = Relu(%Clip)"));
    }

    @Test
    void nodesThatTheReplacementIsComputedFromKeepTheValue() {
        Value s = value("s");
        NewValue negative = editor.add(new Neg(), s);
        NewValue product = editor.add(new Mul(), negative, s);
        editor.replaceUses(s, product);
        builds(LAYERS.replace("%y: f32[n,3] = Relu(%s)", "%Neg = Neg(%s)\n%Mul = Mul(%Neg, %s)\n%y = Relu(%Mul)")
                .replace("sums=%s", "sums=%Mul"));
    }

    @Test
    void chosenConsumersMustUseTheValueAndNotComputeTheReplacement() {
        Value s = value("s");
        refused(
                () -> editor.replaceUses(s, value("h"), List.of(node("first"))),
                "MatMul 'first'",
                "no operand %s",
                "nodes that use the value");
        refused(
                () -> editor.replaceUses(s, value("y"), List.of(node("act"))),
                "Relu 'act'",
                "operand %y, which is computed from the node");
        assertThat(editor.build()).isSameAs(graph);
    }

    @Test
    void anInsertionThatIsRefusedLeavesNoNode() {
        List<Node> others = List.of(node("first"));
        refused(() -> editor.insertAfter(value("s"), others, new Neg()), "MatMul 'first'", "no operand %s");
        builds(LAYERS);
    }

    @Test
    void usesAreReplacedByValuesOfTheGraph() {
        editor.replaceUses(value("s"), value("h"));
        editor.remove(node("bias"));
        Graph built = builds("""
            graph main(%x: f32[n,2]) {
              %w = const f32[2,3] {1, 2, 3, 4, 5, 6}
              %h = MatMul(%x, %w) "first"
              %y = Relu(%h) "act"
              return probabilities=%y, sums=%h
            }
            """);
        assertThat(built.constants()).extracting(Value::name).containsExactly("w");
    }

    @Test
    void laterEditsSeeEarlierOnes() {
        Value s = value("s");
        NewValue first = editor.insertAfter(s, new Neg());
        NewValue second = editor.insertAfter(first, new Abs());
        editor.insertAfter(second, List.of(node("act")), new Neg());
        builds(LAYERS.replace(
                        "%y: f32[n,3] = Relu(%s)",
                        "%Neg = Neg(%s)\n%Abs = Abs(%Neg)\n%Neg_1 = Neg(%Abs)\n%y = Relu(%Neg_1)")
                .replace("sums=%s", "sums=%Abs"));
    }

    @Test
    void aConstantIsReplacedByOneOfAnotherShape() {
        editor.replaceConstant(value("w"), Tensor.of(new float[] {1, 2}, 2, 1));
        Graph built = builds("""
            graph main(%x: f32[n,2]) {
              %w = const f32[2,1] {1, 2}
              %b = const f32[3] {1, -1, 0.5}
              %h: f32[n,1] = MatMul(%x, %w) "first"
              %s: f32[n,3] = Add(%h, %b) "bias"
              %y: f32[n,3] = Relu(%s) "act"
              return probabilities=%y, sums=%s
            }
            """);
        assertThat(built.nodes().getFirst().output().type()).hasToString("f32[n,1]");
    }

    @Test
    void constantsOfAnotherTypeAreCheckedWhenTheGraphIsBuilt() {
        editor.replaceConstant(value("w"), Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3));
        assertThatThrownBy(editor::build)
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("MatMul 'first'");
        editor.replaceConstant(value("b"), Tensor.of(new double[] {1, -1, 0.5}));
        editor.insertAfter(value("x"), new Cast(DType.FLOAT64, true, "up"));
        Graph built = editor.build();
        GraphVerifier.verify(built);
        assertThat(built.outputs().getFirst().type()).hasToString("f64[n,3]");
    }

    @Test
    void onlyConstantsAreReplacedAsConstants() {
        Tensor t = Tensor.scalar(1f);
        refused(
                () -> editor.replaceConstant(value("x"), t),
                "value 'x'",
                "an input of the graph",
                "constants",
                "replaceUses");
        refused(() -> editor.replaceConstant(value("h"), t), "value 'h'", "the output of MatMul 'first'");
    }

    @Test
    void anOperandIsReplacedOrLeftOut() {
        editor.replaceOperand(node("bias"), 1, value("h"));
        editor.replaceOperand(node("act"), 0, value("h"));
        builds(LAYERS.replace("  %b = const f32[3] {1.0, -1.0, 0.5}\n", "")
                .replace("Add(%h, %b)", "Add(%h, %h)")
                .replace("Relu(%s)", "Relu(%h)"));
        refused(() -> editor.replaceOperand(node("act"), 1, value("h")), "Relu 'act'", "operand 1", "0 to 0");
        refused(() -> editor.replaceOperand(node("act"), -1, value("h")), "Relu 'act'", "operand -1");
        editor.replaceOperand(node("act"), 0, null);
        assertThatThrownBy(editor::build)
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Relu 'act'");
    }

    @Test
    void aNodeThatUsesAValueTwiceKeepsItsOtherUse() {
        Graph squares = Graphs.parse("graph g(%x: f32[2], %z: f32[2]) { %y = Mul(%x, %x) \"square\" return %y }");
        GraphEditor e = new GraphEditor(squares);
        e.replaceOperand(e.index().node("square"), 0, e.index().value("z"));
        e.replaceUses(e.index().value("x"), e.add(new Neg(), e.index().value("x")));
        assertThat(GraphText.print(e.build())).contains("%y: f32[2] = Mul(%z, %Neg)");
    }

    @Test
    void anOperatorIsReplaced() {
        editor.replaceOperator(node("bias"), new Sub());
        Graph built = builds(LAYERS.replace("Add(%h, %b)", "Sub(%h, %b)"));
        Graphs.requireEqual(run(built), run(Graphs.parse(LAYERS.replace("Add(%h, %b)", "Sub(%h, %b)"))));
    }

    @Test
    void aNodeIsReplacedByNodesAndItsNamesAreKept() {
        Value x = value("x");
        Value w = value("w");
        NewValue product = editor.add(new MatMul(), x, w);
        NewValue doubled = editor.add(new Add(), product, product);
        editor.replaceNode(node("first"), doubled);
        assertThat(doubled.name()).isEqualTo("h");
        builds("""
            graph main(%x: f32[n,2]) {
              %w = const f32[2,3] {1, 2, 3, 4, 5, 6}
              %b = const f32[3] {1, -1, 0.5}
              %MatMul = MatMul(%x, %w)
              %h = Add(%MatMul, %MatMul)
              %s = Add(%h, %b) "bias"
              %y = Relu(%s) "act"
              return probabilities=%y, sums=%s
            }
            """);
    }

    @Test
    void newValuesMayHaveNamesOfTheirOwn() {
        List<NewValue> results = editor.add(new Neg(), "flip", List.of(value("h")), List.of("flipped"));
        NewValue bias = editor.constant("offset", Tensor.of(new float[] {3, 2, 1}));
        NewValue sum = editor.add(new Add(), "", List.of(results.getFirst(), bias), List.of("t"))
                .getFirst();
        editor.replaceNode(node("bias"), sum);
        assertThat(sum.name()).isEqualTo("t");
        builds("""
            graph main(%x: f32[n,2]) {
              %w = const f32[2,3] {1, 2, 3, 4, 5, 6}
              %offset = const f32[3] {3, 2, 1}
              %h = MatMul(%x, %w) "first"
              %flipped = Neg(%h) "flip"
              %t = Add(%flipped, %offset)
              %y = Relu(%t) "act"
              return probabilities=%y, sums=%t
            }
            """);
    }

    @Test
    void aNameOfARemovedValueIsFree() {
        NewValue h = editor.add(new MatMul(), "again", List.of(value("x"), value("w")), List.of("h"))
                .getFirst();
        editor.replaceUses(value("h"), h);
        refused(editor::build, "value 'h'", "a second value of this name");
        editor.remove(node("first"));
        builds(LAYERS.replace("\"first\"", "\"again\""));
    }

    @Test
    void madeUpNamesAreUnique() {
        NewValue a = editor.add(new Neg(), value("h"));
        editor.add(new Neg(), "", List.of(value("h")), List.of("Neg_1"));
        NewValue c = editor.add(new Neg(), value("h"));
        assertThat(List.of(a.name(), c.name())).containsExactly("Neg", "Neg_2");
        assertThat(editor.constant(Tensor.scalar(1f)).name()).isEqualTo("const");
        assertThat(editor.constant(Tensor.scalar(1f)).name()).isEqualTo("const_1");
    }

    @Test
    void aNodeOfSeveralOutputsIsReplaced() {
        Graph parts = Graphs.parse("""
            graph main(%x: f32[4]) {
              %a, %_, %c = Split<num_outputs=3>(%x)
              %y = Add(%a, %a)
              return %y, last=%c
            }
            """.replace("%_, ", "_, ").replace("f32[4]", "f32[6]"));
        GraphEditor split = new GraphEditor(parts);
        Node node = split.index().nodes(Split.class).getFirst();
        Value x = split.index().value("x");
        refused(() -> split.replaceNode(node, List.of(x)), "Split", "1 values for 3 outputs", "one for each output");
        List<NewValue> made = split.add(new Split(0, 3), "parts", List.of(x), Arrays.asList("", null, ""));
        assertThat(made.get(1)).isNull();
        split.replaceNode(node, made);
        Graph built = split.build();
        GraphVerifier.verify(built);
        assertThat(GraphText.print(built)).contains("%a: f32[2], _, %c: f32[2] = Split", "(%x) \"parts\"");
    }

    @Test
    void usedOutputsOfRemovedNodesAreNamed() {
        editor.remove(node("bias"));
        refused(editor::build, "Relu 'act'", "%s, whose node was removed", "replace the uses of %s");
        editor.replaceOperand(node("act"), 0, value("h"));
        refused(editor::build, "output 'sums'", "%s, whose node was removed");
        editor.removeOutput("sums");
        builds("""
            graph main(%x: f32[n,2]) {
              %w = const f32[2,3] {1, 2, 3, 4, 5, 6}
              %h = MatMul(%x, %w) "first"
              %y = Relu(%h) "act"
              return probabilities=%y
            }
            """);
        refused(() -> editor.remove(node("bias")), "Add 'bias'", "a node that was removed");
        refused(() -> editor.replaceOperator(node("bias"), new Sub()), "Add 'bias'", "a node that was removed");
    }

    @Test
    void nodesThatNothingUsesStay() {
        editor.add(new Neg(), "idle", List.of(value("h")), List.of("idle"));
        builds(LAYERS.replace("  return", "  %idle = Neg(%h) \"idle\"\n  return"));
    }

    @Test
    void nodesComeAfterThoseTheyDependOn() {
        NewValue late = editor.add(new Neg(), editor.add(new Abs(), value("x")));
        editor.replaceOperand(node("first"), 0, late);
        builds(LAYERS.replace(
                "%h: f32[n,3] = MatMul(%x, %w)", "%Abs = Abs(%x)\n%Neg = Neg(%Abs)\n%h = MatMul(%Neg, %w)"));
    }

    @Test
    void nodesThatDependOnThemselvesAreRefused() {
        editor.replaceOperand(node("bias"), 1, value("y"));
        refused(editor::build, "'", "a node that depends on itself");
    }

    @Test
    void longChainsAreBuilt() {
        NewValue last = editor.add(new Neg(), value("y"));
        for (int i = 0; i < 20_000; i++) {
            last = editor.add(new Neg(), last);
        }
        editor.replaceOutput("probabilities", last);
        assertThat(editor.build().nodes()).hasSize(20_004);
    }

    @Test
    void outputsAreAddedRenamedReplacedAndRemoved() {
        editor.addOutput("hidden", value("h"));
        editor.renameOutput("probabilities", "scores");
        editor.replaceOutput("sums", value("x"));
        Graph built = editor.build();
        assertThat(built.outputNames()).containsExactly("scores", "sums", "hidden");
        assertThat(built.outputs()).extracting(Value::name).containsExactly("y", "x", "h");
        editor.removeOutput("scores");
        editor.renameOutput("hidden", "hidden");
        assertThat(editor.build().outputNames()).containsExactly("sums", "hidden");
        refused(() -> editor.addOutput("sums", value("h")), "output 'sums'", "a second output");
        refused(() -> editor.renameOutput("sums", "hidden"), "output 'hidden'", "a second output");
        refused(
                () -> editor.renameOutput("scores", "a"),
                "output 'scores'",
                "no output of this name",
                "[sums, hidden]");
        refused(() -> editor.replaceOutput("scores", value("h")), "output 'scores'", "no output of this name");
        refused(() -> editor.removeOutput("scores"), "output 'scores'", "no output of this name");
    }

    @Test
    void valuesAreExposed() {
        Graph exposed = GraphEditor.exposing(graph, List.of(value("h"), value("y"), value("h"), value("w")));
        GraphVerifier.verify(exposed);
        assertThat(exposed.outputNames()).containsExactly("probabilities", "sums", "h", "y", "h_1", "w");
        assertThat(exposed.outputs()).extracting(Value::name).containsExactly("y", "s", "h", "y", "h", "w");
        assertThat(exposed.nodes()).hasSameSizeAs(graph.nodes());
        List<Datum> results = run(exposed);
        Graphs.requireEqual(results.subList(0, 2), run(graph));
        Graphs.requireEqual(List.of(results.get(2)), Graphs.run(graphOf("%h = MatMul(%x, %w)"), (Tensor) input()));
        assertThat(GraphEditor.exposing(graph, List.of())).isSameAs(graph);
        Value foreign = Graphs.parse(LAYERS).inputs().getFirst();
        refused(() -> GraphEditor.exposing(graph, List.of(foreign)), "value 'x'", "another graph");
    }

    private static Datum input() {
        return Tensor.of(new float[] {1, -2, 0.5f, 3}, 2, 2);
    }

    private static Graph graphOf(String node) {
        return Graphs.parse("graph g(%x: f32[n,2]) { %w = const f32[2,3] {1, 2, 3, 4, 5, 6} " + node + " return %h }");
    }

    @Test
    void valuesAndNodesOfOthersAreRefused() {
        GraphEditor other = new GraphEditor(Graphs.parse(LAYERS));
        Value foreign = other.index().value("h");
        NewValue added = other.add(new Neg(), foreign);
        Node foreignNode = other.index().node("act");
        for (ValueRef v : List.of(foreign, added)) {
            String name = "value '" + v.name() + "'";
            refused(() -> editor.add(new Neg(), v), name, "another graph or editor", "graph 'main'");
            refused(() -> editor.replaceUses(v, value("h")), name, "another graph or editor");
            refused(() -> editor.replaceUses(value("h"), v), name, "another graph or editor");
            refused(() -> editor.replaceOperand(node("act"), 0, v), name, "another graph or editor");
            refused(() -> editor.replaceNode(node("act"), v), name, "another graph or editor");
            refused(() -> editor.addOutput("o", v), name, "another graph or editor");
        }
        refused(() -> editor.replaceConstant(other.index().value("w"), Tensor.scalar(1f)), "value 'w'", "another");
        refused(() -> editor.remove(foreignNode), "Relu 'act'", "a node of another graph", "replaceBody");
        refused(
                () -> editor.replaceUses(value("s"), value("h"), List.of(foreignNode)),
                "Relu 'act'",
                "a node of another graph");
    }

    private static final String CHOICE = """
        graph main(%x: f32[2], %c: bool[]) {
          %y = If<then_branch=graph yes(%a: f32[2]) {
            %t = Neg(%a)
            return %t
          }, else_branch=graph no(%a: f32[2]) {
            return %a
          }>(%c, %x) "choice"
          return %y
        }
        """;

    @Test
    void aBodyIsEditedByAnEditorOfItsOwn() {
        GraphEditor outer = new GraphEditor(Graphs.parse(CHOICE));
        Node choice = outer.index().node("choice");
        Graph yes = ((If) choice.op()).thenBranch();
        GraphEditor inner = new GraphEditor(yes);
        inner.insertAfter(inner.index().value("t"), new Abs());
        outer.replaceBody(choice, 0, inner.build());
        Graph built = outer.build();
        GraphVerifier.verify(built);
        List<Datum> results = Interpreter.run(built, List.of(Tensor.of(new float[] {1, -2}), Tensor.scalar(true)));
        Graphs.requireEqual(results, List.of(Tensor.of(new float[] {1, 2})));
    }

    @Test
    void bodiesThatDoNotFitAreRefused() {
        GraphEditor outer = new GraphEditor(Graphs.parse(CHOICE));
        Node choice = outer.index().node("choice");
        Value inside = ((If) choice.op()).thenBranch().outputs().getFirst();
        refused(() -> outer.insertAfter(inside, new Abs()), "value 't'", "another graph", "replaceBody");
        refused(() -> outer.remove(inside.producer()), "Neg", "a node of another graph", "replaceBody");
        refused(() -> outer.replaceBody(choice, 2, graph), "If 'choice'", "body 2", "this one has 2");
        refused(() -> editor.replaceBody(node("act"), 0, graph), "Relu 'act'", "body 0", "this one has 0");
        assertThatThrownBy(() -> outer.replaceBody(choice, 1, graph)).isInstanceOf(TenonException.class);
        Graph other = Graphs.parse("graph no(%a: i64[2]) { return %a }");
        outer.replaceBody(choice, 1, other);
        assertThatThrownBy(outer::build)
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("If 'choice'");
    }

    @Test
    void dimensionsOfRunTimeAreInferredAnew() {
        Graph nonZero = Graphs.parse("""
            graph main(%x: f32[2,3]) {
              %i = NonZero(%x)
              %j = NonZero(%x) "second"
              %y = Neg(%i)
              return %y, %j
            }
            """);
        GraphEditor e = new GraphEditor(nonZero);
        e.insertAfter(e.index().value("x"), List.of(e.index().node("second")), new Neg());
        e.replaceOutput("j", e.add(new Abs(), e.index().value("j")));
        Graph built = e.build();
        GraphVerifier.verify(built);
        List<Value> outputs = built.outputs();
        assertThat(outputs.get(0).tensorType().shape().dim(1))
                .isNotEqualTo(outputs.get(1).tensorType().shape().dim(1));
    }

    @Test
    void anEditorBuildsMoreThanOnce() {
        editor.replaceOperator(node("act"), new Abs());
        Graph first = editor.build();
        editor.replaceOperator(node("act"), new Neg());
        Graph second = editor.build();
        assertThat(first.nodes().getLast().op()).isEqualTo(new Abs());
        assertThat(second.nodes().getLast().op()).isEqualTo(new Neg());
    }
}

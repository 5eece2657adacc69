package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.rewrite.GraphMapping;
import dev.tenon.op.Numerics;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Neg;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.Closeness;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Intermediate values that predictions report. */
@Tag("tiers")
class ObserveTest {
    private static final ValueObserver NONE = (name, value) -> {
        throw new AssertionError("nothing was to be reported: " + name);
    };

    private static final Map<String, Tensor> X = Map.of("x", SmallModels.random(3, 16));

    /** Graphs with fusions, changed layouts, shapes that are only known during the call, bodies, and sequences. */
    static final List<String> GRAPHS = List.of("""
            graph perceptron(%x: f32[n,16]) {
              %w1 = const f32[16,32] @w16x32
              %b1 = const f32[32] @b32
              %w2 = const f32[32,8] @w32x8
              %m1 = MatMul(%x, %w1)
              %a1 = Add(%m1, %b1)
              %r1 = Relu(%a1)
              %m2 = MatMul(%r1, %w2)
              %y = Softmax<axis=-1>(%m2)
              return %y
            }
            """, """
            graph images(%x: f32[n,16]) {
              %shape = const i64[4] {-1, 4, 2, 2}
              %i = Reshape(%x, %shape)
              %w = const f32[8,4,1,1] @w8x4x1x1
              %v = const f32[8,8,1,1] @w8x8x1x1
              %c = Conv(%i, %w)
              %r = Relu(%c)
              %d = Conv(%r, %v)
              %s = Add(%d, %c)
              %y = GlobalAveragePool(%s)
              return %y
            }
            """, """
            graph gelu(%x: f32[n,16]) {
              %root = const f32[] {1.41421356}
              %one = const f32[] {1.0}
              %half = const f32[] {0.5}
              %q = Div(%x, %root)
              %e = Erf(%q)
              %p = Add(%e, %one)
              %m = Mul(%x, %p)
              %y = Mul(%m, %half)
              return %y
            }
            """, """
            graph some(%x: f32[n,16]) {
              %zero = const f32[] {0.0}
              %positive = Greater(%x, %zero)
              %where = NonZero(%positive)
              %turned = Transpose<perm=[1, 0]>(%where)
              %found = GatherND(%x, %turned)
              %parts = SequenceConstruct(%found, %found)
              %y = ConcatFromSequence<axis=0>(%parts)
              return %y
            }
            """, """
            graph branches(%x: f32[n,16]) {
              %zero = const f32[] {0.0}
              %sum = ReduceSum<keepdims=0>(%x)
              %some = Greater(%sum, %zero)
              %chosen = If<else_branch=graph no(%a: f32[n,16]) { %negative = Neg(%a) return %negative },
                  then_branch=graph yes(%b: f32[n,16]) { %positive = Exp(%b) return %positive }>(%some, %x)
              %y = Relu(%chosen)
              return %y
            }
            """);

    @TempDir
    private Path folder;

    /** All values of a graph, as the interpreter computes them. */
    private static Map<String, Datum> reference(Graph graph, Map<String, Tensor> inputs) {
        List<Value> all = new ArrayList<>(graph.inputs());
        all.addAll(graph.constants());
        for (Node node : graph.nodes()) {
            node.outputs().stream().filter(Objects::nonNull).forEach(all::add);
        }
        List<Datum> given = new ArrayList<>();
        graph.inputs().forEach(v -> given.add(inputs.get(v.name())));
        Map<String, Datum> values = new LinkedHashMap<>();
        Interpreter.run(graph, given, all, (value, datum) -> values.put(value.name(), datum));
        return values;
    }

    /** The accuracy of all operators together. */
    private static Numerics numerics(Graph graph) {
        double terms = 1;
        for (Node node : graph.nodes()) {
            terms += node.op().numerics().terms() + node.op().numerics().ulps();
        }
        return new Numerics(0, terms, 1);
    }

    private static Map<String, Datum> observed(Session session, Map<String, Tensor> inputs, List<String> names) {
        Map<String, Datum> found = new LinkedHashMap<>();
        session.observe(
                        names,
                        (name, value) ->
                                assertThat(found.put(name, value)).as(name).isNull())
                .predict(inputs);
        return found;
    }

    private static void check(Graph graph, Map<String, Datum> found, Map<String, Datum> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, value) -> Closeness.check(name, found.get(name), value, null, numerics(graph)));
    }

    @ParameterizedTest
    @FieldSource("GRAPHS")
    void everyValueIsThatOfTheReference(String text) {
        Graph graph = SmallModels.graph(text);
        Map<String, Datum> expected = reference(graph, X);
        List<String> names = List.copyOf(expected.keySet());
        for (boolean optimize : new boolean[] {false, true}) {
            Session session = Model.of(graph).session(SessionOptions.standard().optimize(optimize));
            check(graph, observed(session, X, names), expected);
        }
    }

    @ParameterizedTest
    @FieldSource("GRAPHS")
    void eachValueCanBeObservedAlone(String text) {
        Graph graph = SmallModels.graph(text);
        Map<String, Datum> expected = reference(graph, X);
        Session session = Model.of(graph).session();
        Datum y = session.predict(X).get("y");
        expected.forEach((name, value) -> {
            check(graph, observed(session, X, List.of(name)), Map.of(name, value));
            Closeness.check(
                    "y beside " + name,
                    session.observe(List.of(name), (n, v) -> {}).predict(X).get("y"),
                    y,
                    null,
                    numerics(graph));
        });
    }

    @Test
    void valuesComeInTheOrderOfTheGraphEachOnce() {
        Session session = SmallModels.model(GRAPHS.getFirst()).session();
        List<String> order = new ArrayList<>();
        Outputs out = session.observe(List.of("y", "a1", "x", "m1", "w2", "a1"), (name, value) -> order.add(name))
                .predict(X);
        assertThat(order).containsExactly("x", "w2", "m1", "a1", "y");
        assertThat(out.keySet()).containsExactly("y");
    }

    @Test
    void valuesAndOutputsBelongToTheCaller() {
        ObservedSession[] session = new ObservedSession[1];
        List<Tensor> kept = new ArrayList<>();
        session[0] = SmallModels.model(GRAPHS.getFirst())
                .session()
                .observe(List.of("m1", "y"), (name, value) -> kept.add((Tensor) value));
        Tensor first = session[0].predict(X).tensor();
        Tensor copy = first.copy();
        Tensor before = kept.getFirst().copy();
        kept.getLast().setDouble(0, 7);
        session[0].predict(Map.of("x", SmallModels.random(5, 16)));
        assertThat(first.contentEquals(copy)).isTrue();
        assertThat(kept.getFirst().contentEquals(before)).isTrue();
        assertThat(kept).hasSize(4);
    }

    @Test
    void observedValuesAreNotFusedAndKnownInTheOptimisedGraph() {
        Session session = SmallModels.model(GRAPHS.getFirst()).session();
        ObservedSession observing = session.observe(List.of("m1", "y"), (name, value) -> {});
        Graph graph = observing.inspect().graph();
        assertThat(graph.outputs()).hasSize(3);
        Map<String, Value> values = observing.values();
        assertThat(values.keySet()).containsExactly("m1", "y");
        assertThat(values.get("m1")).isSameAs(graph.outputs().get(1));
        assertThat(values.get("y"))
                .isSameAs(graph.outputs().get(2))
                .isSameAs(graph.outputs().getFirst());
        assertThat(values.get("m1").producer().op().schema().name()).isEqualTo("MatMul");
        assertThat(session.inspect().steps(X))
                .extracting(step -> step.node().op().title())
                .contains("MatMul+Add+Relu");
        assertThat(observing.inspect().steps(X))
                .extracting(step -> step.node().op().title())
                .doesNotContain("MatMul+Add+Relu");
    }

    @Test
    void valuesAreFollowedToTheOptimisedGraph() {
        Session session = SmallModels.model(GRAPHS.getFirst()).session();
        GraphMapping mapping = session.inspect().mapping();
        assertThat(mapping.find("m1")).isEmpty();
        assertThat(mapping.find("y")).containsSame(mapping.current().outputs().getFirst());
        assertThat(GraphText.print(mapping.current()))
                .isEqualTo(GraphText.print(session.inspect().graph()));
        Session plain = session.model().session(SessionOptions.standard().optimize(false));
        assertThat(plain.inspect().mapping().find("m1")).isPresent();
    }

    @Test
    void theSameValuesAreCompiledOnce() {
        Session session = SmallModels.model(GRAPHS.getFirst()).session();
        Graph graph = session.observe(List.of("m1", "a1"), NONE).inspect().graph();
        assertThat(session.observe(List.of("a1", "m1"), NONE).inspect().graph()).isSameAs(graph);
        assertThat(session.observe(List.of("a1"), NONE).inspect().graph()).isNotSameAs(graph);
    }

    @Test
    void nothingToObserve() {
        Session session = SmallModels.model(GRAPHS.getFirst()).session();
        Tensor y = session.observe(List.of(), NONE).predict(X).tensor();
        assertThat(y.contentEquals(session.predict(X).tensor())).isTrue();
    }

    @Test
    void unknownValuesAreRefused() {
        Session session = SmallModels.model(GRAPHS.getFirst()).session();
        assertThat(Typed.failure(() -> session.observe(List.of("m1", "m9"), NONE)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("value 'm9'")
                .hasMessageContaining("no such value")
                .hasMessageContaining("Model.graph");
    }

    @Test
    void valuesOfBodiesAreRefusedByName() {
        Session session = SmallModels.model(GRAPHS.getLast()).session();
        assertThat(Typed.failure(() -> session.observe(List.of("negative"), NONE)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("value 'negative'")
                .hasMessageContaining("body of If");
    }

    @Test
    void aCallThatFailsReportsNothing() {
        ObservedSession observing =
                SmallModels.model(GRAPHS.getFirst()).session().observe(List.of("m1"), NONE);
        assertThat(Typed.failure(() -> observing.predict(Map.of("x", SmallModels.random(3, 15)))))
                .isInstanceOf(InvalidInputException.class);
        assertThat(Typed.failure(() -> observing.predict(Map.of()))).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void anExceptionOfTheObserverComesThrough() {
        IllegalStateException enough = new IllegalStateException("enough");
        ObservedSession observing = SmallModels.model(GRAPHS.getFirst())
                .session()
                .observe(List.of("m1"), (name, value) -> {
                    throw enough;
                });
        assertThatThrownBy(() -> observing.predict(X)).isSameAs(enough);
        assertThatThrownBy(() -> observing.predict(X)).isSameAs(enough);
    }

    @Test
    void anOutputMayHaveTheNameOfAnotherValue() {
        GraphBuilder b = new GraphBuilder("swapped");
        Value x = b.input("x", ValueType.parse("f32[2]"));
        Value y = b.add(new Neg(), "", List.of(x), List.of("y")).getFirst();
        Value z = b.add(new Exp(), "", List.of(y), List.of("z")).getFirst();
        Session session = Model.of(b.output("y", z).output("z", x).build()).session();
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {0, 1}));
        Map<String, Datum> found = new LinkedHashMap<>();
        Outputs out = session.observe(List.of("z", "y"), found::put).predict(inputs);
        assertThat(found.keySet()).containsExactly("y", "z");
        assertThat(((Tensor) found.get("y")).getFloat(1)).isEqualTo(-1);
        assertThat(((Tensor) found.get("z")).getFloat(0)).isEqualTo(1);
        assertThat(out.keySet()).containsExactly("y", "z");
        assertThat(out.tensor("y").getFloat(0)).isEqualTo(1);
        assertThat(out.tensor("z").toFloatArray()).containsExactly(0, 1);
    }

    @Test
    void optionalInputsMayBeGiven() {
        OnnxFile file = OnnxFile.graph("line")
                .input("x", "f32[2]")
                .input("slope", "f32[1]")
                .initializer("slope", Tensor.of(new float[] {3}))
                .initializer("one", Tensor.of(new float[] {1}))
                .node("Mul", List.of("x", "slope"), List.of("product"))
                .node("Add", List.of("product", "one"), List.of("y"))
                .output("y", "f32[2]");
        Session session = Model.load(ByteBuffer.wrap(file.bytes())).session();
        Tensor x = Tensor.of(new float[] {1, 2});
        List<String> names = List.of("slope", "product");
        Map<String, Datum> standard = observed(session, Map.of("x", x), names);
        assertThat(((Tensor) standard.get("product")).toFloatArray()).containsExactly(3, 6);
        Map<String, Datum> given = observed(session, Map.of("x", x, "slope", Tensor.of(new float[] {-1})), names);
        assertThat(((Tensor) given.get("slope")).toFloatArray()).containsExactly(-1);
        assertThat(((Tensor) given.get("product")).toFloatArray()).containsExactly(-1, -2);
    }

    @Test
    void aPackageReportsTheValuesOfItsGraph() {
        Session saving = SmallModels.perceptron().session();
        saving.predict(X);
        Path file = folder.resolve("model.tenon");
        saving.save(file);
        Session session = Model.load(file).session();
        Graph graph = session.model().graph();
        Map<String, Datum> expected = reference(graph, X);
        check(graph, observed(session, X, List.copyOf(expected.keySet())), expected);
        List<String> results = graph.nodes().stream()
                .flatMap(node -> node.outputs().stream())
                .filter(Objects::nonNull)
                .map(Value::name)
                .toList();
        ObservedSession observing = session.observe(results, (name, value) -> {});
        assertThat(observing.predict(X).tensor().contentEquals(saving.predict(X).tensor()))
                .isTrue();
        assertThat(observing.inspect().graph().nodes())
                .hasSameSizeAs(saving.inspect().graph().nodes());
    }
}

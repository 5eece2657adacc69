package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.control.If;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Graphs that a builder does not make. */
class GraphVerifierTest {
    private static final ValueType VECTOR = ValueType.parse("f32[2]");

    private int numbers;

    private Value input(String name) {
        return new Value(name, VECTOR, null, null, null, 0, numbers++);
    }

    private static Op op(String name) {
        return Graphs.OPERATORS.find("", name).orElseThrow().create(Attributes.none());
    }

    private Node node(String name, String output, ValueType type, Value... inputs) {
        Node node = new Node("", op(name), List.of(inputs), 0);
        node.outputs(List.of(new Value(output, type, null, null, node, 0, numbers++)));
        return node;
    }

    private Graph graph(List<Value> inputs, List<Value> constants, List<Node> nodes, Value... outputs) {
        List<String> names = Arrays.stream(outputs).map(Value::name).toList();
        return new Graph("g", inputs, constants, nodes, List.of(outputs), names, numbers);
    }

    private static void refused(Graph graph, String part) {
        assertThatThrownBy(() -> GraphVerifier.verify(graph))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining(part);
    }

    @Test
    void builtGraphsAreAccepted() {
        Graph graph = Graphs.parse("graph g(%x: f32[n]) { %y = NonZero(%x) %z = Neg(%x) return %y, %z }");
        assertThatCode(() -> GraphVerifier.verify(graph)).doesNotThrowAnyException();
    }

    @Test
    void usesBeforeDefinitionsAreFound() {
        Value x = input("x");
        Node first = node("Neg", "a", VECTOR, x);
        Node second = node("Neg", "b", VECTOR, first.output());
        refused(graph(List.of(x), List.of(), List.of(second, first), second.output()), "before it is defined");
        refused(graph(List.of(), List.of(), List.of(first), first.output()), "before it is defined");
        refused(graph(List.of(x), List.of(), List.of(first), second.output()), "output");
    }

    @Test
    void secondDefinitionsAreFound() {
        Value x = input("x");
        Node a = node("Neg", "a", VECTOR, x);
        refused(graph(List.of(x, x), List.of(), List.of()), "second definition");
        refused(graph(List.of(x, input("x")), List.of(), List.of()), "second definition");
        refused(graph(List.of(x), List.of(), List.of(a, a)), "second definition");
        refused(graph(List.of(x), List.of(), List.of(a, node("Abs", "a", VECTOR, x))), "second definition");
        refused(
                new Graph("g", List.of(x), List.of(), List.of(), List.of(x, x), List.of("o", "o"), numbers),
                "output names");
    }

    @Test
    void wrongTypesAreFound() {
        Value x = input("x");
        refused(graph(List.of(x), List.of(), List.of(node("Neg", "a", ValueType.parse("f32[3]"), x))), "output");
        refused(graph(List.of(x), List.of(), List.of(node("Neg", "a", ValueType.parse("f64[2]"), x))), "output");
        refused(graph(List.of(x), List.of(), List.of(node("Neg", "a", ValueType.parse("f32[2,1]"), x))), "output");
        refused(graph(List.of(x), List.of(), List.of(node("Neg", "a", ValueType.parse("f32[*]"), x))), "output");
        refused(graph(List.of(x), List.of(), List.of(node("Neg", "a", ValueType.parse("f32[?1]"), x))), "output");
        Value constant = new Value("c", VECTOR, Tensor.of(new float[] {1}), null, null, 0, numbers++);
        refused(graph(List.of(), List.of(constant), List.of()), "constant 'c'");
        refused(graph(List.of(), List.of(x), List.of()), "constant 'x'");
    }

    @Test
    void outputsOfOtherNodesAreFound() {
        Value x = input("x");
        Node right = node("Neg", "a", VECTOR, x);
        Node wrong = new Node("", op("Neg"), List.of(x), 0);
        wrong.outputs(List.of(right.output()));
        refused(graph(List.of(x), List.of(), List.of(wrong)), "values of this node");
    }

    @Test
    void operandsThatDoNotFitAreFound() {
        Value x = input("x");
        Graph graph = graph(List.of(x), List.of(), List.of(node("Not", "a", VECTOR, x)));
        assertThatThrownBy(() -> GraphVerifier.verify(graph)).isInstanceOf(InvalidOperandException.class);
    }

    @Test
    void bodiesAreVerifiedToo() {
        Value condition = new Value("c", ValueType.parse("bool[]"), null, null, null, 0, numbers++);
        Value x = input("x");
        Node outside = node("Neg", "a", VECTOR, x);
        Graph broken = graph(List.of(), List.of(), List.of(), outside.output());
        Node branch = new Node("", new If(broken, broken), List.of(condition), 0);
        branch.outputs(List.of(new Value("y", VECTOR, null, null, branch, 0, numbers++)));
        refused(graph(List.of(condition), List.of(), List.of(branch), branch.output()), "before it is defined");
    }
}

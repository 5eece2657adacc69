package dev.tenon.graph.gradient;

import dev.tenon.graph.Graph;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Adds gradients to a graph: reverse-mode differentiation. Each node's operator has a rule that leads from the gradient of
 * its results to those of its operands, and the rules are applied from the loss back. A value that is used several times
 * gets the sum of its gradients, added from the last use to the first. Where a function has no derivative, such as Relu at
 * 0, a rule gives one of its one-sided derivatives or a value between them.
 *
 * <p>The result consists of the operators that any graph has. Some operators of the given graph are replaced by those that
 * they stand for, such as Attention by products and a Softmax, because their gradients need the values between them. The
 * results change by rounding at most. So the graph is to be differentiated after it is simplified, and before it is lowered.
 */
public final class Gradients {
    private static final String PREFIX = "gradient/";

    private final Graph graph;
    private final Value loss;
    private final List<Value> wanted;
    private final ForwardPass forward;
    private final Adjoints adjoints = new Adjoints();

    private Gradients(Graph graph, Value loss, List<Value> wanted) {
        this.graph = graph;
        this.loss = loss;
        this.wanted = wanted;
        this.forward = ForwardPass.of(graph, loss, wanted);
    }

    /**
     * Adds gradients as outputs. An input that the loss does not depend on, or only by steps such as Floor, has zeros.
     *
     * @param graph a graph whose values have known dimensions, at least those between the wanted inputs and the loss
     * @param loss the name of an output of the graph: a float tensor of one element
     * @param wanted the names of inputs of the graph: float tensors of known dimensions, each named once
     * @return a graph with the inputs and the outputs of the given one, and after these an output {@code gradient/NAME} for
     *     each wanted input, in the order of the list, of the type of the input
     * @throws InvalidGraphException if there is no such output or input, if its type is not allowed, if dimensions are not
     *     known, or if an operator between a wanted input and the loss has no gradient; the message names the node
     * @throws dev.tenon.error.InvalidOperandException if a rule does not fit the types of a node, such as those of mixed
     *     precision
     */
    public static Graph of(Graph graph, String loss, List<String> wanted) {
        Set<String> names = new HashSet<>();
        List<Value> inputs = new ArrayList<>();
        for (String name : wanted) {
            inputs.add(input(graph, name));
            if (!names.add(name)) {
                throw new InvalidGraphException("input '" + name + "'", "wanted twice", "each name once", null);
            }
        }
        return new Gradients(graph, loss(graph, loss), inputs).build();
    }

    /**
     * Whether gradients pass an operator: it has a rule, or is computed by operators that may have one. Rules refuse some
     * operands, such as zero points.
     *
     * @param type the class of the operator
     * @return false if the operator has a reason against a gradient, or no line in the table of rules, as those that are expanded into
     *     their parts
     */
    public static boolean hasRule(Class<? extends Op> type) {
        return switch (GradientTable.standard().line(type).orElse(null)) {
            case GradientTable.Derived line -> true;
            case GradientTable.Expanded line -> true;
            case null, default -> false;
        };
    }

    private static Value loss(Graph graph, String name) {
        int at = graph.outputNames().indexOf(name);
        if (at < 0) {
            throw new InvalidGraphException(
                    "loss '" + name + "'",
                    "no output of this name",
                    graph.outputNames().toString(),
                    null);
        }
        Value v = graph.outputs().get(at);
        TensorType type = v.tensorType();
        if (type == null
                || !type.dtype().isFloating()
                || !type.shape().isKnown()
                || type.shape().knownElements() != 1) {
            throw new InvalidGraphException(
                    "loss '" + name + "'", v.type().toString(), "a float tensor of one element", "add a ReduceMean");
        }
        return v;
    }

    private static Value input(Graph graph, String name) {
        for (Value v : graph.inputs()) {
            if (v.name().equals(name)) {
                TensorType type = v.tensorType();
                if (type == null || !type.dtype().isFloating() || !type.shape().isKnown()) {
                    throw new InvalidGraphException(
                            "input '" + name + "'", v.type().toString(), "a float tensor of known dimensions", null);
                }
                return v;
            }
        }
        throw new InvalidGraphException(
                "input '" + name + "'",
                "no input of this name",
                graph.inputs().stream().map(Value::name).toList().toString(),
                "make an input of a constant by Trainables.of");
    }

    private Graph build() {
        List<Node> nodes = new ArrayList<>(forward.builder().nodes());
        Formulas f = new Formulas(forward.backward(""));
        Value last = forward.of(loss);
        adjoints.add(last, f.expand(f.number(last, 1), Formulas.dims(last)));
        for (Node node : nodes.reversed()) {
            derive(node, f);
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            forward.builder()
                    .output(
                            graph.outputNames().get(i),
                            forward.of(graph.outputs().get(i)));
        }
        for (Value v : wanted) {
            Value input = forward.of(v);
            Value gradient = adjoints.sum(input, f);
            forward.builder()
                    .output(PREFIX + v.name(), gradient == null ? f.zeros(input, Formulas.dims(input)) : gradient);
        }
        return forward.builder().build();
    }

    /** Whether an operator moves or chooses quantised numbers, or makes floats of them. Any other computes without their scale. */
    private static boolean passesQuantized(Op op) {
        return op instanceof DequantizeLinear
                || op instanceof MaxPool
                || op.getClass().getPackageName().equals(Gather.class.getPackageName());
    }

    /** Applies the rule of a node, if a gradient has reached it. */
    private void derive(Node node, Formulas f) {
        List<Value> gradients = new ArrayList<>();
        for (Value v : node.outputs()) {
            gradients.add(v == null || !forward.isActive(v) ? null : adjoints.sum(v, f));
        }
        if (gradients.stream().allMatch(Objects::isNull)) {
            return;
        }
        Op op = node.op();
        if (node.inputs().stream().anyMatch(forward::isQuantized) && !passesQuantized(op)) {
            throw NodeFormulas.refusal(
                    op, node.name(), "it takes quantised numbers for numbers; train with DequantizeLinear before it");
        }
        switch (GradientTable.standard().line(op.getClass()).orElse(null)) {
            case GradientTable.Derived line ->
                line.rule()
                        .apply(
                                op,
                                new NodeGradient(
                                        forward.backward(node.name()), node, gradients, adjoints, forward::isActive));
            case GradientTable.Missing line -> throw NodeFormulas.refusal(op, node.name(), line.reason());
            case null, default -> throw NodeFormulas.refusal(op, node.name(), "there is no rule for this operator");
        }
    }
}

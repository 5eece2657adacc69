package dev.tenon.graph.gradient;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The gradients of one node: a rule reads those of its results and gives those of its operands. Each is the gradient of the
 * loss.
 */
final class NodeGradient extends NodeFormulas {
    private final Node node;
    private final List<Value> gradients;
    private final Adjoints adjoints;
    private final Predicate<Value> active;

    /**
     * A node that a gradient has reached.
     *
     * @param node the node
     * @param gradients the gradients of its results, null for those that do not matter
     * @param adjoints takes the gradients of its operands
     * @param active tells which values the wanted inputs change
     */
    NodeGradient(Sink sink, Node node, List<Value> gradients, Adjoints adjoints, Predicate<Value> active) {
        super(sink, node.op(), node.name(), node.inputs(), node.outputs().size());
        this.node = node;
        this.gradients = gradients;
        this.adjoints = adjoints;
        this.active = active;
    }

    /** The first result. */
    Value y() {
        return node.output();
    }

    /** A result, null if it is left out. */
    Value out(int i) {
        return i < node.outputs().size() ? node.outputs().get(i) : null;
    }

    /** The gradient of the first result. No other result may have one. */
    Value dy() {
        boolean only = gradients.stream().skip(1).allMatch(Objects::isNull);
        refuseIf(gradients.getFirst() == null || !only, "only the first result has one");
        return gradients.getFirst();
    }

    /** The gradient of a result; null if the result does not matter. */
    Value dy(int i) {
        return gradients.get(i);
    }

    /** Whether a gradient of an operand is asked for. */
    boolean wants(int i) {
        return has(i) && active.test(in(i));
    }

    /**
     * Gives the gradient of an operand, if it is asked for. It may have the dimensions to which the operand is broadcast:
     * then it is summed.
     */
    void give(int i, Supplier<Value> gradient) {
        if (wants(i)) {
            Value given = sumTo(gradient.get(), dims(i));
            adjoints.add(in(i), dtype(in(i)).isFloating() ? cast(given, dtype(in(i))) : given);
        }
    }
}

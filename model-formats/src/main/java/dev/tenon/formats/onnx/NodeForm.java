package dev.tenon.formats.onnx;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One node while it is given the form that it has in a version of the operator set. Starts in its canonical form. */
final class NodeForm {
    private final Node node;
    private final GraphWriter graph;
    private String domain;
    private String operator;
    private Attributes attributes;
    private final List<Object> operands;

    NodeForm(Node node, GraphWriter graph) {
        this.node = node;
        this.graph = graph;
        this.domain = node.op().schema().domain();
        this.operator = node.op().schema().name();
        this.attributes = node.op().attributes();
        int captured = 0;
        if (node.op() instanceof GraphOp control) {
            captured = control.captured();
            attributes = Lowerings.without(attributes, "carried");
        }
        this.operands = new ArrayList<>(node.inputs().subList(0, node.inputs().size() - captured));
    }

    /**
     * Takes the form of the version that is written, or one of another domain; fails if there is none. Operators of other
     * domains stay as they are.
     */
    void settle() {
        if (!node.op().schema().domain().isEmpty()) {
            return;
        }
        int since = OnnxTable.canonicalSince(operator);
        if (since == 0) {
            throw refused(
                    "an operator of the main domain that is not in the standard",
                    "operators of the standard, and others in domains of their own");
        }
        if (graph.target() < since) {
            OlderForms.Older older = OlderForms.find(operator);
            OlderForms.Older another = older == null ? MicrosoftForms.find(operator) : older;
            if (another == null) {
                throw needs("the operator", since);
            }
            another.rewrite(this);
            if (older == null) {
                return;
            }
        }
        OlderForms.checkAttributes(this);
        for (Object operand : operands) {
            if (operand instanceof Value v) {
                requireType(v);
            }
        }
        for (Value v : node.outputs()) {
            if (v != null) {
                requireType(v);
            }
        }
    }

    private void requireType(Value v) {
        int since = TypeHistory.since(node.op().schema().name(), v.type());
        if (target() < since) {
            String text = v.tensorType() == null
                    ? v.type().toString()
                    : v.tensorType().dtype().text();
            throw needs("type " + text, since);
        }
    }

    String domain() {
        return domain;
    }

    String operator() {
        return operator;
    }

    /** Becomes an operator of another domain, whose attributes and operands are in place. */
    void become(String otherDomain, String name) {
        domain = otherDomain;
        operator = name;
    }

    void attributes(Attributes all) {
        attributes = all;
    }

    void operator(String name) {
        operator = name;
    }

    Attributes attributes() {
        return attributes;
    }

    void set(String name, Object value) {
        attributes = attributes.with(name, value);
    }

    void drop(String name) {
        attributes = Lowerings.without(attributes, name);
    }

    /** The operands: a {@link Value}, the name of a constant that was added, or null. */
    List<Object> operands() {
        return operands;
    }

    /** Leaves out the operands from one on. */
    void keepOperands(int count) {
        while (operands.size() > count) {
            operands.removeLast();
        }
    }

    /** Adds a constant as an operand at a place, after what is left out before it. */
    void operand(int i, String base, Tensor tensor) {
        while (operands.size() <= i) {
            operands.add(null);
        }
        operands.set(i, graph.constant(base, tensor));
    }

    Node node() {
        return node;
    }

    int target() {
        return graph.target();
    }

    boolean has(int i) {
        return node.input(i) != null;
    }

    Shape shape(int i) {
        Value v = node.input(i);
        return v == null || v.tensorType() == null
                ? Shape.unknownRank()
                : v.tensorType().shape();
    }

    /** The element type of an operand, or null if it is left out or no tensor. */
    DType dtype(int i) {
        Value v = node.input(i);
        return v == null || v.tensorType() == null ? null : v.tensorType().dtype();
    }

    /** The value of an operand that is there and must be constant for the older form to hold it. */
    Tensor constant(int i, int since) {
        Tensor t = node.input(i).constant();
        if (t == null) {
            throw needs("input " + i + ", which is not constant", since);
        }
        return t;
    }

    /** The elements of a constant operand, or null if it is left out. */
    List<Long> integers(int i, int since) {
        return has(i) ? Arrays.stream(constant(i, since).toLongArray()).boxed().toList() : null;
    }

    /** Axes from 0 on, as versions before 11 want them. */
    List<Long> natural(List<Long> axes, int rankOf, int more) {
        if (target() >= 11 || axes.stream().allMatch(a -> a >= 0)) {
            return axes;
        }
        if (!shape(rankOf).hasRank()) {
            throw needs("a negative axis of a value of unknown rank", 11);
        }
        long rank = shape(rankOf).rank() + (long) more;
        return axes.stream().map(a -> a < 0 ? a + rank : a).toList();
    }

    UnsupportedModelException needs(String what, int since) {
        return new UnsupportedModelException(
                node.toString(),
                what + " in operator set " + target(),
                since + " and above",
                "write for operator set " + since);
    }

    UnsupportedModelException refused(String found, String allowed) {
        return new UnsupportedModelException(node.toString(), found, allowed, null);
    }
}

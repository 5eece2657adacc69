package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.microsoft.MicrosoftDomain;
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

/**
 * A node as it will be written. It starts as the canonical node, and changes to an older form if the operator set to
 * write for needs that.
 */
final class NodeDraft {
    private final Node node;
    private final GraphWriter graph;
    private String domain;
    private String operator;
    private Attributes attributes;
    private final List<Object> operands;

    NodeDraft(Node node, GraphWriter graph) {
        this.node = node;
        this.graph = graph;
        this.domain = node.op().schema().domain();
        this.operator = node.op().schema().name();
        this.attributes = node.op().attributes();
        int captured = 0;
        if (node.op() instanceof GraphOp control) {
            captured = control.captured();
            attributes = OnnxAttributes.without(attributes, "carried");
        }
        this.operands = new ArrayList<>(node.inputs().subList(0, node.inputs().size() - captured));
    }

    /**
     * Changes to the form that the operator has in the operator set to write for, or to an operator of ONNX Runtime.
     * Operators of other domains stay as they are.
     *
     * @throws UnsupportedModelException if there is no such form
     */
    void downgrade() {
        if (!graph.target().allows(domain)) {
            throw new UnsupportedModelException(
                    node.toString(),
                    "an operator of domain '" + domain + "'",
                    "operators of ai.onnx and ai.onnx.ml, as the options ask for",
                    "allow operators of other domains in the options, or replace this one in the graph");
        }
        if (!domain.isEmpty()) {
            return;
        }
        int since = canonicalSince();
        if (since == 0) {
            throw refused(
                    "an operator of the main domain that is not in the standard",
                    "operators of the standard, and others in domains of their own");
        }
        if (target() < since) {
            Downgrade older = Downgrades.find(operator);
            if (older == null) {
                replace(since);
                return;
            }
            older.apply(this);
        }
        Downgrades.checkAttributes(this);
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

    /** Becomes an operator of ONNX Runtime. */
    private void replace(int since) {
        boolean allowed = graph.target().allows(MicrosoftDomain.NAME);
        Downgrade replacement = allowed ? MicrosoftReplacements.find(operator) : null;
        if (replacement == null) {
            throw needs("the operator", since);
        }
        replacement.apply(this);
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

    /** Becomes another operator. Attributes and operands stay. */
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
        attributes = OnnxAttributes.without(attributes, name);
    }

    /** The operands: each is a {@link Value}, the name of a value that only the file has, or null. */
    List<Object> operands() {
        return operands;
    }

    /** Leaves out all operands after the first ones. */
    void keepOperands(int count) {
        while (operands.size() > count) {
            operands.removeLast();
        }
    }

    /** Makes a new constant an operand. Operands that are missing before it are left out. */
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
        return graph.target().operatorSet();
    }

    /** The version since which the operator of the node is canonical. */
    int canonicalSince() {
        return graph.target()
                .canonicalSince(StandardDomain.NAME, node.op().schema().name());
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

    /** The value of an operand that is given. It must be constant, since the older form has it as an attribute. */
    Tensor constant(int i, int since) {
        Tensor t = node.input(i).constant();
        if (t == null) {
            throw needs("input " + i + ", which is not constant", since);
        }
        return t;
    }

    /** The elements of a constant operand, or null if the operand is left out. */
    List<Long> integers(int i, int since) {
        return has(i) ? Arrays.stream(constant(i, since).toLongArray()).boxed().toList() : null;
    }

    /** Turns negative axes into positive ones if the operator set is older than version 11. */
    List<Long> positiveAxes(List<Long> axes, int input, int added) {
        if (target() >= 11 || axes.stream().allMatch(a -> a >= 0)) {
            return axes;
        }
        if (!shape(input).hasRank()) {
            throw needs("a negative axis of a value of unknown rank", 11);
        }
        long rank = shape(input).rank() + (long) added;
        return axes.stream().map(a -> a < 0 ? a + rank : a).toList();
    }

    /** An error about something that only newer operator sets have. */
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

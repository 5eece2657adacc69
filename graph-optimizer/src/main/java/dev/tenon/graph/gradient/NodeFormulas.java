package dev.tenon.graph.gradient;

import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.tensor.Dim;
import java.util.List;
import java.util.stream.LongStream;

/** The operands of a node, and arithmetic with them. */
class NodeFormulas extends Formulas {
    private final Op op;
    private final String node;
    private final List<Value> operands;
    private final int results;

    NodeFormulas(Sink sink, Op op, String node, List<Value> operands, int results) {
        super(sink);
        this.op = op;
        this.node = node;
        this.operands = operands;
        this.results = results;
    }

    boolean has(int i) {
        return i < operands.size() && operands.get(i) != null;
    }

    Value in(int i) {
        return operands.get(i);
    }

    Value x() {
        return operands.getFirst();
    }

    int count() {
        return operands.size();
    }

    /** The number of results that the node has. */
    int results() {
        return results;
    }

    long[] dims(int i) {
        return dims(in(i));
    }

    /** An axis, counted from the first one. */
    static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** The numbers of an operand that must be known, such as axes; null if it is left out. */
    long[] longs(int i) {
        if (!has(i)) {
            return null;
        }
        Value v = in(i);
        if (v.isConstant()) {
            return v.constant().toLongArray();
        }
        if (v.symbolic() != null && v.symbolic().stream().allMatch(Dim::isKnown)) {
            return v.symbolic().stream().mapToLong(Dim::value).toArray();
        }
        throw refusal("operand '" + v.name() + "' is not constant");
    }

    /** The axes of an operand that must be known, counted from the first one. */
    int[] axes(int i, int rank) {
        return LongStream.of(longs(i)).mapToInt(a -> axis(a, rank)).toArray();
    }

    /** An error of this node: there is no gradient for it. */
    InvalidGraphException refusal(String reason) {
        return refusal(op, node, reason);
    }

    static InvalidGraphException refusal(Op op, String node, String reason) {
        return new InvalidGraphException(
                node.isEmpty() ? op.title() : op.title() + " '" + node + "'",
                "no gradient: " + reason,
                "operators with a gradient between a weight and the loss",
                "freeze it, or cut before it");
    }

    /** Fails if a condition holds under which there is no gradient. */
    void refuseIf(boolean condition, String reason) {
        if (condition) {
            throw refusal(reason);
        }
    }
}

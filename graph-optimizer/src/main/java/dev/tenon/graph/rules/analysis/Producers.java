package dev.tenon.graph.rules.analysis;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.op.Op;

/** The nodes that make values. */
public final class Producers {
    private Producers() {}

    /**
     * The node that makes a value.
     *
     * @param v the value
     * @param kind the class of the operator
     * @return the node; null if the value is made by another operator, or by none
     */
    public static Node of(Value v, Class<? extends Op> kind) {
        Node node = v.producer();
        return node != null && kind.isInstance(node.op()) ? node : null;
    }

    /**
     * The node that makes a value which one node alone reads.
     *
     * @param m counts the uses of values
     * @param v the value
     * @param kind the class of the operator
     * @return the node; null if the value has other uses, or is made by another operator, or by none
     */
    public static Node once(Match m, Value v, Class<? extends Op> kind) {
        return m.uses(v) == 1 ? of(v, kind) : null;
    }
}

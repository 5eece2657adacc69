package dev.tenon.graph.rewrite;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The values and nodes that the names of a pattern are bound to. Confined to one thread, and valid while the rule is
 * applied.
 */
public final class Match {
    private record Bound(String name, Value value, Node node) {}

    private final Value root;
    private final Node rootNode;
    private final ToIntFunction<Value> uses;
    private final Target target;
    private final List<Bound> bound = new ArrayList<>();

    Match(Value root, Node rootNode, ToIntFunction<Value> uses, Target target) {
        this.root = root;
        this.rootNode = rootNode;
        this.uses = uses;
        this.target = target;
    }

    int mark() {
        return bound.size();
    }

    void reset(int mark) {
        while (bound.size() > mark) {
            bound.removeLast();
        }
    }

    /** Whether the name, which may be null, is free or bound to the same value already. */
    boolean bind(String name, Value value, Node node) {
        if (name == null) {
            return true;
        }
        for (Bound b : bound) {
            if (name.equals(b.name)) {
                return b.value == value;
            }
        }
        bound.add(new Bound(name, value, node));
        return true;
    }

    void requireOnce(Value v) {
        bound.add(new Bound(null, v, null));
    }

    Value rootValue() {
        return root;
    }

    /** Why a value that must go away with the rewrite can't, or null. */
    String usedElsewhere() {
        for (Bound b : bound) {
            if (b.name == null && b.value != root && uses(b.value) != 1) {
                return "%" + b.value.name() + " is used " + uses(b.value) + " times";
            }
        }
        return null;
    }

    /**
     * The kernels and the machine that the graph is rewritten for.
     *
     * @return the target
     */
    public Target target() {
        return target;
    }

    /**
     * The node that is to be replaced.
     *
     * @return the node
     */
    public Node root() {
        return rootNode;
    }

    /**
     * Whether a name is bound to a value.
     *
     * @param name the name
     * @return false if only other alternatives of the pattern have the name, or the operand is left out
     */
    public boolean has(String name) {
        for (Bound b : bound) {
            if (name.equals(b.name) && b.value != null) {
                return true;
            }
        }
        return false;
    }

    private Bound find(String name) {
        for (Bound b : bound) {
            if (name.equals(b.name)) {
                return b;
            }
        }
        throw new IllegalArgumentException("the pattern binds no '" + name + "'");
    }

    /**
     * The value that a name is bound to.
     *
     * @param name the name
     * @return the value
     */
    public Value value(String name) {
        return find(name).value();
    }

    /**
     * The node that a name of an operator is bound to.
     *
     * @param name the name
     * @return the node
     */
    public Node node(String name) {
        return find(name).node();
    }

    /**
     * The operator that a name is bound to.
     *
     * @param <O> the operator's class
     * @param name the name
     * @param type the operator's class
     * @return the operator
     */
    public <O extends Op> O op(String name, Class<O> type) {
        return type.cast(node(name).op());
    }

    /**
     * The operator that is to be replaced.
     *
     * @param <O> the operator's class
     * @param type the operator's class
     * @return the operator
     */
    public <O extends Op> O rootOp(Class<O> type) {
        return type.cast(rootNode.op());
    }

    /**
     * The constant that a name is bound to.
     *
     * @param name the name
     * @return the constant
     */
    public Tensor constant(String name) {
        return value(name).constant();
    }

    /**
     * The number of a uniform constant.
     *
     * @param name the name of a uniform constant
     * @return the number
     */
    public double number(String name) {
        return Constants.number(constant(name));
    }

    /**
     * The number of uses of a value, by nodes and as an output of the graph.
     *
     * @param v a value
     * @return the uses that are left at this moment of the rewriting
     */
    public int uses(Value v) {
        return uses.applyAsInt(v);
    }
}

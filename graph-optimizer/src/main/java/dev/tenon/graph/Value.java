package dev.tenon.graph;

import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Objects;

/**
 * A value of one {@link Graph}: an input, a constant, or an output of a node. Immutable and compared by identity. Its
 * name is unique within its graph. Made by {@link GraphBuilder} only.
 */
public final class Value implements GraphElement, ValueRef {
    private final String name;
    private final ValueType type;
    private final Tensor constant;
    private final List<Dim> symbolic;
    private final Node producer;
    private final int index;
    private final int number;

    Value(String name, ValueType type, Tensor constant, List<Dim> symbolic, Node producer, int index, int number) {
        this.name = name;
        this.type = type;
        this.constant = constant;
        this.symbolic = symbolic;
        this.producer = producer;
        this.index = index;
        this.number = number;
    }

    /**
     * The name.
     *
     * @return unique within the graph
     */
    @Override
    public String name() {
        return name;
    }

    /**
     * The type.
     *
     * @return the type, its shape perhaps symbolic
     */
    public ValueType type() {
        return type;
    }

    /**
     * The type of a value that is a tensor.
     *
     * @return the type, or null if the value is no tensor
     */
    public TensorType tensorType() {
        return type instanceof TensorType t ? t : null;
    }

    /**
     * The value of a constant.
     *
     * @return the tensor, or null if this is not a constant
     */
    public Tensor constant() {
        return constant;
    }

    /**
     * Whether this is a constant.
     *
     * @return true if it is
     */
    public boolean isConstant() {
        return constant != null;
    }

    /**
     * The elements of a small integer tensor as symbolic dimensions.
     *
     * @return the elements, or null if they are not known
     */
    public List<Dim> symbolic() {
        return symbolic;
    }

    /**
     * The node that computes this value.
     *
     * @return the node, or null for inputs and constants
     */
    public Node producer() {
        return producer;
    }

    /**
     * Which output of its producer this is.
     *
     * @return the index, 0 for inputs and constants
     */
    public int index() {
        return index;
    }

    @Override
    public int number() {
        return number;
    }

    /**
     * The facts about this value that type inference uses.
     *
     * @return type, constant and symbolic elements
     */
    public InferContext.Operand operand() {
        return new InferContext.Operand(type, constant, symbolic);
    }

    /**
     * Whether type inference uses the same facts about two values. Constants are compared by identity; null is a
     * left-out operand.
     */
    @SuppressWarnings("ReferenceEquality")
    static boolean sameKnown(Value a, Value b) {
        if (a == null || b == null) {
            return a == b;
        }
        return a.constant == b.constant
                && (a.constant != null || a.type.equals(b.type) && Objects.equals(a.symbolic, b.symbolic));
    }

    @Override
    public String toString() {
        return "%" + name + ": " + type;
    }
}

package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.InvalidTensorException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The operands of a node as they are known when types and shapes are inferred. The type of an operand is always known.
 * Its value is known if it is constant. The elements of small integer tensors may be known as symbolic dimensions.
 * Methods return null for a value that is not known: they are called each time that a plan is made. Confined to one
 * thread.
 */
public final class InferContext {
    /** Integer tensors of more elements than this are not turned into symbolic dimensions. */
    public static final int MAX_SYMBOLIC_ELEMENTS = 4096;

    /**
     * One operand as it is known during inference.
     *
     * @param type its type
     * @param constant its value, or null if it is not constant
     * @param symbolic its elements as symbolic dimensions (rank 0 or 1), or null if not known
     */
    public record Operand(ValueType type, Tensor constant, List<Dim> symbolic) {
        /** The elements of an integer vector of length 0 are known. */
        public Operand {
            if (symbolic == null && constant == null && isEmptyIntegers(type)) {
                symbolic = List.of();
            }
        }

        private static boolean isEmptyIntegers(ValueType type) {
            return type instanceof TensorType t
                    && t.shape().hasRank()
                    && t.shape().rank() == 1
                    && t.shape().dim(0).orElse(1) == 0
                    && t.dtype().isInteger();
        }

        /**
         * An operand with a known type and no known value.
         *
         * @param type its type
         */
        public Operand(ValueType type) {
            this(type, null, null);
        }

        /**
         * A constant operand.
         *
         * @param constant its value
         */
        public Operand(Tensor constant) {
            this(constant.type(), constant, null);
        }
    }

    private final Op op;
    private final String node;
    private final List<Operand> operands;
    private final int outputs;
    private final Supplier<Dim> fresh;

    /**
     * A context for one node.
     *
     * @param op the operator, for messages
     * @param node the node's name, for messages; may be empty
     * @param operands the operands in order, null for those left out
     * @param outputs how many outputs the node has
     * @param fresh gives a new symbol at each call, for dimensions that are known at run time only
     */
    public InferContext(Op op, String node, List<Operand> operands, int outputs, Supplier<Dim> fresh) {
        this.op = op;
        this.node = node;
        this.operands = operands;
        this.outputs = outputs;
        this.fresh = fresh;
    }

    /**
     * A context for an operator that is a part of this one. Messages name the same node.
     *
     * @param part the operator
     * @param partOperands its operands in order, null for those left out
     * @param partOutputs how many outputs are asked for
     * @return the context
     */
    public InferContext part(Op part, List<Operand> partOperands, int partOutputs) {
        return new InferContext(part, node, partOperands, partOutputs, fresh);
    }

    /**
     * The number of operands. It counts operands that are left out before the last one.
     *
     * @return the number
     */
    public int inputCount() {
        return operands.size();
    }

    /**
     * The formal inputs of the operator, for messages.
     *
     * @return the inputs of its schema
     */
    List<OpSchema.Parameter> schemaInputs() {
        return op.schema().inputs();
    }

    /**
     * The number of outputs that the node has.
     *
     * @return the number
     */
    public int outputCount() {
        return outputs;
    }

    /**
     * Tells whether an operand is there.
     *
     * @param i its index, which may be beyond the last
     * @return true if it is there
     */
    public boolean has(int i) {
        return i < operands.size() && operands.get(i) != null;
    }

    /**
     * The type of an operand.
     *
     * @param i the index of an operand that is there
     * @return its type
     */
    public ValueType type(int i) {
        return operands.get(i).type();
    }

    /**
     * The type of an operand that must be a tensor.
     *
     * @param i the index of an operand that is there
     * @return its type
     * @throws InvalidOperandException if it is not a tensor
     */
    public TensorType tensor(int i) {
        if (type(i) instanceof TensorType t) {
            return t;
        }
        throw error("input " + i + " is " + type(i), "a tensor", null);
    }

    /**
     * The element type of a tensor operand.
     *
     * @param i the index of an operand that is there
     * @return its element type
     */
    public DType dtype(int i) {
        return tensor(i).dtype();
    }

    /**
     * The shape of a tensor operand.
     *
     * @param i the index of an operand that is there
     * @return its shape, perhaps of unknown rank
     */
    public Shape shape(int i) {
        return tensor(i).shape();
    }

    /**
     * The value of a constant operand.
     *
     * @param i the index of an operand, which may be absent
     * @return the value, or null if it is not known
     */
    public Tensor constant(int i) {
        if (!has(i)) {
            return null;
        }
        Operand o = operands.get(i);
        if (o.constant() != null) {
            return o.constant();
        }
        if (o.symbolic() == null
                || !allKnown(o.symbolic())
                || !(o.type() instanceof TensorType t)
                || !t.shape().isKnown()) {
            return null;
        }
        Tensor value = Tensor.allocate(t.dtype(), t.shape().toArray());
        for (int e = 0; e < o.symbolic().size(); e++) {
            value.setLong(e, o.symbolic().get(e).value());
        }
        return value;
    }

    private static boolean allKnown(List<Dim> dims) {
        for (Dim dim : dims) {
            if (!dim.isKnown()) {
                return false;
            }
        }
        return true;
    }

    /**
     * The elements of an integer operand of rank 0 or 1 as symbolic dimensions.
     *
     * @param i the index of an operand, which may be absent
     * @return the elements, or null if they are not known
     */
    public List<Dim> symbolic(int i) {
        if (!has(i)) {
            return null;
        }
        Operand o = operands.get(i);
        if (o.symbolic() != null) {
            return o.symbolic();
        }
        Tensor value = o.constant();
        if (value == null || !value.dtype().isInteger() || value.rank() > 1 || value.size() > MAX_SYMBOLIC_ELEMENTS) {
            return null;
        }
        List<Dim> elements = new ArrayList<>();
        for (long e = 0; e < value.size(); e++) {
            elements.add(Dim.of(value.getLong(e)));
        }
        return fit(elements, value.dtype()) ? elements : null;
    }

    /** Whether all known elements are numbers of the type. Unsigned numbers of 64 bits must be below 2^63. */
    private static boolean fit(List<Dim> elements, DType type) {
        if (!type.isInteger()) {
            return true;
        }
        long least = type.minInteger();
        long most = type == DType.UINT64 ? Long.MAX_VALUE : type.maxInteger();
        for (Dim d : elements) {
            if (d.isKnown() && (d.value() < least || d.value() > most)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The elements of an integer operand whose elements are all known.
     *
     * @param i the index of an operand, which may be absent
     * @return the elements, or null if they are not known
     */
    public long[] longs(int i) {
        Tensor value = constant(i);
        return value == null ? null : value.toLongArray();
    }

    /**
     * The elements of an output as the operator infers them, if they fit the output's inferred type.
     *
     * @param output the index of an output
     * @param type its inferred type
     * @return the elements, or null if they are not known or the output is not an integer tensor of rank 0 or 1
     */
    public List<Dim> outputElements(int output, ValueType type) {
        if (!(type instanceof TensorType t) || !t.shape().hasRank() || t.shape().rank() > 1) {
            return null;
        }
        List<Dim> elements;
        try {
            elements = op.inferValue(this, output);
        } catch (InvalidTensorException e) {
            // The expression is too large, or it overflows. The number is computed at run time.
            return null;
        }
        boolean right = elements != null
                && (!t.shape().isKnown() || t.shape().knownElements() == elements.size())
                && fit(elements, t.dtype());
        return right ? elements : null;
    }

    /**
     * A dimension that is known at run time only.
     *
     * @return a symbol that occurs nowhere else
     */
    public Dim freshDim() {
        return fresh.get();
    }

    /**
     * A shape of a known rank whose dimensions are known at run time only.
     *
     * @param rank the rank
     * @return a shape of fresh symbols
     */
    public Shape freshShape(int rank) {
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            dims.add(freshDim());
        }
        return Shape.of(dims);
    }

    /**
     * Normalises an axis.
     *
     * @param axis an axis in [-rank, rank-1]
     * @param rank the rank
     * @param of the thing that has the axis, for the message, such as {@code "shape " + shape}
     * @return the axis in [0, rank-1]
     * @throws InvalidOperandException if it is outside
     */
    public int axis(long axis, int rank, Object of) {
        return axis(op, node, axis, rank, of);
    }

    static int axis(Op op, String node, long axis, int rank, Object of) {
        if (axis < -rank || axis >= rank) {
            throw new InvalidOperandException(
                    describe(op, node),
                    "axis " + axis + " is outside for " + of,
                    "[" + -rank + ", " + (rank - 1) + "]",
                    null);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /**
     * An error of this node.
     *
     * @param found the value that was found
     * @param allowed the values that are allowed, or null
     * @param cure how to fix it, or null
     * @return the exception, to be thrown by the caller
     */
    public InvalidOperandException error(String found, String allowed, String cure) {
        return new InvalidOperandException(describe(op, node), found, allowed, cure);
    }

    static String describe(Op op, String node) {
        String name = op.title();
        return node.isEmpty() ? name : name + " '" + node + "'";
    }
}

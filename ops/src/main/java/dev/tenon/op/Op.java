package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * An operator with its attributes: an immutable value, normally a record with ONNX's name of the operator.
 *
 * <p>An operator knows its schema and its accuracy contract. It infers the types and shapes of its outputs from its
 * operands, and it has a slow, obvious way to compute them. It knows neither graphs nor kernels nor passes.
 * Implementations are safe for any number of threads.
 */
public interface Op {
    /**
     * The formal parameters of the operator.
     *
     * @return the schema, the same object for every instance of the operator
     */
    OpSchema schema();

    /**
     * The name of the operator in messages and plans.
     *
     * @return its name with its domain, or the names of the operators that it stands for
     */
    default String title() {
        return schema().qualifiedName();
    }

    /**
     * The attributes by their standard names. {@link OpDefinition#create} makes an equal operator of them.
     *
     * @return the attributes, none unless an operator has some; those at their default may be left out
     */
    default Attributes attributes() {
        return Attributes.none();
    }

    /**
     * How far a kernel may be from {@link #reference}.
     *
     * @return the accuracy contract: that of the schema, unless it depends on the attributes of the operator
     */
    default Numerics numerics() {
        return schema().numerics();
    }

    /**
     * Infers the types and symbolic shapes of the outputs. Validates everything that is known of the operands: types,
     * ranks, dimensions, attributes. Called after {@link OpSchema#check}.
     *
     * @param c the operands' types, and their values where those are known
     * @return one type for each output that the schema declares and the node asks for, in order
     * @throws InvalidOperandException if the operands do not fit
     */
    List<ValueType> infer(InferContext c);

    /**
     * Infers the elements of an integer output as symbolic dimensions. So a chain of Shape, Gather, Concat and Reshape
     * is resolved before any value is known.
     *
     * @param c the operands, as given to {@link #infer}
     * @param output the index of an output of rank 0 or 1
     * @return the elements in order, or null if they are not known
     */
    default List<Dim> inferValue(InferContext c, int output) {
        return null;
    }

    /**
     * Computes the operator by plain loops. Floats are accumulated in double and rounded once; integers are exact.
     * Validates everything that depends on values, with the same errors as {@link #infer}.
     *
     * @param in the operands; never modified
     * @return one datum for each output asked for, freshly allocated or sharing memory with an operand
     * @throws InvalidOperandException if the operator does not take a value
     */
    List<Datum> reference(Operands in);

    /**
     * Tells whether equal operands always give equal results. Only then may the operator be folded and shared.
     *
     * @return false for random operators
     */
    default boolean deterministic() {
        return true;
    }
}

package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import java.util.function.Function;

/**
 * The entry of an operator in an {@link OpSet}. Operators of the standard and operators of a caller have the same kind
 * of entry.
 *
 * @param <O> the operator's class
 * @param schema its schema, with domain and name
 * @param type its class
 * @param factory makes the operator from its attributes, and throws {@link InvalidOperandException} for values that are
 *     not allowed. {@link Op#attributes} is the way back
 * @param since the first version of the operator's set whose nodes have this form, at least 1. The reader of ONNX models
 *     has a table of its own for the versions of the standard's operators
 */
public record OpDefinition<O extends Op>(OpSchema schema, Class<O> type, Function<Attributes, O> factory, int since) {
    /**
     * An entry.
     *
     * @param schema its schema, with domain and name
     * @param type its class
     * @param factory makes the operator from its attributes
     * @param since the first version of the operator's set whose nodes have this form
     * @throws IllegalArgumentException if the version is less than 1
     */
    public OpDefinition {
        if (since < 1) {
            throw new IllegalArgumentException(
                    schema.qualifiedName() + ": version " + since + " of an operator set; allowed 1 and above");
        }
    }

    /**
     * An entry that holds for every version of the operator's set.
     *
     * @param schema its schema, with domain and name
     * @param type its class
     * @param factory makes the operator from its attributes
     */
    public OpDefinition(OpSchema schema, Class<O> type, Function<Attributes, O> factory) {
        this(schema, type, factory, 1);
    }

    /**
     * The entry of an operator with attributes, for every version of its set.
     *
     * @param <O> the operator's class
     * @param schema its schema, with domain and name
     * @param type its class
     * @param factory makes the operator from its attributes
     * @return the entry
     */
    public static <O extends Op> OpDefinition<O> op(OpSchema schema, Class<O> type, Function<Attributes, O> factory) {
        return new OpDefinition<>(schema, type, factory);
    }

    /**
     * The entry of an operator without attributes, for every version of its set.
     *
     * @param <O> the operator's class
     * @param operator the operator, which stands for all nodes
     * @return the entry
     */
    @SuppressWarnings("unchecked")
    public static <O extends Op> OpDefinition<O> op(O operator) {
        return new OpDefinition<>(operator.schema(), (Class<O>) operator.getClass(), attributes -> operator);
    }

    /**
     * Makes the operator.
     *
     * @param attributes its attributes, as the standard names them
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public O create(Attributes attributes) {
        return factory.apply(attributes);
    }
}

package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import java.util.function.Function;

/**
 * An operator's entry in an {@link OpSet}: the same for operators of the standard and for those of a caller.
 *
 * @param <O> the operator's class
 * @param schema its schema, with domain and name
 * @param type its class
 * @param factory makes the operator from its attributes; throws {@link InvalidOperandException} for values outside of
 *     what is allowed. {@link Op#attributes} is the way back
 * @param since the first version of the operator's set whose nodes have this form, at least 1. For operators of the
 *     standard, whose older forms are read too, the table of the reader tells it instead
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
     * Makes the operator.
     *
     * @param attributes its attributes, as the standard names them
     * @return the operator
     */
    public O create(Attributes attributes) {
        return factory.apply(attributes);
    }
}

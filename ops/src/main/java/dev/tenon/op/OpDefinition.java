package dev.tenon.op;

import java.util.function.Function;

/**
 * An operator's entry in an {@link OpSet}.
 *
 * @param <O> the operator's class
 * @param schema its schema
 * @param type its class
 * @param factory makes the operator from its attributes; throws {@link InvalidOperandException} for values outside of
 *     what is allowed
 */
public record OpDefinition<O extends Op>(OpSchema schema, Class<O> type, Function<Attributes, O> factory) {
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

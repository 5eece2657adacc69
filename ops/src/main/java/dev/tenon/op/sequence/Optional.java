package dev.tenon.op.sequence;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Makes an optional. It has a value if there is an operand, otherwise none.
 *
 * @param type the type of the value, needed if there is no operand; may be null
 */
public record Optional(ValueType type) implements Op {
    /** Parameters: a tensor or a sequence, which may be left out. */
    public static final OpSchema SCHEMA =
            OpSchema.of("Optional").optional("input", "*").output("output", "*");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static Optional of(Attributes a) {
        Object type = a.get("type").orElse(null);
        if (type != null && !(type instanceof ValueType)) {
            throw new InvalidOperandException("Optional", "attribute 'type' is " + type, "a type", null);
        }
        // Some exporters write the type of the optional itself.
        return new Optional(type instanceof OptionalType o ? o.element() : (ValueType) type);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("type", type);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.has(0)) {
            return List.of(c.type(0) instanceof OptionalType t ? t : new OptionalType(c.type(0)));
        }
        if (type == null) {
            throw c.error("neither an input nor a type", "one of them", null);
        }
        return List.of(new OptionalType(type));
    }

    @Override
    public List<Datum> reference(Operands in) {
        if (in.has(0)) {
            return List.of(in.get(0) instanceof OptionalDatum o ? o : OptionalDatum.of(in.get(0)));
        }
        if (type == null) {
            throw in.error("neither an input nor a type", "one of them", null);
        }
        return List.of(OptionalDatum.empty(type));
    }
}

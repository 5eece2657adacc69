package dev.tenon.op.math;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import java.util.List;

/**
 * Converts elements to another element type. Floats are rounded to nearest, ties to even. Floats become integers by
 * truncation towards zero; NaN becomes 0, and a value beyond the integer type loses its upper bits. Integers lose upper
 * bits. A number other than 0 becomes true. Numbers become the shortest decimal text that gives the number back,
 * {@code INF}, {@code -INF} or {@code NaN}. Text becomes a number if it is one, in decimal or scientific notation.
 *
 * @param to the element type of the result
 * @param saturate whether a value beyond a float8 type becomes the greatest number of the type, not infinity or NaN
 * @param roundMode {@code up}, {@code down} or {@code nearest}: how float8e8m0 rounds to a power of two
 */
public record Cast(DType to, boolean saturate, String roundMode) implements Elementwise {
    /** Parameters: everything but complex numbers. */
    public static final OpSchema SCHEMA = Schemas.cast(OpSchema.of("Cast"), "input");

    /**
     * Checks the attributes.
     *
     * @param to the element type of the result
     * @param saturate whether float8 types saturate
     * @param roundMode how float8e8m0 rounds
     * @throws InvalidOperandException if the class comment does not list a value
     */
    public Cast {
        if (to == null || !Schemas.CASTABLE.contains(to)) {
            throw new InvalidOperandException(
                    "Cast", "to " + (to == null ? "no element type" : to.text()), "types that are not complex", null);
        }
        Conversion.rounding("Cast", roundMode);
    }

    /**
     * A cast with the standard's defaults.
     *
     * @param to the element type of the result, not complex
     * @throws InvalidOperandException if the type is complex
     */
    public Cast(DType to) {
        this(to, true, Conversion.ROUND_UP);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if {@code to} is absent or complex, or {@code round_mode} is none of the three
     */
    public static Cast of(Attributes a) {
        DType to = Types.ofCode(a.integer("to", 0))
                .orElseThrow(() -> new InvalidOperandException(
                        "Cast", "to " + a.get("to").orElse(null), "the number of an element type", null));
        return new Cast(to, a.flag("saturate", true), a.string("round_mode", Conversion.ROUND_UP));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("to", Types.code(to))
                .unless("saturate", saturate, true)
                .unless("round_mode", roundMode, Conversion.ROUND_UP);
    }

    @Override
    public DType resultType(InferContext c) {
        return to;
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return Conversion.elements(c, to);
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(
                Conversion.convert(in, Broadcast.allocate(in), saturate, Conversion.rounding("Cast", roundMode)));
    }
}

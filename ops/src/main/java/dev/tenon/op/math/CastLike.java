package dev.tenon.op.math;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Converts the elements of the first operand to the element type of the second, as {@link Cast} does.
 *
 * @param saturate whether a value beyond a float8 type becomes the greatest number of the type, not infinity or NaN
 * @param roundMode {@code up}, {@code down} or {@code nearest}: how float8e8m0 rounds to a power of two
 */
public record CastLike(boolean saturate, String roundMode) implements Elementwise {
    /** Parameters: everything but complex numbers; of the second operand only the element type counts. */
    public static final OpSchema SCHEMA = Schemas.cast(OpSchema.of("CastLike"), "input", "target_type");

    /**
     * Checks the attributes.
     *
     * @param saturate whether float8 types saturate
     * @param roundMode how float8e8m0 rounds
     * @throws InvalidOperandException if the class comment does not list a value
     */
    public CastLike {
        Conversion.rounding("CastLike", roundMode);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if {@code round_mode} is none of the three
     */
    public static CastLike of(Attributes a) {
        return new CastLike(a.flag("saturate", true), a.string("round_mode", Conversion.ROUND_UP));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("saturate", saturate, true)
                .unless("round_mode", roundMode, Conversion.ROUND_UP);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(c.dtype(1), c.shape(0)));
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return Conversion.elements(c, c.dtype(1));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(
                Conversion.convert(in, Broadcast.allocate(in), saturate, Conversion.rounding("CastLike", roundMode)));
    }
}

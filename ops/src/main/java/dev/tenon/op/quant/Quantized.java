package dev.tenon.op.quant;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Float8;
import dev.tenon.tensor.Tensor;
import java.util.Set;

/** Element types and rounding of quantised numbers. */
final class Quantized {
    /** The float8 types that have a mantissa. */
    static final Set<DType> FLOAT8 =
            Types.set(DType.FLOAT8E4M3FN, DType.FLOAT8E4M3FNUZ, DType.FLOAT8E5M2, DType.FLOAT8E5M2FNUZ);

    /** The types that QuantizeLinear gives. */
    static final Set<DType> ALL = Types.union(
            FLOAT8,
            Types.set(
                    DType.INT8,
                    DType.UINT8,
                    DType.INT16,
                    DType.UINT16,
                    DType.INT4,
                    DType.UINT4,
                    DType.INT2,
                    DType.UINT2,
                    DType.FLOAT4E2M1));

    /** int8 and uint8. */
    static final Set<DType> BYTES = Types.set(DType.INT8, DType.UINT8);

    private Quantized() {}

    /** An attribute that names an element type by the standard's number; null for 0. */
    static DType type(OpSchema schema, Attributes a, String name, Set<DType> allowed) {
        long code = a.integer(name, 0);
        DType type = Types.ofCode(code).orElse(null);
        if (code != 0 && (type == null || !allowed.contains(type))) {
            throw new InvalidOperandException(
                    schema.qualifiedName(),
                    "attribute '" + name + "' is " + code,
                    "0 or the number of one of "
                            + String.join(
                                    ", ", allowed.stream().map(DType::text).toList()),
                    null);
        }
        return type;
    }

    /** The value of the attribute that {@link #type} reads. */
    static long code(DType type) {
        return type == null ? 0 : Types.code(type);
    }

    /**
     * Stores {@code round_half_even(quotient) + zeroPoint}, saturated to an integer type; NaN gives the least value. In
     * a floating type it stores the sum without rounding to an integer.
     */
    static void store(Tensor y, long i, float quotient, float zeroPoint, boolean saturate) {
        DType type = y.dtype();
        if (type.isInteger()) {
            double value = Math.rint(quotient) + zeroPoint;
            y.setLong(
                    i,
                    value >= type.minInteger()
                            ? (long) Math.min(value, (double) type.maxInteger())
                            : type.minInteger());
        } else if (type == DType.FLOAT4E2M1) {
            y.setDouble(i, quotient + zeroPoint);
        } else {
            y.setBits(i, Float8.fromDouble(type, quotient + zeroPoint, saturate));
        }
    }
}

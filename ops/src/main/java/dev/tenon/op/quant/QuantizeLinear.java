package dev.tenon.op.quant;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;

/**
 * {@code y = saturate(round_half_even(x / y_scale) + y_zero_point)}; a floating result is not rounded to an integer.
 * The quotient is rounded to the precision: float32, float16 or bfloat16. NaN gives the least value of an integer type,
 * and so does zero divided by zero.
 *
 * @param axis the axis of scales that are a vector or blocks, in [-r, r-1] for rank r
 * @param saturate whether float8 results saturate; otherwise they become infinite or NaN
 * @param blockSize the number of indices along the axis that share a scale; 0 if scales are no blocks
 * @param outputDtype the element type of the result; null for that of the zero point, or uint8 without one
 * @param precision the type of the quotient; null for that of the scale, or float32 if that is none of the three
 */
public record QuantizeLinear(int axis, boolean saturate, long blockSize, DType outputDtype, DType precision)
        implements Op {
    /** Inputs x, y_scale and optionally y_zero_point of the shape of the scale; output y of the shape of x. */
    public static final OpSchema SCHEMA = OpSchema.of("QuantizeLinear")
            .input("x", "T1")
            .input("y_scale", "T2")
            .optional("y_zero_point", "T3")
            .output("y", "T3")
            .where("T1", Types.set(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16, DType.INT32))
            .where("T2", Types.set(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16, DType.INT32, DType.FLOAT8E8M0))
            .where("T3", Quantized.ALL);

    private static final Set<DType> PRECISIONS = Types.set(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if block_size is negative, or output_dtype or precision names no allowed type
     */
    public static QuantizeLinear of(Attributes a) {
        return new QuantizeLinear(
                a.int32("axis", 1),
                a.flag("saturate", true),
                blockSize(SCHEMA, a),
                Quantized.type(SCHEMA, a, "output_dtype", Quantized.ALL),
                Quantized.type(SCHEMA, a, "precision", PRECISIONS));
    }

    static long blockSize(OpSchema schema, Attributes a) {
        long size = a.integer("block_size", 0);
        if (size < 0) {
            throw new InvalidOperandException(
                    schema.qualifiedName(), "attribute 'block_size' is " + size, "0 or more", null);
        }
        return size;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("axis", (long) axis, 1L)
                .unless("saturate", saturate, true)
                .unless("block_size", blockSize, 0L)
                .unless("output_dtype", Quantized.code(outputDtype), 0L)
                .unless("precision", Quantized.code(precision), 0L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = c.has(2) ? c.dtype(2) : outputDtype == null ? DType.UINT8 : outputDtype;
        if (outputDtype != null && type != outputDtype) {
            throw c.error("output_dtype " + outputDtype.text(), type.text() + ", as the zero point", null);
        }
        Granularity.check(c, axis, blockSize);
        return List.of(new TensorType(type, c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor scale = in.tensor(1);
        Tensor zeroPoint = in.tensorOrNull(2);
        Tensor y = Tensor.allocate(type.dtype(), x.dims());
        Granularity granularity = Granularity.of(x.dims(), axis, scale.dims(), scale.size(), blockSize);
        DType rounding = precision != null ? precision : scale.dtype();
        Tensor quotient = Tensor.allocate(PRECISIONS.contains(rounding) ? rounding : DType.FLOAT32);
        for (long i = 0; i < y.size(); i++) {
            long s = granularity.scaleOf(i);
            quotient.setDouble(0, divide(x.getDouble(i), scale.getDouble(s), quotient));
            Quantized.store(y, i, quotient.getFloat(0), zeroPoint == null ? 0 : zeroPoint.getFloat(s), saturate);
        }
        return List.of(y);
    }

    /**
     * Both operands are rounded to the precision first. The quotient in double is then rounded to the precision once
     * more.
     */
    private static double divide(double x, double scale, Tensor scratch) {
        scratch.setDouble(0, x);
        double dividend = scratch.getDouble(0);
        scratch.setDouble(0, scale);
        return dividend / scratch.getDouble(0);
    }
}

package dev.tenon.op.quant;

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
 * {@code y = (x - x_zero_point) * x_scale}. The difference is exact and rounded to float32. The product is computed in
 * float32 and rounded to the type of the result.
 *
 * @param axis the axis of scales that are a vector or blocks, in [-r, r-1] for rank r
 * @param blockSize the number of indices along the axis that share a scale; 0 if scales are no blocks
 * @param outputDtype the element type of the result; null for that of the scale
 */
public record DequantizeLinear(int axis, long blockSize, DType outputDtype) implements Op {
    private static final Set<DType> RESULTS = Types.set(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16);

    /** Inputs x, x_scale and optionally x_zero_point of the shape of the scale; output y of the shape of x. */
    public static final OpSchema SCHEMA = OpSchema.of("DequantizeLinear")
            .input("x", "T1")
            .input("x_scale", "T2")
            .optional("x_zero_point", "T1")
            .output("y", "T3")
            .where("T1", Types.union(Quantized.ALL, Types.set(DType.INT32)))
            .where("T2", Types.union(RESULTS, Types.set(DType.FLOAT8E8M0)))
            .where("T3", RESULTS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if block_size is negative or output_dtype names no allowed type
     */
    public static DequantizeLinear of(Attributes a) {
        return new DequantizeLinear(
                a.int32("axis", 1),
                QuantizeLinear.blockSize(SCHEMA, a),
                Quantized.type(SCHEMA, a, "output_dtype", RESULTS));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("axis", (long) axis, 1L)
                .unless("block_size", blockSize, 0L)
                .unless("output_dtype", Quantized.code(outputDtype), 0L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = outputDtype == null ? c.dtype(1) : outputDtype;
        if (!RESULTS.contains(type)) {
            throw c.error("scale of type " + type.text() + " without output_dtype", "output_dtype", null);
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
        for (long i = 0; i < y.size(); i++) {
            long s = granularity.scaleOf(i);
            float difference = (float) (x.getDouble(i) - (zeroPoint == null ? 0 : zeroPoint.getDouble(s)));
            y.setDouble(i, difference * scale.getFloat(s));
        }
        return List.of(y);
    }
}

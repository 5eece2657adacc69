package dev.tenon.op.quant;

import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * Makes numbers of rows of blocks: X {@code [..., bytes]} has the bytes of whole blocks of a {@link BlockFormat}, Y
 * {@code [..., elements]} their elements. They are computed in float32, and those of float16 are rounded from that.
 *
 * @param format the form of the blocks
 * @param outputDtype the element type of the result, float32 or float16; null for float32
 */
public record DequantizeBlocks(BlockFormat format, DType outputDtype) implements Op {
    private static final Set<DType> RESULTS = Types.set(DType.FLOAT32, DType.FLOAT16);

    /** Input X, output Y. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "DequantizeBlocks")
            .input("X", "Q")
            .output("Y", "T")
            .where("Q", Types.set(DType.UINT8))
            .where("T", RESULTS);

    /** The elements that are made at once, whole blocks of any format. */
    private static final int AT_ONCE = 1 << 14;

    /**
     * Makes the operator.
     *
     * @param a its attributes: format, and perhaps output_dtype
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if one of them is not allowed
     */
    public static DequantizeBlocks of(Attributes a) {
        return new DequantizeBlocks(BlockFormat.of(SCHEMA, a), Quantized.type(SCHEMA, a, "output_dtype", RESULTS));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return format.attribute().unless("output_dtype", Quantized.code(outputDtype), 0L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape shape = c.shape(0);
        if (shape.hasRank()) {
            if (shape.rank() == 0) {
                throw c.error("a scalar", "rows of bytes", null);
            }
            shape = shape.withDim(shape.rank() - 1, format.elements(c, 0));
        }
        return List.of(new TensorType(outputDtype == null ? DType.FLOAT32 : outputDtype, shape));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor y = Tensor.allocate(type.dtype(), type.shape().toArray());
        MemorySegment x = in.tensor(0).segment();
        float[] some = new float[(int) Math.min(AT_ONCE, y.size())];
        for (long first = 0; first < y.size(); first += some.length) {
            int count = (int) Math.min(some.length, y.size() - first);
            Operands.work(count);
            format.dequantize(x, format.rowBytes(first), some, count);
            if (y.dtype() == DType.FLOAT32) {
                MemorySegment.copy(
                        MemorySegment.ofArray(some), 0, y.segment(), first * Float.BYTES, (long) count * Float.BYTES);
            } else {
                for (int i = 0; i < count; i++) {
                    y.setDouble(first + i, some[i]);
                }
            }
        }
        return List.of(y);
    }
}

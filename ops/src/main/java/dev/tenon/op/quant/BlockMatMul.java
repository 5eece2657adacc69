package dev.tenon.op.quant;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * The product of A {@code [..., m, k]} with the transpose of B, whose rows are blocks of a {@link BlockFormat}: B has the bytes
 * {@code [n, bytes]} of n rows of k elements, as {@link DequantizeBlocks} reads them. Y is {@code [..., m, n]}. A bias
 * {@code [n]} may be added.
 *
 * <p>The operator says whether A is rounded. With {@link Activations#Q8} it is, and a result is what {@link #round rounded} rows
 * give: nothing else is rounded but sums of float32.
 *
 * @param format the form of the blocks of B
 * @param activations how A is multiplied
 */
public record BlockMatMul(BlockFormat format, Activations activations) implements Op {
    /** The rounding of A. */
    public enum Activations {
        /** None. */
        F32,
        /**
         * Signed bytes with a scale for as many elements as a block of B has, as ggml rounds for its products: blocks of 32 as
         * Q8_0, those of 256 as Q8_K. The scale stays a float32 number, which ggml rounds to float16 in Q8_0.
         */
        Q8
    }

    /** Inputs A, B and optionally a bias; output Y. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "BlockMatMul")
            .input("A", "T")
            .input("B", "Q")
            .optional("bias", "T")
            .output("Y", "T")
            .where("T", Types.set(DType.FLOAT32))
            .where("Q", Types.set(DType.UINT8))
            .numerics(Numerics.sum(16));

    private static final String ACTIVATIONS = "activations";
    private static final int BIAS = 2;
    private static final float MOST = 127;

    /**
     * Makes the operator.
     *
     * @param a its attributes: format and activations
     * @return the operator
     * @throws InvalidOperandException if one of them is not allowed
     */
    public static BlockMatMul of(Attributes a) {
        String name = a.string(ACTIVATIONS, Activations.F32.name());
        for (Activations each : Activations.values()) {
            if (each.name().equals(name)) {
                return new BlockMatMul(BlockFormat.of(SCHEMA, a), each);
            }
        }
        throw new InvalidOperandException(
                SCHEMA.qualifiedName(),
                "activations '" + name + "'",
                "one of " + Arrays.toString(Activations.values()),
                null);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return format.attribute().unless(ACTIVATIONS, activations.name(), Activations.F32.name());
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape a = c.shape(0);
        Shape b = c.shape(1);
        if (a.hasRank() && a.rank() == 0) {
            throw c.error("A is a scalar", "rank 1 or more", null);
        }
        if (b.hasRank() && b.rank() != 2) {
            throw c.error("B of shape " + b, "[rows, bytes]", null);
        }
        Dim n = b.hasRank() ? b.dim(0) : c.freshDim();
        if (a.hasRank() && b.hasRank() && Dims.differ(a.dim(-1), format.elements(c, 1))) {
            throw c.error(
                    "rows of A have " + a.dim(-1) + " elements",
                    format.elements(c, 1) + " elements, as the rows of B",
                    null);
        }
        if (c.has(BIAS) && c.shape(BIAS).hasRank()) {
            Shape bias = c.shape(BIAS);
            if (bias.rank() != 1 || Dims.differ(bias.dim(0), n)) {
                throw c.error("a bias of shape " + bias, "[" + n + "]", null);
            }
        }
        return List.of(new TensorType(DType.FLOAT32, a.hasRank() ? a.withDim(a.rank() - 1, n) : Shape.unknownRank()));
    }

    /**
     * Rounds a row as {@link Activations#Q8} says. The scale of a block is its largest absolute value by 127. An element is
     * multiplied with 127 by that value, both in float32, and rounded to the nearest integer, ties to even. A block with a NaN
     * or an infinity becomes NaN.
     *
     * @param row the elements, whole blocks, which become integers times their scale
     * @param block the elements that share a scale
     */
    public static void round(float[] row, int block) {
        for (int first = 0; first < row.length; first += block) {
            float most = 0;
            for (int i = first; i < first + block; i++) {
                most = Math.max(most, Math.abs(row[i]));
            }
            float scale = most < Float.POSITIVE_INFINITY ? most / MOST : Float.NaN;
            float factor = Math.min(MOST / most, Float.MAX_VALUE);
            for (int i = first; i < first + block; i++) {
                row[i] = (float) Math.rint(row[i] * factor) * scale;
            }
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor y = Tensor.allocate(DType.FLOAT32, type.shape().toArray());
        Tensor a = in.tensor(0);
        Tensor b = in.tensor(1);
        Tensor bias = in.tensorOrNull(BIAS);
        long n = b.dim(0);
        int k = (int) Math.min(Integer.MAX_VALUE, format.elements(b.dim(1)));
        if (k == Integer.MAX_VALUE) {
            throw in.error("rows of B of " + b.dim(1) + " bytes", "rows of fewer than " + k + " elements", null);
        }
        long rows = n == 0 ? 0 : y.size() / n;
        float[] weights = new float[k];
        float[] row = new float[k];
        for (long column = 0; column < n; column++) {
            format.dequantize(b.segment(), column * b.dim(1), weights, k);
            for (long r = 0; r < rows; r++) {
                for (int i = 0; i < k; i++) {
                    row[i] = a.getFloat(r * k + i);
                }
                if (activations == Activations.Q8) {
                    round(row, format.blockSize());
                }
                double sum = bias == null ? 0 : bias.getFloat(column);
                for (int i = 0; i < k; i++) {
                    sum += (double) row[i] * weights[i];
                }
                y.setDouble(r * n + column, sum);
            }
        }
        return List.of(y);
    }
}

package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The product of A {@code [..., m, k]} with the transpose of B {@code [n, k]}, whose rows are integers with a scale and
 * perhaps a zero point for each block of neighbouring elements. Y is {@code [..., m, n]}. A bias {@code [n]} may be added.
 * It stands for {@link DequantizeLinear}, {@link Transpose}, {@link MatMul} and {@link Add}, and for the operator
 * MatMulNBits of ONNX Runtime.
 *
 * @param blockSize the number of elements of a row of B that share a scale
 * @param accuracyLevel the accuracy that the model asks for: with {@link #BYTES}, a kernel may round the elements of a block
 *     of A to signed bytes with a scale; with any other level it computes in float32
 */
public record BlockQuantizedMatMul(long blockSize, int accuracyLevel) implements Composite {
    /** Inputs A, B, scales and optionally zero points and a bias; output Y. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "BlockQuantizedMatMul")
            .input("A", "T")
            .input("B", "Q")
            .input("scales", "T")
            .optional("zero_points", "Q")
            .optional("bias", "T")
            .output("Y", "T")
            .where("T", Types.set(DType.FLOAT32))
            .where("Q", Types.set(DType.UINT4, DType.INT4, DType.UINT8, DType.INT8));

    /** The level with which A may be rounded to bytes. */
    public static final int BYTES = 4;

    private static final int ZERO_POINTS = 3;
    private static final int BIAS = 4;

    /** A block of bytes may be off by 1/254 of its largest element; this is 1/64 of the sum of absolute terms. */
    private static final Numerics OF_BYTES = Numerics.sum(1 << 17);

    /**
     * Checks the attributes.
     *
     * @param blockSize the number of elements that share a scale
     * @param accuracyLevel the accuracy that the model asks for
     * @throws InvalidOperandException if one of them is not allowed
     */
    public BlockQuantizedMatMul {
        if (blockSize < 1) {
            throw new InvalidOperandException(SCHEMA.qualifiedName(), "block_size " + blockSize, "1 or more", null);
        }
        if (accuracyLevel < 0 || accuracyLevel > BYTES) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), "accuracy_level " + accuracyLevel, "0 to " + BYTES, null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes: block_size and accuracy_level
     * @return the operator
     * @throws InvalidOperandException if one of them is not allowed
     */
    public static BlockQuantizedMatMul of(Attributes a) {
        return new BlockQuantizedMatMul(a.integer("block_size", 0), a.int32("accuracy_level", 0));
    }

    /**
     * The first terms of the columns of B, without those that only fill the last block.
     *
     * @param b the integers [n, terms with padding]
     * @param k the terms
     * @return the integers [n, k]; B itself if it has no padding
     */
    public static Tensor withoutPadding(Tensor b, long k) {
        long width = b.dim(1);
        if (width == k) {
            return b;
        }
        Tensor kept = Tensor.allocate(b.dtype(), b.dim(0), k);
        for (long row = 0; row < b.dim(0); row++) {
            for (long i = 0; i < k; i++) {
                kept.setLong(row * k + i, b.getLong(row * width + i));
            }
        }
        return kept;
    }

    /**
     * Whether a kernel may round A to bytes.
     *
     * @return true if it may
     */
    public boolean allowsBytes() {
        return accuracyLevel == BYTES;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("block_size", blockSize).unless("accuracy_level", (long) accuracyLevel, 0L);
    }

    @Override
    public Numerics numerics() {
        return allowsBytes() ? OF_BYTES : new MatMul().numerics();
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        int inputs = types.size();
        boolean hasZeros = inputs > ZERO_POINTS && types.get(ZERO_POINTS) != null;
        List<Composition.Step> steps = new ArrayList<>();
        steps.add(new Composition.Step(
                new DequantizeLinear(1, blockSize, null), List.of(1, 2, hasZeros ? ZERO_POINTS : Fused.ABSENT), 1));
        steps.add(new Composition.Step(new Transpose(List.of(1, 0)), List.of(inputs), 1));
        steps.add(new Composition.Step(new MatMul(), List.of(0, inputs + 1), 1));
        if (inputs > BIAS && types.get(BIAS) != null) {
            steps.add(new Composition.Step(new Add(), List.of(inputs + 2, BIAS), 1));
        }
        return new Composition(inputs, List.of(), steps, List.of(inputs + steps.size() - 1));
    }
}

package dev.tenon.kernel.quant;

import dev.tenon.kernel.RowPartition;

/**
 * Quantisation between float32 and integers, over {@code outer * channels} contiguous runs of {@code inner} elements,
 * each with the scale and the zero point of its channel.
 *
 * @param kind the direction
 * @param bits the bits of the integers: 8, or 32 for {@link Kind#DEQUANTIZE} too
 * @param signed whether the integers are signed
 * @param zeroPoint whether the third operand is there
 * @param outer the product of the dimensions before the axis
 * @param channels the number of scales
 * @param inner the elements of a run
 * @param output the index of the first output among the operands
 */
public record QuantProblem(
        Kind kind, int bits, boolean signed, boolean zeroPoint, long outer, long channels, long inner, int output) {
    /** The direction. */
    public enum Kind {
        /** QuantizeLinear. */
        QUANTIZE,
        /** DequantizeLinear. */
        DEQUANTIZE,
        /** DynamicQuantizeLinear, of one channel, whose scale and zero point are outputs. */
        DYNAMIC
    }

    /**
     * The number of elements.
     *
     * @return their number
     */
    public long size() {
        return outer * channels * inner;
    }

    /**
     * The least integer of the type, 8 bits.
     *
     * @return -128 or 0
     */
    public int least() {
        return signed ? Byte.MIN_VALUE : 0;
    }

    /**
     * The work cut into parts: of single elements where there is one scale, of whole runs otherwise, and not at all
     * where the range must be known first.
     *
     * @param elements the elements of a part
     * @return the parts
     */
    public RowPartition split(long elements) {
        if (kind == Kind.DYNAMIC) {
            return new RowPartition(size(), Math.max(1, size()));
        }
        return channels == 1
                ? RowPartition.of(size(), 1, elements)
                : RowPartition.of(outer * channels, inner, elements);
    }

    /**
     * The elements of a unit of {@link #split}.
     *
     * @return 1 or {@link #inner}
     */
    public long unit() {
        return channels == 1 ? 1 : inner;
    }
}

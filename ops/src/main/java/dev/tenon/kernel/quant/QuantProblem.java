package dev.tenon.kernel.quant;

import dev.tenon.kernel.RowPartition;

/**
 * Quantisation between float32 and integers. The elements are {@code outer * channels} contiguous runs of {@code inner}
 * elements each. A run has the scale and the zero point of its channel.
 *
 * @param kind the operator
 * @param bits the size of an integer, bits: 8; for {@link Kind#DEQUANTIZE} also 32
 * @param signed whether the integers are signed
 * @param zeroPoint whether the zero points, the third operand, are given
 * @param outer the product of the dimensions before the axis
 * @param channels the number of scales
 * @param inner the elements of a run
 * @param output the index of the first output among the operands
 */
public record QuantProblem(
        Kind kind, int bits, boolean signed, boolean zeroPoint, long outer, long channels, long inner, int output) {
    /** The operator. */
    public enum Kind {
        /** QuantizeLinear. */
        QUANTIZE,
        /** DequantizeLinear. */
        DEQUANTIZE,
        /** DynamicQuantizeLinear: one channel; scale and zero point are computed from the elements and are outputs. */
        DYNAMIC,
        /** CentredQuantization: the same, with integers less their zero point as float32, and the scale as outputs. */
        CENTRED
    }

    /**
     * Whether scale and zero point are computed from the elements.
     *
     * @return true for two kinds
     */
    public boolean isDynamic() {
        return kind == Kind.DYNAMIC || kind == Kind.CENTRED;
    }

    /**
     * The number of elements.
     *
     * @return at least 0
     */
    public long size() {
        return outer * channels * inner;
    }

    /**
     * The lowest integer of the 8-bit type.
     *
     * @return -128 or 0
     */
    public int minInteger() {
        return signed ? Byte.MIN_VALUE : 0;
    }

    /**
     * Splits the work into parts. The unit of the split is an element if there is one scale, otherwise a run. If scale
     * and zero point are computed there is one part, because it needs the range of all elements first.
     *
     * @param elements about the number of elements of a part
     * @return the partition
     */
    public RowPartition partition(long elements) {
        if (isDynamic()) {
            return new RowPartition(size(), Math.max(1, size()));
        }
        return channels == 1
                ? RowPartition.of(size(), 1, elements)
                : RowPartition.of(outer * channels, inner, elements);
    }

    /**
     * The number of elements in a unit of {@link #partition}.
     *
     * @return 1 or {@link #inner}
     */
    public long unitElements() {
        return channels == 1 ? 1 : inner;
    }
}

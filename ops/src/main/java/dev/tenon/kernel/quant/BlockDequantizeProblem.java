package dev.tenon.kernel.quant;

/**
 * Dequantisation of integers to float32 with a scale, and perhaps a zero point, for each block along an axis. The operands are
 * the integers, the scales and the zero points.
 *
 * @param bits the bits of an integer, 4 or 8
 * @param signed whether the integers are signed
 * @param zeroPoint whether the zero points are given
 * @param outer the product of the dimensions before the axis
 * @param length the indices along the axis
 * @param inner the product of the dimensions after the axis
 * @param block the indices along the axis that share a scale
 * @param output the index of the output among the operands
 */
public record BlockDequantizeProblem(
        int bits, boolean signed, boolean zeroPoint, long outer, long length, long inner, long block, int output) {
    /**
     * The number of scales along the axis.
     *
     * @return at least 0
     */
    public long blocks() {
        return Math.ceilDiv(length, block);
    }
}

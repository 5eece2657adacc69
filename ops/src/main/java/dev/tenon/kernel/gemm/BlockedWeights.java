package dev.tenon.kernel.gemm;

import dev.tenon.op.quant.BlockFormat;

/**
 * Integers that have a scale, and perhaps a zero point, for each block of a row.
 *
 * @param bits the bits of an integer: 4 or 8, or those of the format
 * @param signed whether the integers are signed
 * @param block the elements of a row that share a scale
 * @param hasZeros whether the zero points are given
 * @param format the form of the blocks, which then have all of their numbers in them; null if scales and zero points are operands
 */
public record BlockedWeights(int bits, boolean signed, int block, boolean hasZeros, BlockFormat format) {
    /**
     * Weights in the blocks of a format.
     *
     * @param format the format
     * @return the weights
     */
    public static BlockedWeights of(BlockFormat format) {
        return new BlockedWeights(format.bits(), false, format.blockSize(), false, format);
    }
}

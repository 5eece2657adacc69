package dev.tenon.kernel.gemm;

/**
 * A matrix of 8-bit integers from which zero points are subtracted.
 *
 * @param signed whether it is int8, else uint8
 * @param zeroPoint the index of the zero points among the operands, or -1 if there are none
 * @param zeroPerVector whether each row of a left matrix, or each column of a right one, has a zero point, else one is for all
 */
public record ByteMatrix(boolean signed, int zeroPoint, boolean zeroPerVector) {
    /**
     * A matrix without zero points.
     *
     * @param signed whether it is int8, else uint8
     */
    public ByteMatrix(boolean signed) {
        this(signed, -1, false);
    }
}

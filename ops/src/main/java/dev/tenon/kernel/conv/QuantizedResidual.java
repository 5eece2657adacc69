package dev.tenon.kernel.conv;

/**
 * Bytes that are added to the results of a convolution of bytes, as QLinearAdd defines it. All arithmetic is float32: the first
 * operand of the sum is scaled, the second one is scaled and the term is added to it, and both are added.
 *
 * @param operand the operand that holds the other bytes, of the shape and the type of the result
 * @param first whether the convolution is the first operand of the sum
 * @param zero the zero point of the convolution's own result
 * @param own the factor of the convolution's own result
 * @param other the factor of the other bytes
 * @param term what is added to the second operand
 */
public record QuantizedResidual(int operand, boolean first, int zero, float own, float other, float term) {
    /** Sums at most this large are converted to int32 without being clipped. */
    public static final float LARGEST = 1 << 30;

    private static final int BYTE = 255;

    /**
     * Whether every sum is at most {@link #LARGEST}, and none is NaN.
     *
     * @return false for infinite factors too
     */
    public boolean isSmall() {
        return Math.abs(own) * BYTE + Math.abs(other) * BYTE + Math.abs(term) < LARGEST;
    }

    /**
     * The sum before it is rounded.
     *
     * @param result a result of the convolution, a byte
     * @param added the byte that is added
     * @return the sum
     */
    public float sum(float result, float added) {
        return first ? result * own + (added * other + term) : added * other + (result * own + term);
    }
}

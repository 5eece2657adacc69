package dev.tenon.kernel.vector;

/**
 * Ranks of float32 numbers: int32 numbers in the order of the floats. Negative infinity has the lowest rank, -0 comes before
 * 0, and NaN of either sign has the highest ranks. One integer instruction compares ranks, whereas a maximum of floats takes
 * several to treat NaN and signed zeros correctly.
 *
 * <p>The rank of bits {@code b} is {@code (b ^ (b >> SIGN_SHIFT & MAX_VALUE)) - OFFSET}. The bits of rank {@code r} are
 * {@code o ^ (o >> SIGN_SHIFT & MAX_VALUE)} with {@code o = r + OFFSET}. Vector loops contain these formulas themselves,
 * because a vector that is passed to a method may be boxed.
 */
public final class FloatOrder {
    /** Shifts an int right so that only its sign is left: 0 or -1. */
    public static final int SIGN_SHIFT = Integer.SIZE - 1;

    /**
     * The number of negative NaNs. Without this offset the order would be negative NaN, negative numbers, positive numbers,
     * NaN; the offset wraps negative NaN around to the end.
     */
    public static final int OFFSET = 0x7FFFFF;

    /** The rank of negative infinity, the lowest. */
    public static final int NEGATIVE_INFINITY = Integer.MIN_VALUE;

    private FloatOrder() {}
}

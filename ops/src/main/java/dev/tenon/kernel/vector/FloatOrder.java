package dev.tenon.kernel.vector;

/**
 * Ranks of float32 numbers: integers in the order of the numbers with negative infinity least, -0 before 0, and NaN of either
 * sign greatest, which one instruction compares, where maxima of numbers take several to get NaN and signed zeros right.
 *
 * <p>The rank of bits {@code b} is {@code (b ^ (b >> SIGN & MAX_VALUE)) - SHIFT}. The bits of rank {@code r} are, of
 * {@code o = r + SHIFT}, {@code o ^ (o >> SIGN & MAX_VALUE)}. Loops on vectors write both out, as each does that has a
 * vector in a register.
 */
public final class FloatOrder {
    /** Places to the right that leave nothing but the sign. */
    public static final int SIGN = Integer.SIZE - 1;

    /** From the order of negative NaN, negative numbers, positive numbers, NaN to the one that begins behind negative NaN. */
    public static final int SHIFT = 0x7FFFFF;

    /** The rank of negative infinity. */
    public static final int LEAST = Integer.MIN_VALUE;

    private FloatOrder() {}
}

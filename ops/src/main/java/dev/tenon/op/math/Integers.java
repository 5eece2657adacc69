package dev.tenon.op.math;

import dev.tenon.tensor.DType;

/** Arithmetic of integers of any element type in longs. A long holds the bits of an unsigned integer of 64 bits. */
final class Integers {
    private Integers() {}

    static int compare(long a, long b, DType type) {
        return type == DType.UINT64 ? Long.compareUnsigned(a, b) : Long.compare(a, b);
    }

    static double toDouble(long a, DType type) {
        return type == DType.UINT64 && a < 0 ? (double) (a >>> 1 | (a & 1)) * 2 : (double) a;
    }

    /** Keeps the bits of the element type and extends them to a long by the sign of the type. */
    static long wrap(long a, DType type) {
        int unused = Long.SIZE - type.bits();
        return type.isUnsigned() ? a << unused >>> unused : a << unused >> unused;
    }

    /** The quotient truncated towards zero; 0 for a divisor of 0, which the standard does not define. */
    static long divide(long a, long b, DType type) {
        if (b == 0) {
            return 0;
        }
        return type == DType.UINT64 ? Long.divideUnsigned(a, b) : a / b;
    }

    /** The remainder of {@link #divide}; 0 for a divisor of 0. */
    static long remainder(long a, long b, DType type) {
        if (b == 0) {
            return 0;
        }
        return type == DType.UINT64 ? Long.remainderUnsigned(a, b) : a % b;
    }

    /**
     * A power for an exponent that is not negative, by squaring.
     *
     * @return the power, or the least value of int64 if it does not fit there
     */
    static long power(long base, long exponent) {
        if (base == 0 || base == 1 || base == -1) {
            return exponent == 0 ? 1 : base == -1 && (exponent & 1) == 0 ? 1 : base;
        }
        if (exponent < 0 || exponent > Long.SIZE) {
            return Long.MIN_VALUE;
        }
        long result = 1;
        for (long e = exponent; e > 0; e--) {
            long high = Math.multiplyHigh(result, base);
            result *= base;
            if (high != result >> Long.SIZE - 1) {
                return Long.MIN_VALUE;
            }
        }
        return result;
    }
}

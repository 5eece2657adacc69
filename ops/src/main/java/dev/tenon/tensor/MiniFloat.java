package dev.tenon.tensor;

/**
 * A small binary floating format with subnormals: rounds magnitudes to codes and back. A code is the bit pattern
 * without the sign, so codes are ordered like the magnitudes.
 */
final class MiniFloat {
    private final int mantissaBits;
    private final int minExponent;

    /** minExponent: the exponent of the least normal value. */
    MiniFloat(int mantissaBits, int minExponent) {
        this.mantissaBits = mantissaBits;
        this.minExponent = minExponent;
    }

    /**
     * Rounds a finite magnitude to the nearest code, ties to even, as if the range had no end: the caller compares with
     * its greatest code. There is one rounding only. Scaling by a power of two is exact here, since a result below the
     * normal range of a double was below it before.
     */
    int round(double magnitude) {
        int exponent = Math.max(Math.getExponent(magnitude), minExponent);
        double scale = Double.longBitsToDouble((long) (Double.MAX_EXPONENT + mantissaBits - exponent) << 52);
        int significand = (int) Math.rint(magnitude * scale);
        return ((exponent - minExponent) << mantissaBits) + significand;
    }

    /** The magnitude of a finite code. */
    double magnitude(int code) {
        int field = code >> mantissaBits;
        int fraction = code & ((1 << mantissaBits) - 1);
        return field == 0
                ? Math.scalb((double) fraction, minExponent - mantissaBits)
                : Math.scalb((double) (fraction + (1 << mantissaBits)), minExponent + field - 1 - mantissaBits);
    }

    /**
     * A long as a double that rounds to any format of at most 24 significant bits exactly as the long itself does. The
     * bits beyond 53 are folded into the last one kept (rounding to odd).
     */
    static double toOdd(long value) {
        return value == Long.MIN_VALUE ? -0x1p63 : value < 0 ? -toOddUnsigned(-value) : toOddUnsigned(value);
    }

    /** Like {@link #toOdd} of a long read as unsigned. */
    static double toOddUnsigned(long value) {
        if (value >>> 53 == 0) {
            return (double) value;
        }
        long folded = value >>> 11 | ((value & 0x7FF) == 0 ? 0 : 1);
        return (double) folded * 0x1p11;
    }
}

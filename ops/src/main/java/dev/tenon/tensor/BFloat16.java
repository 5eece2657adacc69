package dev.tenon.tensor;

/** Conversions of bfloat16 bit patterns: the upper halves of binary32 ones. */
public final class BFloat16 {
    private static final MiniFloat FORMAT = new MiniFloat(7, -126);
    private static final int INFINITY = 0x7F80;

    private BFloat16() {}

    /**
     * The exact value.
     *
     * @param bits a bit pattern
     * @return its value; NaN keeps sign and payload
     */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * Rounds to the nearest, ties to even.
     *
     * @param value any value
     * @return the bit pattern; values that round beyond the range give infinity; NaN becomes quiet and keeps its sign
     */
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >> 16 | 0x40);
        }
        return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    }

    /**
     * Rounds to the nearest, ties to even, in one step: not by way of float.
     *
     * @param value any value
     * @return the bit pattern; values that round beyond the range give infinity; NaN becomes quiet and keeps its sign
     */
    public static short fromDouble(double value) {
        if (Double.isNaN(value)) {
            return fromFloat((float) value);
        }
        double magnitude = Math.abs(value);
        int code = magnitude >= 0x1p128 ? INFINITY : FORMAT.round(magnitude);
        return (short) (code | (int) (Double.doubleToRawLongBits(value) >>> 48 & 0x8000));
    }
}

package dev.tenon.tensor;

/** Conversions of IEEE 754 binary16 bit patterns. */
public final class Float16 {
    private static final MiniFloat FORMAT = new MiniFloat(10, -14);
    private static final int INFINITY = 0x7C00;

    private Float16() {}

    /**
     * The exact value.
     *
     * @param bits a bit pattern
     * @return its value; NaN keeps sign and payload
     */
    public static float toFloat(short bits) {
        return Float.float16ToFloat(bits);
    }

    /**
     * Rounds to the nearest, ties to even.
     *
     * @param value any value
     * @return the bit pattern; infinity from 65520 on; NaN stays a NaN
     */
    public static short fromFloat(float value) {
        return Float.floatToFloat16(value);
    }

    /**
     * Rounds to the nearest, ties to even, in one step: not by way of float.
     *
     * @param value any value
     * @return the bit pattern; infinity from 65520 on; NaN stays a NaN
     */
    public static short fromDouble(double value) {
        if (Double.isNaN(value)) {
            return Float.floatToFloat16((float) value);
        }
        double magnitude = Math.abs(value);
        int code = magnitude >= 65536 ? INFINITY : FORMAT.round(magnitude);
        return (short) (code | (int) (Double.doubleToRawLongBits(value) >>> 48 & 0x8000));
    }
}

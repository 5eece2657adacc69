package dev.tenon.tensor;

/** Conversions of {@link DType#FLOAT4E2M1} codes: sign, two exponent bits, one of mantissa; no infinity, no NaN. */
public final class Float4E2M1 {
    private static final MiniFloat FORMAT = new MiniFloat(1, 0);
    private static final int MAX = 7;
    private static final float[] VALUES = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6};

    private Float4E2M1() {}

    /**
     * The exact value.
     *
     * @param code a code; only the low 4 bits count
     * @return its value
     */
    public static float toFloat(int code) {
        return VALUES[code & 15];
    }

    /**
     * Rounds to the nearest, ties to even. Magnitudes above 6 become 6, as in ONNX's Cast.
     *
     * @param value any value; NaN becomes 6
     * @return the code, 0 to 15
     */
    public static int fromDouble(double value) {
        if (Double.isNaN(value)) {
            return MAX;
        }
        int sign = (int) (Double.doubleToRawLongBits(value) >>> 60 & 8);
        double magnitude = Math.min(Math.abs(value), 8);
        return Math.min(FORMAT.round(magnitude), MAX) | sign;
    }
}

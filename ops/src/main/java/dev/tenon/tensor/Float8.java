package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;

/**
 * Conversions of the 8-bit floating formats, by the rules of ONNX's Cast: <a
 * href="https://onnx.ai/onnx/technical/float8.html">Float stored in 8 bits</a>. A {@link DType} names the format.
 */
public final class Float8 {
    /** How {@link DType#FLOAT8E8M0} rounds a value between two powers of two. */
    public enum Rounding {
        /** To the greater one; ONNX's default. */
        UP,
        /** To the lesser one. */
        DOWN,
        /** To the nearer one; 1.5 times a power goes to the greater one. */
        NEAREST
    }

    private static final MiniFloat E4M3FN = new MiniFloat(3, -6);
    private static final MiniFloat E4M3FNUZ = new MiniFloat(3, -7);
    private static final MiniFloat E5M2 = new MiniFloat(2, -14);
    private static final MiniFloat E5M2FNUZ = new MiniFloat(2, -15);
    private static final int E8M0_NAN = 0xFF;
    private static final int E8M0_BIAS = 127;

    private static final float[] E4M3FN_VALUES = table(E4M3FN, 0x7E, false, false);
    private static final float[] E4M3FNUZ_VALUES = table(E4M3FNUZ, 0x7F, true, false);
    private static final float[] E5M2_VALUES = table(E5M2, 0x7B, false, true);
    private static final float[] E5M2FNUZ_VALUES = table(E5M2FNUZ, 0x7F, true, false);
    private static final float[] E8M0_VALUES = powers();

    private Float8() {}

    /**
     * The exact value.
     *
     * @param kind one of the five 8-bit floating types
     * @param bits a bit pattern
     * @return its value
     * @throws InvalidTensorException if the type is another
     */
    public static float toFloat(DType kind, byte bits) {
        return switch (kind) {
            case FLOAT8E4M3FN -> E4M3FN_VALUES[bits & 0xFF];
            case FLOAT8E4M3FNUZ -> E4M3FNUZ_VALUES[bits & 0xFF];
            case FLOAT8E5M2 -> E5M2_VALUES[bits & 0xFF];
            case FLOAT8E5M2FNUZ -> E5M2FNUZ_VALUES[bits & 0xFF];
            case FLOAT8E8M0 -> E8M0_VALUES[bits & 0xFF];
            default -> throw notEightBits(kind);
        };
    }

    /**
     * Rounds to the nearest, ties to even, in one step; {@link DType#FLOAT8E8M0} rounds {@linkplain Rounding#UP up}.
     *
     * @param kind one of the five 8-bit floating types
     * @param value any value
     * @param saturate whether values that round beyond the range become the greatest finite value. Otherwise they
     *     become infinity where the format has one, and NaN where not. An infinity saturates in E4M3FN and E5M2, but is
     *     NaN in the two FNUZ formats and in E8M0
     * @return the bit pattern
     * @throws InvalidTensorException if the type is another
     */
    public static byte fromDouble(DType kind, double value, boolean saturate) {
        return switch (kind) {
            case FLOAT8E4M3FN -> signed(E4M3FN, 0x7E, 0x7F, 0x7F, value, saturate);
            case FLOAT8E4M3FNUZ -> unsignedZero(E4M3FNUZ, value, saturate);
            case FLOAT8E5M2 -> signed(E5M2, 0x7B, 0x7C, 0x7F, value, saturate);
            case FLOAT8E5M2FNUZ -> unsignedZero(E5M2FNUZ, value, saturate);
            case FLOAT8E8M0 -> toE8M0(value, saturate, Rounding.UP);
            default -> throw notEightBits(kind);
        };
    }

    /**
     * Rounds the magnitude to a power of two: {@link DType#FLOAT8E8M0} has neither sign nor zero.
     *
     * @param value any value; the sign is dropped
     * @param saturate whether values that round beyond 2<sup>127</sup> become 2<sup>127</sup>; otherwise they become
     *     NaN
     * @param rounding the choice of one of the two powers around the value
     * @return the bit pattern; 2<sup>-127</sup> for 0 and all below that; NaN for infinities and NaN
     */
    public static byte toE8M0(double value, boolean saturate, Rounding rounding) {
        double magnitude = Math.abs(value);
        if (!(magnitude <= Double.MAX_VALUE)) {
            return (byte) E8M0_NAN;
        }
        if (magnitude <= 0x1p-127) {
            return 0;
        }
        int exponent = Math.getExponent(magnitude);
        double power = Math.scalb(1.0, exponent);
        boolean up =
                switch (rounding) {
                    case UP -> magnitude > power;
                    case DOWN -> false;
                    case NEAREST -> magnitude >= 1.5 * power;
                };
        int code = exponent + E8M0_BIAS + (up ? 1 : 0);
        return (byte) (code < E8M0_NAN ? code : saturate ? E8M0_NAN - 1 : E8M0_NAN);
    }

    private static byte signed(MiniFloat format, int max, int beyond, int nan, double value, boolean saturate) {
        int sign = (int) (Double.doubleToRawLongBits(value) >>> 56 & 0x80);
        if (Double.isNaN(value)) {
            return (byte) (nan | sign);
        }
        int code = Double.isInfinite(value) ? max + 1 : format.round(Math.abs(value));
        return (byte) ((code <= max ? code : saturate ? max : beyond) | sign);
    }

    private static byte unsignedZero(MiniFloat format, double value, boolean saturate) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return (byte) 0x80;
        }
        int code = format.round(Math.abs(value));
        if (code > 0x7F) {
            if (!saturate) {
                return (byte) 0x80;
            }
            code = 0x7F;
        }
        return (byte) (value < 0 && code != 0 ? code | 0x80 : code);
    }

    private static float[] table(MiniFloat format, int max, boolean unsignedZero, boolean infinity) {
        float[] values = new float[256];
        for (int code = 0; code < 128; code++) {
            float value = code <= max ? (float) format.magnitude(code) : Float.NaN;
            if (infinity && code == max + 1) {
                value = Float.POSITIVE_INFINITY;
            }
            values[code] = value;
            values[code | 0x80] = unsignedZero && code == 0 ? Float.NaN : -value;
        }
        return values;
    }

    private static float[] powers() {
        float[] values = new float[256];
        for (int code = 0; code < E8M0_NAN; code++) {
            values[code] = Math.scalb(1f, code - E8M0_BIAS);
        }
        values[E8M0_NAN] = Float.NaN;
        return values;
    }

    private static InvalidTensorException notEightBits(DType kind) {
        return new InvalidTensorException(
                "8-bit float", "type " + kind.text(), "f8e4m3fn, f8e4m3fnuz, f8e5m2, f8e5m2fnuz, f8e8m0", null);
    }
}

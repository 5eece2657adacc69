package dev.tenon.kernel.vector;

/** Functions of {@link VectorMath} for one number. They use the same operations, so that results have the same bits. */
public final class PlainMath {
    private PlainMath() {}

    /** {@link VectorMath#flushedExp} of one number. */
    public static float flushedExp(float x) {
        float shifted = Math.fma(x, VectorMath.LOG2_E, VectorMath.ROUNDER);
        float n = shifted - VectorMath.ROUNDER;
        float r = Math.fma(n, -VectorMath.LN2_LO, Math.fma(n, -VectorMath.LN2_HI, x));
        float p = Math.fma(r, VectorMath.S5, VectorMath.S4);
        p = Math.fma(p, r, VectorMath.S3);
        p = Math.fma(p, r, VectorMath.S2);
        p = Math.fma(p, r, VectorMath.S1);
        p = Math.fma(p, r, 1f);
        int bits = (Float.floatToRawIntBits(shifted) << VectorMath.EXPONENT_SHIFT) + Float.floatToRawIntBits(p);
        return x < VectorMath.EXP_NORMAL_MIN ? 0f : Float.intBitsToFloat(bits);
    }

    /** {@link VectorMath#gelu} of one number. */
    public static float gelu(float x) {
        int square = Float.floatToRawIntBits(x * x);
        boolean near = Integer.compareUnsigned(square, VectorMath.GELU_SQUARE_BITS) < 0;
        float t = Float.intBitsToFloat(near ? square : VectorMath.GELU_SQUARE_BITS);
        float p = Math.fma(t, VectorMath.GELU_P4, VectorMath.GELU_P3);
        p = Math.fma(p, t, VectorMath.GELU_P2);
        p = Math.fma(p, t, VectorMath.GELU_P1);
        p = Math.fma(p, t, VectorMath.GELU_P0);
        float q = Math.fma(t, VectorMath.GELU_Q5, VectorMath.GELU_Q4);
        q = Math.fma(q, t, VectorMath.GELU_Q3);
        q = Math.fma(q, t, VectorMath.GELU_Q2);
        q = Math.fma(q, t, VectorMath.GELU_Q1);
        q = Math.fma(q, t, 1f);
        int share = Float.floatToRawIntBits(x * p / q + 0.5f);
        return x * Float.intBitsToFloat(Math.clamp(share, 0, VectorMath.ONE_BITS));
    }
}

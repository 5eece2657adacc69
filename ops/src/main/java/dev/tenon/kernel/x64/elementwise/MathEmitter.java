package dev.tenon.kernel.x64.elementwise;

import static dev.tenon.asm.VectorInstruction.VADDPS;
import static dev.tenon.asm.VectorInstruction.VANDPS;
import static dev.tenon.asm.VectorInstruction.VDIVPS;
import static dev.tenon.asm.VectorInstruction.VFMADD213PS;
import static dev.tenon.asm.VectorInstruction.VFMADD231PS;
import static dev.tenon.asm.VectorInstruction.VMAXPS;
import static dev.tenon.asm.VectorInstruction.VMINPS;
import static dev.tenon.asm.VectorInstruction.VMULPS;
import static dev.tenon.asm.VectorInstruction.VORPS;
import static dev.tenon.asm.VectorInstruction.VPADDD;
import static dev.tenon.asm.VectorInstruction.VPMAXSD;
import static dev.tenon.asm.VectorInstruction.VPMINSD;
import static dev.tenon.asm.VectorInstruction.VPMINUD;
import static dev.tenon.asm.VectorInstruction.VPSLLD;
import static dev.tenon.asm.VectorInstruction.VPSRAD;
import static dev.tenon.asm.VectorInstruction.VPSUBD;
import static dev.tenon.asm.VectorInstruction.VSUBPS;

import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.VectorEmitter;

/**
 * Straight-line code for elementary functions of a vector of float32. Each function has the operations and the constants of the
 * function of the same name in {@code dev.tenon.kernel.vector.VectorMath}, one IEEE operation each. So it gives the same bits,
 * and its error bounds hold here too. A function replaces its argument by the result. Not thread-safe.
 */
public final class MathEmitter {
    private static final int SIGN_BIT = Integer.MIN_VALUE;
    private static final int ONE_BITS = 0x3f800000;
    private static final int EXPONENT_SHIFT = 23;

    private static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2_HI = 0x1.62e4p-1f;
    private static final float LN2_LO = 0x1.7f7d1cp-20f;
    private static final float ROUNDER = 0x1.8p23f;
    private static final int ROUNDER_BITS = 0x4b400000;
    private static final int SCALE_EXPONENT = 64;
    private static final float INVERSE_SCALE = 0x1p-64f;
    private static final float EXP_MAX = 89f;
    private static final float EXP_MIN = -104f;
    private static final int EXP_MIN_BITS = 0xc2d00000;

    /** The polynomial of {@link #scaledExp}, the highest power first. */
    private static final float[] SHORT_EXP = {
        0x1.0fa7d8p-7f, 0x1.573adp-5f, 0x1.555a6ep-3f, 0x1.fffdc4p-2f, 0x1.fffff6p-1f, 1f
    };

    /** The polynomial of {@link #exp} from the square on, the highest power first. */
    private static final float[] EXP_TAIL = {
        0x1.6a4508p-10f, 0x1.1239aap-7f, 0x1.5558b8p-5f, 0x1.555492p-3f, 0x1.fffffcp-2f
    };

    private static final float LN2 = 0x1.62e43p-1f;
    private static final int LOG_SPLIT_BITS = 0x3f2aaaab;
    private static final int EXPONENT_MASK = 0xff800000;

    /** The polynomial of {@link #log} from the square on, the highest power first. */
    private static final float[] LOG_TAIL = {
        0x1.e7fdd2p-4f,
        -0x1.06fabep-3f,
        0x1.b9866ep-4f,
        -0x1.f39874p-4f,
        0x1.24e7d2p-3f,
        -0x1.559854p-3f,
        0x1.999802p-3f,
        -0x1.ffff14p-3f,
        0x1.555556p-2f,
        -0.5f
    };

    private static final float ERF_MAX = 3.925f;
    private static final float[] ERF_P = {
        2.04609864e-06f, 0.000284844777f, 0.00377243361f, 0.052768942f, 0.190590456f, 1.12837911f
    };
    private static final float[] ERF_Q = {3.80485908e-05f, 0.00116383703f, 0.0149829593f, 0.114181429f, 0.502239108f, 1f
    };

    private static final float TANH_MAX = 0x1.20000ap3f;
    private static final float[] TANH_P = {
        -1.22256198e-11f, 3.06148635e-08f, 2.80198528e-05f, 0.00386894145f, 0.136804044f, 1f
    };
    private static final float[] TANH_Q = {1.28823308e-06f, 0.000393971335f, 0.0272480845f, 0.470137358f, 1f};

    private static final int GELU_SQUARE_BITS = 0x41d0147b;
    private static final float[] GELU_P = {
        0x1.6f8db6p-18f, 0x1.30580ap-12f, 0x1.5f3ae4p-8f, 0x1.844f0cp-5f, 0x1.98844p-2f
    };
    private static final float[] GELU_Q = {
        0x1.00fb7ap-21f, 0x1.b51abp-14f, 0x1.4fefeep-9f, 0x1.27189cp-5f, 0x1.24547ep-2f, 1f
    };

    private static final float SQRT_2_OVER_PI = 0x1.988454p-1f;
    private static final float GELU_CUBE = 0.044715f;

    private final VectorEmitter e;
    private final X64Assembler a;

    /**
     * An emitter.
     *
     * @param emitter the emitter of the loop that calls the functions
     */
    public MathEmitter(VectorEmitter emitter) {
        e = emitter;
        a = emitter.assembler();
    }

    /**
     * The exponential function.
     *
     * @param x the argument and the result
     */
    public void exp(VectorRegister x) {
        limit(x, VMINPS, EXP_MAX);
        limit(x, VMAXPS, EXP_MIN);
        VectorRegister k = e.take();
        reduceAndExpand(x, k);
        VectorRegister half = e.take();
        a.emit(VPSUBD, k, k, e.constant(ROUNDER_BITS));
        a.emit(VPSRAD, half, k, 1);
        a.emit(VPSUBD, k, k, half);
        multiplyByPowerOfTwo(x, half);
        multiplyByPowerOfTwo(x, k);
        e.give(k, half);
    }

    /** The exponential function for arguments of at most 40. */
    private void expBounded(VectorRegister x) {
        limit(x, VMAXPS, EXP_MIN);
        VectorRegister k = e.take();
        reduceAndExpand(x, k);
        a.emit(VPSUBD, k, k, e.constant(ROUNDER_BITS - SCALE_EXPONENT));
        multiplyByPowerOfTwo(x, k);
        a.emit(VMULPS, x, x, e.constant(INVERSE_SCALE));
        e.give(k);
    }

    /**
     * The exponential function times 2<sup>64</sup>, for differences from a maximum.
     *
     * @param x the argument, at most 0, and the result
     */
    public void scaledExp(VectorRegister x) {
        VectorRegister shifted = e.take();
        a.emit(VPMINUD, x, x, e.constant(EXP_MIN_BITS));
        remainder(x, shifted, ROUNDER + SCALE_EXPONENT);
        VectorRegister p = e.take();
        polynomial(p, x, SHORT_EXP);
        a.emit(VPSLLD, shifted, shifted, EXPONENT_SHIFT);
        a.emit(VPADDD, x, shifted, p);
        e.give(shifted, p);
    }

    /** Replaces x by exp(x) / 2^k, and leaves the bits of k plus {@link #ROUNDER}. */
    private void reduceAndExpand(VectorRegister x, VectorRegister shifted) {
        remainder(x, shifted, ROUNDER);
        VectorRegister q = e.take();
        VectorRegister square = e.take();
        polynomial(q, x, EXP_TAIL);
        a.emit(VMULPS, square, x, x);
        a.emit(VFMADD231PS, x, square, q);
        a.emit(VADDPS, x, x, e.constant(1f));
        e.give(q, square);
    }

    /** Replaces x by its remainder after division by ln 2. The quotient plus the rounder is left in another register. */
    private void remainder(VectorRegister x, VectorRegister shifted, float rounder) {
        VectorRegister n = e.take();
        e.load(shifted, rounder);
        a.emit(VFMADD231PS, shifted, x, e.constant(LOG2_E));
        a.emit(VSUBPS, n, shifted, e.constant(rounder));
        a.emit(VFMADD231PS, x, n, e.constant(-LN2_HI));
        a.emit(VFMADD231PS, x, n, e.constant(-LN2_LO));
        e.give(n);
    }

    private void multiplyByPowerOfTwo(VectorRegister x, VectorRegister exponent) {
        a.emit(VPSLLD, exponent, exponent, EXPONENT_SHIFT);
        a.emit(VPADDD, exponent, exponent, e.constant(ONE_BITS));
        a.emit(VMULPS, x, x, exponent);
    }

    /** A polynomial by Horner's rule, the coefficient of the highest power first. */
    private void polynomial(VectorRegister result, VectorRegister x, float... coefficients) {
        e.load(result, coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            a.emit(VFMADD213PS, result, x, e.constant(coefficients[i]));
        }
    }

    /** The least or the greatest of x and a limit. NaN stays NaN, because the instruction gives its last operand then. */
    private void limit(VectorRegister x, VectorInstruction instruction, float limit) {
        VectorRegister t = e.take();
        e.load(t, limit);
        a.emit(instruction, x, t, x);
        e.give(t);
    }

    private void clamp(VectorRegister x, float limit) {
        limit(x, VMINPS, limit);
        limit(x, VMAXPS, -limit);
    }

    /**
     * The natural logarithm.
     *
     * @param v the argument and the result
     */
    public void log(VectorRegister v) {
        VectorRegister f = e.take();
        VectorRegister k = e.take();
        VectorRegister t = e.take();
        VectorRegister u = e.take();
        e.move(f, v);
        a.emit(VMULPS, t, v, e.constant(0x1p23f));
        e.replaceIf(f, t, v, e.constant(Float.MIN_NORMAL), VectorEmitter.LESS);
        e.load(t, ROUNDER);
        e.load(u, ROUNDER + EXPONENT_SHIFT);
        e.replaceIf(t, u, v, e.constant(Float.MIN_NORMAL), VectorEmitter.LESS);
        a.emit(VPSUBD, k, f, e.constant(LOG_SPLIT_BITS));
        a.emit(VANDPS, k, k, e.constant(EXPONENT_MASK));
        a.emit(VPSUBD, f, f, k);
        a.emit(VSUBPS, f, f, e.constant(1f));
        a.emit(VPSRAD, k, k, EXPONENT_SHIFT);
        a.emit(VPADDD, k, k, e.constant(ROUNDER_BITS));
        a.emit(VSUBPS, k, k, t);
        polynomial(t, f, LOG_TAIL);
        a.emit(VMULPS, u, f, f);
        a.emit(VFMADD231PS, f, u, t);
        a.emit(VFMADD231PS, f, k, e.constant(LN2));
        // Infinity and NaN stay; numbers below 0 become NaN, and zeros negative infinity.
        e.load(u, Float.NaN);
        e.replaceIf(f, u, v, e.constant(0f), VectorEmitter.LESS);
        e.load(u, Float.NEGATIVE_INFINITY);
        e.replaceIf(f, u, v, e.constant(0f), VectorEmitter.EQUAL);
        e.replaceIf(v, f, v, e.constant(Float.POSITIVE_INFINITY), VectorEmitter.LESS);
        e.give(f, k, t, u);
    }

    /** x times a quotient of two polynomials of the square of x, for x within limits. */
    private void oddRatio(VectorRegister x, float limit, float[] numerator, float... denominator) {
        VectorRegister t = e.take();
        VectorRegister p = e.take();
        clamp(x, limit);
        a.emit(VMULPS, t, x, x);
        polynomial(p, t, numerator);
        a.emit(VMULPS, x, x, p);
        polynomial(p, t, denominator);
        a.emit(VDIVPS, x, x, p);
        e.give(t, p);
    }

    /**
     * The error function.
     *
     * @param x the argument and the result
     */
    public void erf(VectorRegister x) {
        oddRatio(x, ERF_MAX, ERF_P, ERF_Q);
        clamp(x, 1f);
    }

    /**
     * The hyperbolic tangent.
     *
     * @param x the argument and the result
     */
    public void tanh(VectorRegister x) {
        oddRatio(x, TANH_MAX, TANH_P, TANH_Q);
        clamp(x, 1f);
    }

    /**
     * The logistic function.
     *
     * @param x the argument and the result
     */
    public void sigmoid(VectorRegister x) {
        VectorRegister exp = e.take();
        VectorRegister one = e.take();
        VectorRegister zero = e.take();
        a.emit(VORPS, exp, x, e.constant(SIGN_BIT));
        expBounded(exp);
        e.load(one, 1f);
        e.clear(zero);
        VectorRegister numerator = e.take();
        e.move(numerator, exp);
        e.replaceIf(numerator, one, x, zero, VectorEmitter.GREATER_EQUAL);
        a.emit(VADDPS, exp, exp, one);
        a.emit(VDIVPS, x, numerator, exp);
        e.give(exp, one, zero, numerator);
    }

    /**
     * x times the logistic function of a multiple of x.
     *
     * @param x the argument and the result
     * @param alpha the factor of the multiple
     */
    public void swish(VectorRegister x, VectorRegister alpha) {
        VectorRegister t = e.take();
        a.emit(VMULPS, t, x, alpha);
        sigmoid(t);
        a.emit(VMULPS, x, x, t);
        e.give(t);
    }

    /**
     * x times the normal distribution function.
     *
     * @param x the argument and the result
     */
    public void gelu(VectorRegister x) {
        VectorRegister t = e.take();
        VectorRegister p = e.take();
        VectorRegister q = e.take();
        a.emit(VMULPS, t, x, x);
        a.emit(VPMINUD, t, t, e.constant(GELU_SQUARE_BITS));
        polynomial(p, t, GELU_P);
        polynomial(q, t, GELU_Q);
        a.emit(VMULPS, p, x, p);
        a.emit(VDIVPS, p, p, q);
        a.emit(VADDPS, p, p, e.constant(0.5f));
        // Limits the distribution function to [0, 1]; NaN becomes 1 or 0 and the product NaN.
        e.clear(t);
        a.emit(VPMAXSD, p, p, t);
        a.emit(VPMINSD, p, p, e.constant(ONE_BITS));
        a.emit(VMULPS, x, x, p);
        e.give(t, p, q);
    }

    /**
     * The approximation of {@link #gelu} by tanh.
     *
     * @param x the argument and the result
     */
    public void geluTanh(VectorRegister x) {
        VectorRegister t = e.take();
        VectorRegister zero = e.take();
        e.load(t, SQRT_2_OVER_PI * GELU_CUBE);
        a.emit(VMULPS, zero, x, x);
        a.emit(VFMADD213PS, t, zero, e.constant(SQRT_2_OVER_PI));
        a.emit(VMULPS, t, x, t);
        oddRatio(t, TANH_MAX, TANH_P, TANH_Q);
        a.emit(VADDPS, t, t, e.constant(1f));
        e.clear(zero);
        a.emit(VMAXPS, t, zero, t);
        a.emit(VMULPS, x, x, e.constant(0.5f));
        a.emit(VMULPS, x, x, t);
        e.give(t, zero);
    }
}

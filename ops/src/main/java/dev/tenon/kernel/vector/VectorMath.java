package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of float32 lanes, of species {@link SimdSpecies.Floats#F32}. They are straight-line code that C2
 * inlines into the calling loop, and allocate nothing. Unless its description says otherwise, a function takes every float:
 * NaN gives NaN, infinities and overflow give the mathematical limit, subnormal arguments and results are exact. Results are
 * the same on every machine and for every vector size, because each step is one IEEE operation.
 *
 * <p>Error bounds are in units in the last place (ulp) of the exact result, rounding of the result included. The argument
 * reductions are those of W. Cody and W. Waite, Software Manual for the Elementary Functions (1980). The polynomials and
 * rational functions are minimax fits of the relative error, made for this class by Lawson's algorithm.
 *
 * <p>C2 stops inlining into a method that has more than a fixed number of nodes, and vectors are then boxed. A loop may call
 * two of these functions, not three, and a test must show that it allocates nothing. Split larger loops.
 */
public final class VectorMath {
    // Error bounds, which VectorMathTest checks: ulps of the result, and for some functions also units of 2^-23 of the
    // argument's magnitude.

    /** The bound of {@link #exp} and {@link #expBounded}, ulp. */
    public static final double EXP_ULPS = 1.5;

    /** The bound of {@link #scaledExp} and {@link #flushedExp}, ulp. */
    public static final double FAST_EXP_ULPS = 2.5;

    /** The bound of {@link #expm1NotPositive}, ulp. */
    public static final double EXPM1_ULPS = 2;

    /** The bound of {@link #log}, ulp. */
    public static final double LOG_ULPS = 1.5;

    /** The bound of {@link #log1pUnit}, ulp. */
    public static final double LOG1P_ULPS = 4;

    /** The bound of {@link #erf}, ulp. */
    public static final double ERF_ULPS = 6;

    /** The bound of {@link #tanh}, ulp. */
    public static final double TANH_ULPS = 6;

    /** The bound of {@link #sigmoid}, ulp. */
    public static final double SIGMOID_ULPS = 3;

    /** The bound of {@link #softplus}, ulp. */
    public static final double SOFTPLUS_ULPS = 5;

    /** The bound of {@link #gelu}, {@link #geluTanh}, {@link #swish} and {@link #mish}, ulp. */
    public static final double GATE_ULPS = 4;

    /** The additional bound of {@link #gelu}, {@link #geluTanh}, {@link #swish} and {@link #mish}, 2<sup>-23</sup>|x|. */
    public static final double GATE_ARGUMENT_ULPS = 4;

    static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2 = 0x1.62e43p-1f;
    /** The upper bits of ln 2. Its products with integers below 2<sup>9</sup> are exact. */
    static final float LN2_HI = 0x1.62e4p-1f;

    static final float LN2_LO = 0x1.7f7d1cp-20f;
    /** Added to a small number, gives a sum whose low bits are the nearest integer. */
    static final float ROUNDER = 0x1.8p23f;

    private static final int ROUNDER_BITS = 0x4b400000;
    static final int ONE_BITS = 0x3f800000;
    static final int EXPONENT_SHIFT = 23;

    /** The exponent of a power of two by which results are scaled so that intermediate results are not subnormal. */
    private static final int SCALE_EXPONENT = 64;

    /** The inverse of this power of two. */
    private static final float INVERSE_SCALE = 0x1p-64f;

    /** The factor that removes the scale from a sum of results of {@link #scaledExp}. */
    public static final double UNSCALE = INVERSE_SCALE;

    /** The exponential of a larger argument overflows. */
    private static final float EXP_MAX = 89f;
    /** The exponential of a smaller argument rounds to 0. */
    private static final float EXP_MIN = -104f;

    private static final int EXP_MIN_BITS = 0xc2d00000;
    /** The exponential of a smaller argument minus 1 rounds to -1. */
    private static final float EXPM1_MIN = -18f;

    /** The exponential of a smaller argument is subnormal. */
    static final float EXP_NORMAL_MIN = -87.3f;

    static final float S1 = 0x1.fffff6p-1f;
    static final float S2 = 0x1.fffdc4p-2f;
    static final float S3 = 0x1.555a6ep-3f;
    static final float S4 = 0x1.573adp-5f;
    static final float S5 = 0x1.0fa7d8p-7f;

    // These constants are vectors: a vector constant is one node of the compiler's graph, whereas a broadcast takes
    // about a
    // hundred of the 18,000 nodes that a loop may have. Loops over segments keep them in registers; loops over arrays
    // would
    // load them in each iteration.
    private static final FloatVector E2 = FloatVector.broadcast(F32, 0x1.fffffcp-2f);
    private static final FloatVector E3 = FloatVector.broadcast(F32, 0x1.555492p-3f);
    private static final FloatVector E4 = FloatVector.broadcast(F32, 0x1.5558b8p-5f);
    private static final FloatVector E5 = FloatVector.broadcast(F32, 0x1.1239aap-7f);
    private static final FloatVector E6 = FloatVector.broadcast(F32, 0x1.6a4508p-10f);

    /** The bits of 2/3: the significand is chosen between 2/3 and 4/3. */
    private static final int LOG_SPLIT_BITS = 0x3f2aaaab;

    private static final int EXPONENT_MASK = 0xff800000;
    private static final float L3 = 0x1.555556p-2f;
    private static final float L4 = -0x1.ffff14p-3f;
    private static final float L5 = 0x1.999802p-3f;
    private static final float L6 = -0x1.559854p-3f;
    private static final float L7 = 0x1.24e7d2p-3f;
    private static final float L8 = -0x1.f39874p-4f;
    private static final float L9 = 0x1.b9866ep-4f;
    private static final float L10 = -0x1.06fabep-3f;
    private static final float L11 = 0x1.e7fdd2p-4f;

    /** The error function of this and of larger arguments rounds to 1. */
    private static final float ERF_MAX = 3.925f;

    private static final float ERF_P0 = 1.12837911f;
    private static final float ERF_P1 = 0.190590456f;
    private static final float ERF_P2 = 0.052768942f;
    private static final float ERF_P3 = 0.00377243361f;
    private static final float ERF_P4 = 0.000284844777f;
    private static final float ERF_P5 = 2.04609864e-06f;
    private static final float ERF_Q1 = 0.502239108f;
    private static final float ERF_Q2 = 0.114181429f;
    private static final float ERF_Q3 = 0.0149829593f;
    private static final float ERF_Q4 = 0.00116383703f;
    private static final float ERF_Q5 = 3.80485908e-05f;

    /** The argument at which the rational function of tanh is 1. tanh of larger arguments rounds to 1. */
    private static final float TANH_MAX = 0x1.20000ap3f;

    private static final float TANH_P1 = 0.136804044f;
    private static final float TANH_P2 = 0.00386894145f;
    private static final float TANH_P3 = 2.80198528e-05f;
    private static final float TANH_P4 = 3.06148635e-08f;
    private static final float TANH_P5 = -1.22256198e-11f;
    private static final float TANH_Q1 = 0.470137358f;
    private static final float TANH_Q2 = 0.0272480845f;
    private static final float TANH_Q3 = 0.000393971335f;
    private static final float TANH_Q4 = 1.28823308e-06f;

    /** The bits of the square of 5.1. At -5.1 the normal distribution function is below 2<sup>-22</sup>. */
    static final int GELU_SQUARE_BITS = 0x41d0147b;

    static final float GELU_P0 = 0x1.98844p-2f;
    static final float GELU_P1 = 0x1.844f0cp-5f;
    static final float GELU_P2 = 0x1.5f3ae4p-8f;
    static final float GELU_P3 = 0x1.30580ap-12f;
    static final float GELU_P4 = 0x1.6f8db6p-18f;
    static final float GELU_Q1 = 0x1.24547ep-2f;
    static final float GELU_Q2 = 0x1.27189cp-5f;
    static final float GELU_Q3 = 0x1.4fefeep-9f;
    static final float GELU_Q4 = 0x1.b51abp-14f;
    static final float GELU_Q5 = 0x1.00fb7ap-21f;

    private static final FloatVector LOG1P_0 = FloatVector.broadcast(F32, 1f);
    private static final FloatVector LOG1P_P1 = FloatVector.broadcast(F32, 1.06621575f);
    private static final FloatVector LOG1P_P2 = FloatVector.broadcast(F32, 0.238155976f);
    private static final FloatVector LOG1P_P3 = FloatVector.broadcast(F32, 0.0034172372f);
    private static final FloatVector LOG1P_Q1 = FloatVector.broadcast(F32, 1.56621563f);
    private static final FloatVector LOG1P_Q2 = FloatVector.broadcast(F32, 0.687933385f);
    private static final FloatVector LOG1P_Q3 = FloatVector.broadcast(F32, 0.0752866864f);

    private static final float SQRT_2_OVER_PI = 0x1.988454p-1f;
    private static final float GELU_CUBE = 0.044715f;
    /** For larger x, tanh(log(1 + exp(x))) rounds to 1. */
    private static final float MISH_MAX = 20f;

    private VectorMath() {}

    /**
     * The exponential function. At most {@value #EXP_ULPS} ulp.
     *
     * @param v arguments
     * @return e to the power of each; 0 for arguments below -104, infinity for arguments above 88.72
     */
    public static FloatVector exp(FloatVector v) {
        FloatVector x = v.blend(EXP_MAX, v.compare(VectorOperators.GT, EXP_MAX))
                .blend(EXP_MIN, v.compare(VectorOperators.LT, EXP_MIN));
        FloatVector shifted = x.fma(FloatVector.broadcast(F32, LOG2_E), FloatVector.broadcast(F32, ROUNDER));
        FloatVector p = expTail(remainder(x, shifted)).add(1f);
        // 2^k may be outside the range of normal numbers where p * 2^k is not, so it is applied in two factors.
        IntVector k = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
        IntVector half = k.lanewise(VectorOperators.ASHR, 1);
        return p.mul(powerOfTwo(half)).mul(powerOfTwo(k.sub(half)));
    }

    /**
     * The exponential function for arguments that are not large, such as differences from a maximum. Cheaper than {@link
     * #exp}, with the same results. At most {@value #EXP_ULPS} ulp.
     *
     * @param v arguments, at most 40
     * @return e to the power of each
     */
    public static FloatVector expBounded(FloatVector v) {
        FloatVector x = v.blend(EXP_MIN, v.compare(VectorOperators.LT, EXP_MIN));
        FloatVector shifted = x.fma(FloatVector.broadcast(F32, LOG2_E), FloatVector.broadcast(F32, ROUNDER));
        FloatVector p = expTail(remainder(x, shifted)).add(1f);
        // 2^k may be subnormal where 2^(k + 64) is not; the last product rounds once.
        IntVector raised = shifted.reinterpretAsInts().sub(ROUNDER_BITS - SCALE_EXPONENT);
        return p.mul(powerOfTwo(raised)).mul(INVERSE_SCALE);
    }

    /**
     * The exponential function times 2<sup>64</sup>, as Softmax needs it: for differences from a maximum, whose exponentials
     * are divided by their sum. Half the work of {@link #expBounded}. No result is subnormal. At most {@value #FAST_EXP_ULPS}
     * ulp; the exponential of 0 is exact.
     *
     * @param v arguments, at most 0; the result for NaN is some number
     * @return 2<sup>64</sup> times e to the power of each. Arguments below -104 give the result of -104, which becomes 0 when
     *     the scale is removed, because it is less than half the smallest number
     */
    public static FloatVector scaledExp(FloatVector v) {
        // The bits of negative numbers, as unsigned integers, rise as the numbers fall.
        FloatVector x = v.reinterpretAsInts()
                .lanewise(VectorOperators.UMIN, EXP_MIN_BITS)
                .reinterpretAsFloats();
        FloatVector shifted =
                x.fma(FloatVector.broadcast(F32, LOG2_E), FloatVector.broadcast(F32, ROUNDER + SCALE_EXPONENT));
        FloatVector n = shifted.sub(ROUNDER + SCALE_EXPONENT);
        FloatVector r = n.fma(FloatVector.broadcast(F32, -LN2_LO), n.fma(FloatVector.broadcast(F32, -LN2_HI), x));
        FloatVector p = r.fma(FloatVector.broadcast(F32, S5), FloatVector.broadcast(F32, S4))
                .fma(r, FloatVector.broadcast(F32, S3))
                .fma(r, FloatVector.broadcast(F32, S2))
                .fma(r, FloatVector.broadcast(F32, S1))
                .fma(r, FloatVector.broadcast(F32, 1f));
        // The quotient by ln 2, with the scale, is added to the exponent of the result for the remainder.
        return shifted.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
                .add(p.reinterpretAsInts())
                .reinterpretAsFloats();
    }

    /**
     * The exponential function for differences from a maximum, as {@link #scaledExp} but without the scale. Subnormal results
     * are flushed to 0. At most {@value #FAST_EXP_ULPS} ulp.
     *
     * @param v arguments, at most 0; the result for NaN is some number
     * @return e to the power of each; 0 for arguments below -87.3
     */
    public static FloatVector flushedExp(FloatVector v) {
        FloatVector shifted = v.fma(FloatVector.broadcast(F32, LOG2_E), FloatVector.broadcast(F32, ROUNDER));
        FloatVector r = remainder(v, shifted);
        FloatVector p = r.fma(FloatVector.broadcast(F32, S5), FloatVector.broadcast(F32, S4))
                .fma(r, FloatVector.broadcast(F32, S3))
                .fma(r, FloatVector.broadcast(F32, S2))
                .fma(r, FloatVector.broadcast(F32, S1))
                .fma(r, FloatVector.broadcast(F32, 1f));
        return shifted.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
                .add(p.reinterpretAsInts())
                .reinterpretAsFloats()
                .blend(0f, v.compare(VectorOperators.LT, EXP_NORMAL_MIN));
    }

    /** The remainder of x after division by ln 2. The quotient is in the low bits of {@code shifted}. */
    private static FloatVector remainder(FloatVector x, FloatVector shifted) {
        FloatVector n = shifted.sub(ROUNDER);
        return n.fma(FloatVector.broadcast(F32, -LN2_LO), n.fma(FloatVector.broadcast(F32, -LN2_HI), x));
    }

    /** exp(r) - 1 for |r| at most ln(2)/2. */
    private static FloatVector expTail(FloatVector r) {
        FloatVector q = r.fma(E6, E5).fma(r, E4).fma(r, E3).fma(r, E2);
        return r.mul(r).fma(q, r);
    }

    private static FloatVector powerOfTwo(IntVector k) {
        return k.lanewise(VectorOperators.LSHL, EXPONENT_SHIFT).add(ONE_BITS).reinterpretAsFloats();
    }

    /**
     * The exponential function minus 1, for arguments that are not positive. At most {@value #EXPM1_ULPS} ulp.
     *
     * @param v arguments, at most 0
     * @return exp(v) - 1 without cancellation near 0
     */
    public static FloatVector expm1NotPositive(FloatVector v) {
        FloatVector x = v.blend(EXPM1_MIN, v.compare(VectorOperators.LT, EXPM1_MIN));
        FloatVector shifted = x.fma(FloatVector.broadcast(F32, LOG2_E), FloatVector.broadcast(F32, ROUNDER));
        FloatVector scale = powerOfTwo(shifted.reinterpretAsInts().sub(ROUNDER_BITS));
        return scale.fma(expTail(remainder(x, shifted)), scale.sub(1f));
    }

    /**
     * The natural logarithm. At most {@value #LOG_ULPS} ulp.
     *
     * @param v arguments
     * @return the logarithm of each; NaN for negative arguments, negative infinity for zeros of either sign
     */
    public static FloatVector log(FloatVector v) {
        VectorMask<Float> tiny = v.compare(VectorOperators.LT, Float.MIN_NORMAL);
        FloatVector x = v.blend(v.mul(0x1p23f), tiny);
        IntVector bits = x.reinterpretAsInts();
        IntVector e = bits.sub(LOG_SPLIT_BITS).and(EXPONENT_MASK);
        FloatVector f = bits.sub(e).reinterpretAsFloats().sub(1f);
        FloatVector k = e.lanewise(VectorOperators.ASHR, EXPONENT_SHIFT)
                .add(ROUNDER_BITS)
                .reinterpretAsFloats()
                .sub(FloatVector.broadcast(F32, ROUNDER).blend(ROUNDER + EXPONENT_SHIFT, tiny));
        FloatVector r = k.fma(FloatVector.broadcast(F32, LN2), logOfOnePlus(f));
        return v.blend(r, v.compare(VectorOperators.LT, Float.POSITIVE_INFINITY))
                .blend(Float.NaN, v.compare(VectorOperators.LT, 0f))
                .blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f));
    }

    /** log(1 + f) for |f| at most 1/3. */
    private static FloatVector logOfOnePlus(FloatVector f) {
        FloatVector p = f.fma(FloatVector.broadcast(F32, L11), FloatVector.broadcast(F32, L10))
                .fma(f, FloatVector.broadcast(F32, L9))
                .fma(f, FloatVector.broadcast(F32, L8))
                .fma(f, FloatVector.broadcast(F32, L7))
                .fma(f, FloatVector.broadcast(F32, L6))
                .fma(f, FloatVector.broadcast(F32, L5))
                .fma(f, FloatVector.broadcast(F32, L4))
                .fma(f, FloatVector.broadcast(F32, L3))
                .fma(f, FloatVector.broadcast(F32, -0.5f));
        return f.mul(f).fma(p, f);
    }

    /**
     * The logarithm of 1 + u, for arguments from 0 to 1. At most {@value #LOG1P_ULPS} ulp.
     *
     * @param u arguments, in [0, 1] or NaN
     * @return log(1 + u), without cancellation near 0
     */
    public static FloatVector log1pUnit(FloatVector u) {
        FloatVector p = u.fma(LOG1P_P3, LOG1P_P2).fma(u, LOG1P_P1).fma(u, LOG1P_0);
        FloatVector q = u.fma(LOG1P_Q3, LOG1P_Q2).fma(u, LOG1P_Q1).fma(u, LOG1P_0);
        return u.mul(p).div(q);
    }

    /**
     * The error function. At most {@value #ERF_ULPS} ulp.
     *
     * @param v arguments
     * @return erf of each, in [-1, 1]
     */
    public static FloatVector erf(FloatVector v) {
        return clamp(erfRatio(v), 1f);
    }

    /** The error function. The result may exceed 1 by one ulp. */
    private static FloatVector erfRatio(FloatVector v) {
        FloatVector x = clamp(v, ERF_MAX);
        FloatVector t = x.mul(x);
        FloatVector p = t.fma(FloatVector.broadcast(F32, ERF_P5), FloatVector.broadcast(F32, ERF_P4))
                .fma(t, FloatVector.broadcast(F32, ERF_P3))
                .fma(t, FloatVector.broadcast(F32, ERF_P2))
                .fma(t, FloatVector.broadcast(F32, ERF_P1))
                .fma(t, FloatVector.broadcast(F32, ERF_P0));
        FloatVector q = t.fma(FloatVector.broadcast(F32, ERF_Q5), FloatVector.broadcast(F32, ERF_Q4))
                .fma(t, FloatVector.broadcast(F32, ERF_Q3))
                .fma(t, FloatVector.broadcast(F32, ERF_Q2))
                .fma(t, FloatVector.broadcast(F32, ERF_Q1))
                .fma(t, FloatVector.broadcast(F32, 1f));
        return x.mul(p).div(q);
    }

    /**
     * The hyperbolic tangent. At most {@value #TANH_ULPS} ulp.
     *
     * @param v arguments
     * @return tanh of each, in [-1, 1]
     */
    public static FloatVector tanh(FloatVector v) {
        return clamp(tanhRatio(v), 1f);
    }

    /** The hyperbolic tangent. The result may exceed 1 by one ulp. */
    private static FloatVector tanhRatio(FloatVector v) {
        FloatVector x = clamp(v, TANH_MAX);
        FloatVector t = x.mul(x);
        FloatVector p = t.fma(FloatVector.broadcast(F32, TANH_P5), FloatVector.broadcast(F32, TANH_P4))
                .fma(t, FloatVector.broadcast(F32, TANH_P3))
                .fma(t, FloatVector.broadcast(F32, TANH_P2))
                .fma(t, FloatVector.broadcast(F32, TANH_P1))
                .fma(t, FloatVector.broadcast(F32, 1f));
        FloatVector q = t.fma(FloatVector.broadcast(F32, TANH_Q4), FloatVector.broadcast(F32, TANH_Q3))
                .fma(t, FloatVector.broadcast(F32, TANH_Q2))
                .fma(t, FloatVector.broadcast(F32, TANH_Q1))
                .fma(t, FloatVector.broadcast(F32, 1f));
        return x.mul(p).div(q);
    }

    /** Limits numbers to [-limit, limit]; comparisons leave NaN as it is. */
    private static FloatVector clamp(FloatVector x, float limit) {
        return x.blend(limit, x.compare(VectorOperators.GT, limit))
                .blend(-limit, x.compare(VectorOperators.LT, -limit));
    }

    /**
     * The logistic function. At most {@value #SIGMOID_ULPS} ulp.
     *
     * @param x arguments
     * @return 1 / (1 + exp(-x))
     */
    public static FloatVector sigmoid(FloatVector x) {
        FloatVector e = expBounded(x.abs().neg());
        FloatVector numerator = e.blend(1f, x.compare(VectorOperators.GE, 0f));
        return numerator.div(e.add(1f));
    }

    /**
     * The logarithm of 1 + exp(x), a smooth maximum of x and 0. At most {@value #SOFTPLUS_ULPS} ulp.
     *
     * @param x arguments
     * @return log(1 + exp(x))
     */
    public static FloatVector softplus(FloatVector x) {
        FloatVector tail = log1pUnit(expBounded(x.abs().neg()));
        return tail.add(x.max(0f));
    }

    /**
     * x times the normal distribution function: D. Hendrycks and K. Gimpel, Gaussian Error Linear Units (2016). At most
     * {@value #GATE_ULPS} ulp plus {@value #GATE_ARGUMENT_ULPS} times 2<sup>-23</sup>|x|.
     *
     * @param x arguments
     * @return x (1 + erf(x / sqrt 2)) / 2
     */
    public static FloatVector gelu(FloatVector x) {
        // The bits of positive numbers, as integers, are in the order of the numbers.
        FloatVector t = x.mul(x)
                .reinterpretAsInts()
                .lanewise(VectorOperators.UMIN, GELU_SQUARE_BITS)
                .reinterpretAsFloats();
        FloatVector p = t.fma(FloatVector.broadcast(F32, GELU_P4), FloatVector.broadcast(F32, GELU_P3))
                .fma(t, FloatVector.broadcast(F32, GELU_P2))
                .fma(t, FloatVector.broadcast(F32, GELU_P1))
                .fma(t, FloatVector.broadcast(F32, GELU_P0));
        FloatVector q = t.fma(FloatVector.broadcast(F32, GELU_Q5), FloatVector.broadcast(F32, GELU_Q4))
                .fma(t, FloatVector.broadcast(F32, GELU_Q3))
                .fma(t, FloatVector.broadcast(F32, GELU_Q2))
                .fma(t, FloatVector.broadcast(F32, GELU_Q1))
                .fma(t, FloatVector.broadcast(F32, 1f));
        // Limits the distribution function to [0, 1]; NaN becomes 1. If the square was limited above, it is outside of
        // [0, 1].
        return x.mul(x.mul(p)
                .div(q)
                .add(0.5f)
                .reinterpretAsInts()
                .lanewise(VectorOperators.MAX, 0)
                .lanewise(VectorOperators.MIN, ONE_BITS)
                .reinterpretAsFloats());
    }

    /**
     * The approximation of {@link #gelu} by tanh in the same paper, with the same bound.
     *
     * @param x arguments
     * @return x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2
     */
    public static FloatVector geluTanh(FloatVector x) {
        FloatVector inner = x.mul(x)
                .fma(
                        FloatVector.broadcast(F32, SQRT_2_OVER_PI * GELU_CUBE),
                        FloatVector.broadcast(F32, SQRT_2_OVER_PI));
        return x.mul(0.5f).mul(onePlusNotNegative(tanhRatio(x.mul(inner))));
    }

    /** 1 + v, but at least 0. */
    private static FloatVector onePlusNotNegative(FloatVector v) {
        FloatVector sum = v.add(1f);
        return sum.blend(0f, sum.compare(VectorOperators.LT, 0f));
    }

    /**
     * x times the logistic function of a multiple of x. At most {@value #GATE_ULPS} ulp plus {@value #GATE_ARGUMENT_ULPS} times
     * 2<sup>-23</sup>|x|.
     *
     * @param x arguments
     * @param alpha the factor of the multiple
     * @return x / (1 + exp(-alpha x))
     */
    public static FloatVector swish(FloatVector x, float alpha) {
        return x.mul(sigmoid(x.mul(alpha)));
    }

    /**
     * x tanh(log(1 + exp(x))): D. Misra, Mish (2019). With u = exp(x) this is x w / (w + 2) where w = u (u + 2). At
     * most {@value #GATE_ULPS} ulp plus {@value #GATE_ARGUMENT_ULPS} times 2<sup>-23</sup>|x|.
     *
     * @param x arguments
     * @return x tanh(softplus(x))
     */
    public static FloatVector mish(FloatVector x) {
        FloatVector u = expBounded(x.blend(MISH_MAX, x.compare(VectorOperators.GT, MISH_MAX)));
        FloatVector w = u.fma(u, u.add(u));
        return x.mul(w.div(w.add(2f)));
    }
}

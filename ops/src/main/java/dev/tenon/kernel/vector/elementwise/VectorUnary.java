package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops of one float32 operand. {@link UnaryLoop} describes their arguments. The granule is one vector for the functions
 * of {@link VectorMath}, four vectors for the others.
 */
public final class VectorUnary {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;
    /** Loops load two vectors before they store one: a store delays later loads at the same offset in a page (4K aliasing). */
    private static final long BLOCK = 2 * WIDTH;

    /** From this number on, all floats are integers. */
    private static final float INTEGERS = 1 << 23;

    private static final int SIGN_BIT = Integer.MIN_VALUE;

    private VectorUnary() {}

    /**
     * {@code |x|}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void abs(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FloatVector.fromMemorySegment(F32, x, xAt + at, LE).abs();
            FloatVector r1 =
                    FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE).abs();
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code -x}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void neg(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FloatVector.fromMemorySegment(F32, x, xAt + at, LE).neg();
            FloatVector r1 =
                    FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE).neg();
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * The nearest integer, or the even one if two are equally near. NaN stays NaN.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void round(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector a0 = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            FloatVector a1 = FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE);
            // At this size neighbouring floats are 1 apart, so the sum is rounded to an integer.
            FloatVector r0 = a0.abs()
                    .add(INTEGERS)
                    .sub(INTEGERS)
                    .reinterpretAsInts()
                    .or(a0.reinterpretAsInts().and(SIGN_BIT))
                    .reinterpretAsFloats();
            FloatVector r1 = a1.abs()
                    .add(INTEGERS)
                    .sub(INTEGERS)
                    .reinterpretAsInts()
                    .or(a1.reinterpretAsInts().and(SIGN_BIT))
                    .reinterpretAsFloats();
            a0.blend(r0, a0.abs().compare(VectorOperators.LT, INTEGERS)).intoMemorySegment(y, yAt + at, LE);
            a1.blend(r1, a1.abs().compare(VectorOperators.LT, INTEGERS)).intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * The square root.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void sqrt(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FloatVector.fromMemorySegment(F32, x, xAt + at, LE).sqrt();
            FloatVector r1 =
                    FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE).sqrt();
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code 1 / x}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void reciprocal(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FloatVector.broadcast(F32, 1f).div(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector r1 =
                    FloatVector.broadcast(F32, 1f).div(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code max(0, x)}; NaN stays NaN.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void relu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector r1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE));
            r0.blend(0f, r0.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, yAt + at, LE);
            r1.blend(0f, r1.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * {@code x max(0, min(1, x / 6 + 1/2))}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void hardSwish(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            hardSwish(FloatVector.fromMemorySegment(F32, x, xAt + at, LE)).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * {@code x / (1 + |x|)}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void softsign(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = softsign(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector r1 = softsign(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * The exponential function: see {@link VectorMath#exp}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void exp(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.exp(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * The natural logarithm: see {@link VectorMath#log}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void log(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.log(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * The error function: see {@link VectorMath#erf}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void erf(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.erf(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * The hyperbolic tangent: see {@link VectorMath#tanh}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void tanh(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.tanh(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * The logistic function: see {@link VectorMath#sigmoid}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void sigmoid(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.sigmoid(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * {@code log(1 + exp(x))}: see {@link VectorMath#softplus}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void softplus(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.softplus(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * Gelu by erf: see {@link VectorMath#gelu}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void gelu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        if (ElementwiseWarmUps.GELU.over()) {
            geluVectors(x, xAt, y, yAt, n);
        } else {
            PlainRows.gelu(x, xAt, y, yAt, n);
        }
    }

    static void geluVectors(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.gelu(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * Gelu by tanh: see {@link VectorMath#geluTanh}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void geluTanh(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.geluTanh(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * Mish: see {@link VectorMath#mish}.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void mish(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            VectorMath.mish(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /**
     * LeakyRelu: {@code x} where it is at least 0, else {@code alpha x}.
     *
     * @param alpha the factor of negative numbers
     * @return the loop
     */
    public static UnaryLoop leakyRelu(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector r0 = leakyRelu(FloatVector.fromMemorySegment(F32, x, xAt + at, LE), alpha);
                FloatVector r1 = leakyRelu(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE), alpha);
                r0.intoMemorySegment(y, yAt + at, LE);
                r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
            }
        };
    }

    /**
     * Division by a constant.
     *
     * @param divisor the constant
     * @return the loop
     */
    public static UnaryLoop divideBy(float divisor) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector r0 =
                        FloatVector.fromMemorySegment(F32, x, xAt + at, LE).div(divisor);
                FloatVector r1 = FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE)
                        .div(divisor);
                r0.intoMemorySegment(y, yAt + at, LE);
                r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
            }
        };
    }

    /**
     * ThresholdedRelu: {@code x} where it is above a threshold, else 0.
     *
     * @param alpha the threshold
     * @return the loop
     */
    public static UnaryLoop thresholdedRelu(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector r0 = thresholdedRelu(FloatVector.fromMemorySegment(F32, x, xAt + at, LE), alpha);
                FloatVector r1 = thresholdedRelu(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE), alpha);
                r0.intoMemorySegment(y, yAt + at, LE);
                r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
            }
        };
    }

    /**
     * HardSigmoid: {@code alpha x + beta}, limited to [0, 1].
     *
     * @param alpha the slope
     * @param beta the value at 0
     * @return the loop
     */
    public static UnaryLoop hardSigmoid(float alpha, float beta) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                hardSigmoid(FloatVector.fromMemorySegment(F32, x, xAt + at, LE), alpha, beta)
                        .intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /**
     * Elu, Selu and Celu: {@code gamma x} for x above 0, else {@code beta (exp(x / alpha) - 1)}.
     *
     * @param alpha the divisor of the argument, above 0
     * @param beta the factor of the exponential
     * @param gamma the slope for positive numbers
     * @return the loop
     */
    public static UnaryLoop exponentialUnit(float alpha, float beta, float gamma) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
                v.mul(gamma)
                        .blend(VectorMath.expm1NotPositive(v.div(alpha)).mul(beta), v.compare(VectorOperators.LE, 0f))
                        .intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /**
     * {@code x / (1 + exp(-alpha x))}: see {@link VectorMath#swish}.
     *
     * @param alpha the factor in the exponent
     * @return the loop
     */
    public static UnaryLoop swish(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
                VectorMath.swish(v, alpha).intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    private static FloatVector leakyRelu(FloatVector v, float alpha) {
        return v.blend(v.mul(alpha), v.compare(VectorOperators.LT, 0f));
    }

    private static FloatVector hardSwish(FloatVector v) {
        return v.mul(clamp(v.add(3f), 0f, 6f).mul(1f / 6));
    }

    private static FloatVector softsign(FloatVector v) {
        return v.div(v.abs().add(1f));
    }

    private static FloatVector thresholdedRelu(FloatVector v, float alpha) {
        return FloatVector.broadcast(F32, 0f).blend(v, v.compare(VectorOperators.GT, alpha));
    }

    private static FloatVector hardSigmoid(FloatVector v, float alpha, float beta) {
        return clamp(v.fma(FloatVector.broadcast(F32, alpha), FloatVector.broadcast(F32, beta)), 0f, 1f);
    }

    private static FloatVector clamp(FloatVector v, float min, float max) {
        return v.blend(min, v.compare(VectorOperators.LT, min)).blend(max, v.compare(VectorOperators.GT, max));
    }
}

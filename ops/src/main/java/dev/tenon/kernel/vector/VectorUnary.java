package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import dev.tenon.kernel.UnaryLoop;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Vector loops of one float32 operand: see {@link UnaryLoop} for their arguments. The granule is one vector for the
 * functions of {@link VectorMath}, four vectors for the others. */
public final class VectorUnary {
    private static final long WIDTH = (long) F32.length() * Float.BYTES;
    /** Four vectors are loaded before one is stored: a store delays later loads at the same place of a page. */
    private static final long BLOCK = 4 * WIDTH;

    private VectorUnary() {}

    private static FloatVector load(MemorySegment x, long at) {
        return FloatVector.fromMemorySegment(F32, x, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static void store(FloatVector v, MemorySegment y, long at) {
        v.intoMemorySegment(y, at, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@code |x|}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void abs(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(x, xAt + at).abs();
            FloatVector r1 = load(x, xAt + at + WIDTH).abs();
            FloatVector r2 = load(x, xAt + at + 2 * WIDTH).abs();
            FloatVector r3 = load(x, xAt + at + 3 * WIDTH).abs();
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    /**
     * {@code -x}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void neg(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(x, xAt + at).neg();
            FloatVector r1 = load(x, xAt + at + WIDTH).neg();
            FloatVector r2 = load(x, xAt + at + 2 * WIDTH).neg();
            FloatVector r3 = load(x, xAt + at + 3 * WIDTH).neg();
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    /**
     * The square root.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void sqrt(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = load(x, xAt + at).sqrt();
            FloatVector r1 = load(x, xAt + at + WIDTH).sqrt();
            FloatVector r2 = load(x, xAt + at + 2 * WIDTH).sqrt();
            FloatVector r3 = load(x, xAt + at + 3 * WIDTH).sqrt();
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    /**
     * {@code 1 / x}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void reciprocal(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FloatVector.broadcast(F32, 1f).div(load(x, xAt + at));
            FloatVector r1 = FloatVector.broadcast(F32, 1f).div(load(x, xAt + at + WIDTH));
            FloatVector r2 = FloatVector.broadcast(F32, 1f).div(load(x, xAt + at + 2 * WIDTH));
            FloatVector r3 = FloatVector.broadcast(F32, 1f).div(load(x, xAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    /**
     * {@code max(0, x)}, NaN kept.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void relu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = relu(load(x, xAt + at));
            FloatVector r1 = relu(load(x, xAt + at + WIDTH));
            FloatVector r2 = relu(load(x, xAt + at + 2 * WIDTH));
            FloatVector r3 = relu(load(x, xAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    /**
     * {@code x max(0, min(1, x / 6 + 1/2))}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void hardSwish(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            store(hardSwish(load(x, xAt + at)), y, yAt + at);
        }
    }

    /**
     * {@code x / (1 + |x|)}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void softsign(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = softsign(load(x, xAt + at));
            FloatVector r1 = softsign(load(x, xAt + at + WIDTH));
            FloatVector r2 = softsign(load(x, xAt + at + 2 * WIDTH));
            FloatVector r3 = softsign(load(x, xAt + at + 3 * WIDTH));
            store(r0, y, yAt + at);
            store(r1, y, yAt + at + WIDTH);
            store(r2, y, yAt + at + 2 * WIDTH);
            store(r3, y, yAt + at + 3 * WIDTH);
        }
    }

    /**
     * The exponential function: see {@link VectorMath#exp}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void exp(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.exp(v), y, yAt + at);
        }
    }

    /**
     * The natural logarithm: see {@link VectorMath#log}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void log(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.log(v), y, yAt + at);
        }
    }

    /**
     * The error function: see {@link VectorMath#erf}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void erf(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.erf(v), y, yAt + at);
        }
    }

    /**
     * The hyperbolic tangent: see {@link VectorMath#tanh}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void tanh(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.tanh(v), y, yAt + at);
        }
    }

    /**
     * The logistic function: see {@link VectorMath#sigmoid}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void sigmoid(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.sigmoid(v), y, yAt + at);
        }
    }

    /**
     * {@code log(1 + exp(x))}: see {@link VectorMath#softplus}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void softplus(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.softplus(v), y, yAt + at);
        }
    }

    /**
     * Gelu by erf: see {@link VectorMath#gelu}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void gelu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.gelu(v), y, yAt + at);
        }
    }

    /**
     * Gelu by tanh: see {@link VectorMath#geluTanh}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void geluTanh(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.geluTanh(v), y, yAt + at);
        }
    }

    /**
     * Mish: see {@link VectorMath#mish}.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the lanes
     */
    public static void mish(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = load(x, xAt + at);
            store(VectorMath.mish(v), y, yAt + at);
        }
    }

    /**
     * x from 0 on and a multiple of it below.
     *
     * @param alpha the multiple
     * @return the loop
     */
    public static UnaryLoop leakyRelu(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector r0 = leakyRelu(load(x, xAt + at), alpha);
                FloatVector r1 = leakyRelu(load(x, xAt + at + WIDTH), alpha);
                FloatVector r2 = leakyRelu(load(x, xAt + at + 2 * WIDTH), alpha);
                FloatVector r3 = leakyRelu(load(x, xAt + at + 3 * WIDTH), alpha);
                store(r0, y, yAt + at);
                store(r1, y, yAt + at + WIDTH);
                store(r2, y, yAt + at + 2 * WIDTH);
                store(r3, y, yAt + at + 3 * WIDTH);
            }
        };
    }

    /**
     * Division by a number.
     *
     * @param divisor the number
     * @return the loop
     */
    public static UnaryLoop divideBy(float divisor) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector r0 = load(x, xAt + at).div(divisor);
                FloatVector r1 = load(x, xAt + at + WIDTH).div(divisor);
                FloatVector r2 = load(x, xAt + at + 2 * WIDTH).div(divisor);
                FloatVector r3 = load(x, xAt + at + 3 * WIDTH).div(divisor);
                store(r0, y, yAt + at);
                store(r1, y, yAt + at + WIDTH);
                store(r2, y, yAt + at + 2 * WIDTH);
                store(r3, y, yAt + at + 3 * WIDTH);
            }
        };
    }

    /**
     * x above a threshold, else 0.
     *
     * @param alpha the threshold
     * @return the loop
     */
    public static UnaryLoop thresholdedRelu(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector r0 = thresholdedRelu(load(x, xAt + at), alpha);
                FloatVector r1 = thresholdedRelu(load(x, xAt + at + WIDTH), alpha);
                FloatVector r2 = thresholdedRelu(load(x, xAt + at + 2 * WIDTH), alpha);
                FloatVector r3 = thresholdedRelu(load(x, xAt + at + 3 * WIDTH), alpha);
                store(r0, y, yAt + at);
                store(r1, y, yAt + at + WIDTH);
                store(r2, y, yAt + at + 2 * WIDTH);
                store(r3, y, yAt + at + 3 * WIDTH);
            }
        };
    }

    /**
     * {@code alpha x + beta}, not below 0 nor above 1.
     *
     * @param alpha the slope
     * @param beta the value at 0
     * @return the loop
     */
    public static UnaryLoop hardSigmoid(float alpha, float beta) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                store(hardSigmoid(load(x, xAt + at), alpha, beta), y, yAt + at);
            }
        };
    }

    /**
     * {@code gamma x} above 0, {@code below (exp(x / alpha) - 1)} elsewhere: Elu, Selu and Celu.
     *
     * @param alpha the divisor of the exponent, above 0
     * @param below the factor of the exponential
     * @param gamma the factor of the line
     * @return the loop
     */
    public static UnaryLoop exponentialUnit(float alpha, float below, float gamma) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = load(x, xAt + at);
                store(
                        v.mul(gamma)
                                .blend(
                                        VectorMath.expm1NotPositive(v.div(alpha))
                                                .mul(below),
                                        v.compare(VectorOperators.LE, 0f)),
                        y,
                        yAt + at);
            }
        };
    }

    /**
     * {@code x / (1 + exp(-alpha x))}: see {@link VectorMath#swish}.
     *
     * @param alpha the multiple
     * @return the loop
     */
    public static UnaryLoop swish(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = load(x, xAt + at);
                store(VectorMath.swish(v, alpha), y, yAt + at);
            }
        };
    }

    private static FloatVector relu(FloatVector v) {
        return v.blend(0f, v.compare(VectorOperators.LT, 0f));
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

    private static FloatVector clamp(FloatVector v, float least, float greatest) {
        return v.blend(least, v.compare(VectorOperators.LT, least))
                .blend(greatest, v.compare(VectorOperators.GT, greatest));
    }
}

package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops of one float32 operand. {@link UnaryLoop} describes their arguments. The granule is one vector. {@link VectorMath}
 * describes the elementary functions.
 */
public final class VectorUnary {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;

    /** From this number on, all floats are integers. */
    private static final float INTEGERS = 1 << 23;

    private static final int SIGN_BIT = Integer.MIN_VALUE;

    private VectorUnary() {}

    /** {@code |x|}. See {@link UnaryLoop#run}. */
    public static void abs(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            v.abs().intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code -x}. See {@link UnaryLoop#run}. */
    public static void neg(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            v.neg().intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The nearest integer, or the even one if two are equally near. NaN stays NaN. See {@link UnaryLoop#run}. */
    public static void round(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            // At this size neighbouring floats are 1 apart, so the sum is rounded to an integer.
            FloatVector rounded = v.abs()
                    .add(INTEGERS)
                    .sub(INTEGERS)
                    .reinterpretAsInts()
                    .or(v.reinterpretAsInts().and(SIGN_BIT))
                    .reinterpretAsFloats();
            v.blend(rounded, v.abs().compare(VectorOperators.LT, INTEGERS)).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The square root. See {@link UnaryLoop#run}. */
    public static void sqrt(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            v.sqrt().intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code 1 / x}. See {@link UnaryLoop#run}. */
    public static void reciprocal(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector.broadcast(F32, 1f).div(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code max(0, x)}; NaN stays NaN. See {@link UnaryLoop#run}. */
    public static void relu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            v.blend(0f, v.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code x max(0, min(1, x / 6 + 1/2))}. See {@link UnaryLoop#run}. */
    public static void hardSwish(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            v.mul(clamp(v.add(3f), 0f, 6f).mul(1f / 6)).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code x / (1 + |x|)}. See {@link UnaryLoop#run}. */
    public static void softsign(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            v.div(v.abs().add(1f)).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The exponential function. See {@link UnaryLoop#run}. */
    public static void exp(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.exp(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The natural logarithm. See {@link UnaryLoop#run}. */
    public static void log(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.log(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The error function. See {@link UnaryLoop#run}. */
    public static void erf(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.erf(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The hyperbolic tangent. See {@link UnaryLoop#run}. */
    public static void tanh(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.tanh(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The logistic function. See {@link UnaryLoop#run}. */
    public static void sigmoid(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.sigmoid(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** {@code log(1 + exp(x))}. See {@link UnaryLoop#run}. */
    public static void softplus(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.softplus(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** Gelu by erf. See {@link UnaryLoop#run}. */
    public static void gelu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.gelu(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** Gelu by tanh. See {@link UnaryLoop#run}. */
    public static void geluTanh(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.geluTanh(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** Mish. See {@link UnaryLoop#run}. */
    public static void mish(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            VectorMath.mish(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** LeakyRelu: {@code x} where it is at least 0, else {@code alpha x}. */
    public static UnaryLoop leakyRelu(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
                v.blend(v.mul(alpha), v.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /** Division by a constant. */
    public static UnaryLoop divideBy(float divisor) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
                v.div(divisor).intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /** ThresholdedRelu: {@code x} where it is above a threshold, else 0. */
    public static UnaryLoop thresholdedRelu(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
                FloatVector.broadcast(F32, 0f)
                        .blend(v, v.compare(VectorOperators.GT, alpha))
                        .intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /** HardSigmoid: {@code alpha x + beta}, limited to [0, 1]. */
    public static UnaryLoop hardSigmoid(float alpha, float beta) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
                clamp(v.fma(FloatVector.broadcast(F32, alpha), FloatVector.broadcast(F32, beta)), 0f, 1f)
                        .intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /** Elu, Selu and Celu: {@code gamma x} for x above 0, else {@code beta (exp(x / alpha) - 1)} with alpha above 0. */
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

    /** {@code x / (1 + exp(-alpha x))}. */
    public static UnaryLoop swish(float alpha) {
        return (x, xAt, y, yAt, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
                VectorMath.swish(v, alpha).intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    private static FloatVector clamp(FloatVector v, float min, float max) {
        return v.blend(min, v.compare(VectorOperators.LT, min)).blend(max, v.compare(VectorOperators.GT, max));
    }
}

package dev.tenon.kernel.vector.recurrent;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.kernel.vector.elementwise.VectorUnary;
import dev.tenon.op.recurrent.GateActivation;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The activation functions of gates, as vector loops over scratch memory. Most are the loops of element-wise operators. Sigmoid
 * and tanh, which most cells use, have loops of their own over one segment: a gate has few elements, so that the bounds check of
 * a second segment would count.
 */
final class GateLoops {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;

    /** A loop whose operands and result are in one segment. All offsets are bytes. */
    interface Loop {
        /**
         * Computes elements.
         *
         * @param s the segment
         * @param a the offset of the first operand
         * @param b the offset of the second operand, for loops that have one
         * @param to the offset of the result, which may be that of an operand. Some loops also read the previous contents
         * @param n the number of elements, a multiple of {@link #granule}
         */
        void run(MemorySegment s, long a, long b, long to, int n);
    }

    private GateLoops() {}

    /** The number of elements that the loop of an activation takes a multiple of: one vector or four. */
    static int granule(GateActivation a) {
        return switch (a.kind()) {
            case TANH, SIGMOID, SOFTPLUS, AFFINE, SCALED_TANH, THRESHOLDED_RELU, ELU -> SimdSpecies.LANES;
            case RELU, LEAKY_RELU, HARD_SIGMOID, SOFTSIGN -> 4 * SimdSpecies.LANES;
        };
    }

    /** The loop of an activation function. */
    static Loop of(GateActivation a) {
        return switch (a.kind()) {
            case RELU -> (s, x, _, y, n) -> VectorUnary.relu(s, x, s, y, n);
            case TANH -> GateLoops::tanh;
            case SIGMOID -> GateLoops::sigmoid;
            case SOFTSIGN -> (s, x, _, y, n) -> VectorUnary.softsign(s, x, s, y, n);
            case SOFTPLUS -> (s, x, _, y, n) -> VectorUnary.softplus(s, x, s, y, n);
            case LEAKY_RELU -> of(VectorUnary.leakyRelu(a.alpha()));
            case HARD_SIGMOID -> of(VectorUnary.hardSigmoid(a.alpha(), a.beta()));
            case ELU -> of(VectorUnary.exponentialUnit(1, a.alpha(), 1));
            case AFFINE -> affine(a.alpha(), a.beta());
            case SCALED_TANH -> scaledTanh(a.alpha(), a.beta());
            case THRESHOLDED_RELU -> thresholdedRelu(a.alpha());
        };
    }

    private static Loop of(UnaryLoop f) {
        return (s, x, _, y, n) -> f.run(s, x, s, y, n);
    }

    /** {@code to = sigmoid(x)}. */
    private static void sigmoid(MemorySegment s, long x, long unused, long to, int n) {
        s = NATIVE.cast(s);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            VectorMath.sigmoid(FloatVector.fromMemorySegment(F32, s, x + at, LE))
                    .intoMemorySegment(s, to + at, LE);
        }
    }

    /** {@code to = tanh(x)}. */
    private static void tanh(MemorySegment s, long x, long unused, long to, int n) {
        s = NATIVE.cast(s);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            VectorMath.tanh(FloatVector.fromMemorySegment(F32, s, x + at, LE)).intoMemorySegment(s, to + at, LE);
        }
    }

    /** {@code alpha x + beta}. */
    static Loop affine(float alpha, float beta) {
        return (s, x, _, y, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector.fromMemorySegment(F32, s, x + at, LE)
                        .fma(FloatVector.broadcast(F32, alpha), FloatVector.broadcast(F32, beta))
                        .intoMemorySegment(s, y + at, LE);
            }
        };
    }

    /** {@code alpha tanh(beta x)}. */
    private static Loop scaledTanh(float alpha, float beta) {
        return (s, x, _, y, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                VectorMath.tanh(FloatVector.fromMemorySegment(F32, s, x + at, LE)
                                .mul(beta))
                        .mul(alpha)
                        .intoMemorySegment(s, y + at, LE);
            }
        };
    }

    /**
     * The argument if it is at least a threshold, else 0; NaN stays NaN. The operator ThresholdedRelu differs: it is 0 at the
     * threshold and for NaN.
     */
    private static Loop thresholdedRelu(float alpha) {
        return (s, x, _, y, n) -> {
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector v = FloatVector.fromMemorySegment(F32, s, x + at, LE);
                v.blend(0f, v.compare(VectorOperators.LT, alpha)).intoMemorySegment(s, y + at, LE);
            }
        };
    }
}

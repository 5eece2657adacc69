package dev.tenon.compression.floats;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Weights in 16 bits, rounded to nearest.
 *
 * @param tensor the weights
 * @param flushed the number of weights that became 0
 * @param decibels the signal to noise ratio in dB, infinite if all weights are the same
 */
record HalfTensor(Tensor tensor, long flushed, double decibels) {
    /** The largest number of float16. */
    static final double MOST = 65504;

    /** Numbers of at least this size become infinite: halfway to the number that would come next. */
    private static final double OVERFLOW = 65520;

    /** Bits of a float32 below those that bfloat16 keeps. */
    private static final int DROPPED = 16;

    static HalfTensor of(Tensor weights, DType type) {
        float[] w = weights.toFloatArray();
        short[] halves = new short[w.length];
        long flushed = 0;
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < w.length; i++) {
            halves[i] = type == DType.FLOAT16 ? Float.floatToFloat16(w[i]) : bfloat16(w[i]);
            float half = type == DType.FLOAT16
                    ? Float.float16ToFloat(halves[i])
                    : Float.intBitsToFloat(halves[i] << DROPPED);
            flushed += half == 0 && w[i] != 0 ? 1 : 0;
            if (Float.isFinite(w[i])) {
                double e = w[i] - (double) half;
                signal += w[i] * (double) w[i];
                noise += e * e;
            }
        }
        return new HalfTensor(
                Tensor.of(type, MemorySegment.ofArray(halves), weights.dims()),
                flushed,
                noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise));
    }

    /** A number in bfloat16, a tie to even. NaN stays NaN. */
    private static short bfloat16(float x) {
        int bits = Float.floatToRawIntBits(x);
        if (Float.isNaN(x)) {
            return (short) (bits >>> DROPPED | 1 << 6);
        }
        int tie = bits >>> DROPPED & 1;
        return (short) (bits + 0x7fff + tie >>> DROPPED);
    }

    /** Whether a tensor of float32 has finite numbers that a type has not. */
    static boolean overflows(Tensor weights, DType type) {
        for (float x : weights.toFloatArray()) {
            double most = type == DType.FLOAT16 ? OVERFLOW : Float.MAX_VALUE - Math.ulp(Float.MAX_VALUE) * 0x1p15;
            if (Float.isFinite(x) && Math.abs(x) >= most) {
                return true;
            }
        }
        return false;
    }

    /** Whether a tensor of float32 has numbers other than 0 that become 0 in float16. */
    static boolean underflows(Tensor weights) {
        for (float x : weights.toFloatArray()) {
            if (x != 0 && Float.float16ToFloat(Float.floatToFloat16(x)) == 0) {
                return true;
            }
        }
        return false;
    }
}

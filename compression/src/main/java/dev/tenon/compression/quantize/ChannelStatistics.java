package dev.tenon.compression.quantize;

import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/** The ranges and second moments of the channels of a value, which are its last axis. */
final class ChannelStatistics {
    private final float[] min;
    private final float[] max;
    private final double[] squares;
    private long rows;

    ChannelStatistics(int channels) {
        this.min = new float[channels];
        this.max = new float[channels];
        this.squares = new double[channels];
        Arrays.fill(min, Float.POSITIVE_INFINITY);
        Arrays.fill(max, Float.NEGATIVE_INFINITY);
    }

    void add(Tensor value) {
        float[] x = value.toFloatArray();
        int channels = min.length;
        rows += x.length / channels;
        for (int i = 0; i < x.length; i++) {
            int c = i % channels;
            min[c] = Math.min(min[c], x[i]);
            max[c] = Math.max(max[c], x[i]);
            squares[c] += (double) x[i] * x[i];
        }
    }

    /** {@return whether there are values, all finite} */
    boolean isFinite() {
        boolean isFinite = rows > 0;
        for (double s : squares) {
            isFinite &= Double.isFinite(s);
        }
        return isFinite;
    }

    int channels() {
        return min.length;
    }

    long rows() {
        return rows;
    }

    float min(int channel) {
        return min[channel];
    }

    float max(int channel) {
        return max[channel];
    }

    /** The sum of squares of a channel. */
    double squares(int channel) {
        return squares[channel];
    }

    float magnitude(int channel) {
        return Math.max(Math.abs(min[channel]), Math.abs(max[channel]));
    }
}

package dev.tenon.compression;

import dev.tenon.error.InvalidOptionException;
import java.util.Arrays;

/**
 * The arithmetic {@code (x * scale - mean) / std} in float32 that turns the integers of a picture into the numbers that a model
 * was trained with.
 */
record PixelNormalization(float scale, float[] mean, float[] std, Samples.Layout layout) {
    /** Integers as they are. */
    static final PixelNormalization NONE =
            new PixelNormalization(1, new float[] {0}, new float[] {1}, Samples.Layout.NCHW);

    private static final int LEAST_RANK = 2;

    static PixelNormalization of(double scale, double[] mean, double[] std, Samples.Layout layout) {
        if (!Double.isFinite(scale)) {
            throw new InvalidOptionException("scale", scale + "", "finite numbers", null);
        }
        return new PixelNormalization((float) scale, floats("mean", mean, false), floats("std", std, true), layout);
    }

    private static float[] floats(String option, double[] values, boolean isDivisor) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
            if (!Float.isFinite(floats[i]) || isDivisor && floats[i] == 0) {
                throw new InvalidOptionException(
                        option, Arrays.toString(values), isDivisor ? "finite numbers but 0" : "finite numbers", null);
            }
        }
        if (floats.length == 0) {
            throw new InvalidOptionException(option, "no value", "one, or one a channel", null);
        }
        return floats;
    }

    private boolean isByChannel() {
        return mean.length > 1 || std.length > 1;
    }

    /** The axis of the channels of an input. */
    private int axis(int rank) {
        return layout == Samples.Layout.NCHW ? 1 : rank - 1;
    }

    /** Checks that the values are as many as an input has channels. */
    void check(String thing, long[] dims) {
        if (!isByChannel()) {
            return;
        }
        if (dims.length < LEAST_RANK) {
            throw new CompressionException(
                    thing, "rank " + dims.length + " for a mean or std of each channel", "rank 2 and above", null);
        }
        long channels = dims[axis(dims.length)];
        check(thing, "mean", mean.length, channels);
        check(thing, "std", std.length, channels);
    }

    private void check(String thing, String option, int values, long channels) {
        if (values > 1 && values != channels) {
            throw new CompressionException(
                    thing,
                    option + " of " + values + " values for " + channels + " channels (" + layout + ")",
                    "1 or " + channels + " values",
                    "give the layout, or as many values as there are channels");
        }
    }

    /** Normalises the elements of an input in place. */
    void apply(float[] x, long[] dims) {
        int channels = 1;
        int inner = Math.max(1, x.length);
        if (isByChannel()) {
            int axis = axis(dims.length);
            channels = (int) dims[axis];
            inner = 1;
            for (int i = axis + 1; i < dims.length; i++) {
                inner *= (int) dims[i];
            }
        }
        for (int from = 0, channel = 0; from < x.length; from += inner, channel = (channel + 1) % channels) {
            float m = mean[mean.length == 1 ? 0 : channel];
            float s = std[std.length == 1 ? 0 : channel];
            for (int i = from; i < from + inner; i++) {
                x[i] = (x[i] * scale - m) / s;
            }
        }
    }
}

package dev.tenon.graph.rules;

import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * The weights of a product or convolution of integers, less their zero points and added up for each channel of the
 * output: what tells how large its sums can be.
 *
 * @param positive for each channel the sum of the weights that are above 0
 * @param negative for each channel the sum of those below, with its sign turned
 */
record IntegerWeights(double[] positive, double[] negative) {
    /** float32 holds every integer up to this one. */
    static final double EXACT = 1 << 24;

    /**
     * Adds up weights.
     *
     * @param w the weights
     * @param axis the axis of the output's channels: 0, or 1 of a matrix
     * @param zero their zero points, one for all or one for each channel; null for 0
     */
    static IntegerWeights of(Tensor w, int axis, Value zero) {
        int channels = (int) w.dim(axis);
        IntegerWeights sums = new IntegerWeights(new double[channels], new double[channels]);
        for (long i = 0; i < w.size(); i++) {
            int c = (int) channel(w, axis, i);
            double centred = w.getDouble(i) - at(zero, c);
            if (centred > 0) {
                sums.positive[c] += centred;
            } else {
                sums.negative[c] -= centred;
            }
        }
        return sums;
    }

    /** The weights less their zero points, as float32. */
    static Tensor centred(Tensor w, int axis, Value zero) {
        Tensor centred = Tensor.allocate(DType.FLOAT32, w.dims());
        for (long i = 0; i < w.size(); i++) {
            centred.setDouble(i, w.getDouble(i) - at(zero, channel(w, axis, i)));
        }
        return centred;
    }

    /** A number that is the same for all channels, or one for each of them; 0 where it is left out. */
    static double at(Value v, long channel) {
        if (v == null) {
            return 0;
        }
        Tensor t = v.constant();
        return t.getDouble(t.size() == 1 ? 0 : channel);
    }

    private static long channel(Tensor w, int axis, long i) {
        return axis == 0 ? i / (w.size() / w.dim(0)) : i % w.dim(1);
    }

    /**
     * The largest absolute value of a sum of a channel's products, or of some of them.
     *
     * @param channel the channel
     * @param least the least number that weights are multiplied with, at most 0
     * @param greatest the greatest one, at least 0
     */
    double most(int channel, double least, double greatest) {
        double above = greatest * positive[channel] - least * negative[channel];
        double below = greatest * negative[channel] - least * positive[channel];
        return Math.max(above, below);
    }

    /**
     * The largest absolute value of a sum of products of any channel, or of some of them, wherever the zero point of the
     * numbers is that weights are multiplied with.
     *
     * @param width the greatest of these numbers less the least
     */
    double most(double width) {
        double most = 0;
        for (int c = 0; c < positive.length; c++) {
            most = Math.max(most, width * Math.max(positive[c], negative[c]));
        }
        return most;
    }
}

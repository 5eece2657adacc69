package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * The weights of a product or convolution of integers, minus their zero points, added up for each channel of the
 * output. The sums bound the results of the operator.
 *
 * @param positive for each channel the sum of the positive weights
 * @param negative for each channel the absolute value of the sum of the negative weights
 */
record IntegerWeights(double[] positive, double[] negative) {
    /** A float32 holds every integer up to this one. */
    static final double EXACT = 1 << 24;

    /**
     * Adds up weights.
     *
     * @param w the weights
     * @param axis the axis of the channels of the output: 0, or 1 for a matrix
     * @param zero the zero points of the weights, one for all or one for each channel; null for 0
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

    /** The weights minus their zero points, as float32. */
    static Tensor centred(Tensor w, int axis, Value zero) {
        Tensor centred = Tensor.allocate(DType.FLOAT32, w.dims());
        for (long i = 0; i < w.size(); i++) {
            centred.setDouble(i, w.getDouble(i) - at(zero, channel(w, axis, i)));
        }
        return centred;
    }

    /**
     * The number of a channel in a constant that has one number for all channels or one for each; 0 if it is left out.
     */
    static double at(Value v, long channel) {
        if (v == null) {
            return 0;
        }
        Tensor t = v.constant();
        return t.getDouble(t.size() == 1 ? 0 : channel);
    }

    /**
     * The channel of a weight.
     *
     * @param w the weights
     * @param axis the axis of the channels: 0, or 1 for a matrix
     * @param i the index of the weight
     */
    static long channel(Tensor w, int axis, long i) {
        return axis == 0 ? i / (w.size() / w.dim(0)) : i % w.dim(1);
    }

    /**
     * The greatest sum of all or some products of a channel, at least 0.
     *
     * @param channel the channel
     * @param least the least number that weights are multiplied with, at most 0
     * @param greatest the greatest number that weights are multiplied with, at least 0
     */
    double greatest(int channel, double least, double greatest) {
        return greatest * positive[channel] - least * negative[channel];
    }

    /**
     * The least sum of all or some products of a channel, at most 0.
     *
     * @param channel the channel
     * @param least the least number that weights are multiplied with, at most 0
     * @param greatest the greatest number that weights are multiplied with, at least 0
     */
    double least(int channel, double least, double greatest) {
        return least * positive[channel] - greatest * negative[channel];
    }

    /**
     * The largest absolute value of a sum of all or some products of any channel, for any zero point of the numbers
     * that the weights are multiplied with.
     *
     * @param width the greatest of these numbers minus the least
     */
    double most(double width) {
        double most = 0;
        for (int c = 0; c < positive.length; c++) {
            most = Math.max(most, width * Math.max(positive[c], negative[c]));
        }
        return most;
    }
}

package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/** The bias of a product of quantised numbers, in units of the scales of both. */
final class Bias {
    /** Scales whose quotient differs less from 1 are meant to be the same. */
    private static final double SAME = 1e-5;

    /** More than the numbers that bytes have, so that a result of so many steps saturates. */
    private static final double SATURATED = 1024;

    /** A part of a step of the result that does not matter. */
    private static final double SMALL = 1.0 / 64;

    /** The largest input less its zero point. */
    private static final double INPUT = 255;

    private Bias() {}

    /**
     * The bias as int32, at most half a step of the result from what it was. A sum of it and products is an int32 too: where it would not be, results saturate anyway, and the bias
     * is made smaller.
     *
     * @param v the bias in floats: a constant, or one that is dequantised from int32
     * @param x the left operand
     * @param w the weights
     * @param axis the axis of the channels in the weights
     * @param scale the scale of the result
     * @return one number for each channel; null if it is not constant, too large, or no whole number nearly
     */
    static Tensor of(Value v, Dequantized x, Dequantized w, int axis, double scale) {
        Tensor integers = null;
        Tensor scales = null;
        Node node = v.producer();
        if (node != null && node.op() instanceof DequantizeLinear op && op.blockSize() == 0) {
            boolean constant = node.input(0).isConstant() && node.input(1).isConstant();
            Value zero = node.input(2);
            boolean centred = zero == null || zero.isConstant() && isZero(zero.constant());
            if (!constant || !centred || node.input(0).constant().dtype() != DType.INT32) {
                return null;
            }
            integers = node.input(0).constant();
            scales = node.input(1).constant();
        } else if (!v.isConstant()) {
            return null;
        }
        Tensor given = integers == null ? v.constant() : integers;
        if (given.rank() != 1) {
            return null;
        }
        if (given.size() != w.weights().dim(axis)) {
            return null;
        }
        double[] reaches = reaches(w, axis);
        Tensor bias = Tensor.allocate(DType.INT32, given.dims());
        for (long c = 0; c < bias.size(); c++) {
            double unit = (float) x.scale(0) * (float) w.scale(c);
            double own = scales == null ? 1 : scales.getDouble(scales.size() == 1 ? 0 : c);
            double number = given.getDouble(c);
            if (integers == null || Math.abs(own / unit - 1) > SAME) {
                double exact = number * own / unit;
                number = Math.rint(exact);
                if (Math.abs(number - exact) * Math.abs(unit) > scale / 2) {
                    return null;
                }
            }
            if (Double.isNaN(number)) {
                return null;
            }
            double most = Integer.MAX_VALUE - reaches[(int) c];
            if (Math.abs(number) > most) {
                double step = unit / scale;
                if (!((most - reaches[(int) c]) * step > SATURATED || (Math.abs(number) - most) * step < SMALL)) {
                    return null;
                }
                number = Math.copySign(most, number);
            }
            bias.setLong(c, (long) number);
        }
        return bias;
    }

    private static boolean isZero(Tensor t) {
        for (long i = 0; i < t.size(); i++) {
            if (t.getLong(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The largest sum of products of each channel. */
    private static double[] reaches(Dequantized w, int axis) {
        Tensor bytes = w.weights();
        double[] reaches = new double[(int) bytes.dim(axis)];
        long inner = 1;
        for (int i = axis + 1; i < bytes.rank(); i++) {
            inner *= bytes.dim(i);
        }
        for (long i = 0; i < bytes.size(); i++) {
            int c = (int) (i / inner % reaches.length);
            reaches[c] += INPUT * Math.abs(bytes.getLong(i) - w.zero(c));
        }
        return reaches;
    }
}

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

    private static final double GREATEST = 1 << 30;

    private Bias() {}

    /**
     * The bias as int32.
     *
     * @param v the bias in floats: a constant, or one that is dequantised from int32
     * @param x the left operand
     * @param w the weights
     * @return one number for each channel; null if it is not constant, or too large
     */
    static Tensor of(Value v, Dequantized x, Dequantized w) {
        Tensor integers = null;
        Tensor scales = null;
        Node node = v.producer();
        if (node != null && node.op() instanceof DequantizeLinear op && op.blockSize() == 0) {
            boolean constant = node.input(0).isConstant() && node.input(1).isConstant();
            Value zero = node.inputs().size() > 2 ? node.input(2) : null;
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
        Tensor bias = Tensor.allocate(DType.INT32, given.dims());
        for (long c = 0; c < bias.size(); c++) {
            double unit = (float) x.scale(0) * (float) w.scale(c);
            double own = scales == null ? 1 : scales.getDouble(scales.size() == 1 ? 0 : c);
            double number = given.getDouble(c);
            if (integers == null || Math.abs(own / unit - 1) > SAME) {
                number = Math.rint(number * own / unit);
            }
            if (!(Math.abs(number) < GREATEST)) {
                return null;
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
}

package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.math.And;
import dev.tenon.op.math.GreaterOrEqual;
import dev.tenon.op.math.LessOrEqual;
import dev.tenon.op.math.Round;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * Gradients of simulated quantisation, straight through: rounding counts as the identity, and numbers that are clipped get
 * no gradient (Y. Bengio et al., Estimating or Propagating Gradients Through Stochastic Neurons, 2013; B. Jacob et al.,
 * Quantization and Training of Neural Networks, 2018). The gradient of a quantised number is that of the float that it
 * stands for. The scale's is that of LSQ: rounding error in the range, bound outside (S. Esser et al., Learned Step Size
 * Quantization, 2020); it is the sum of what QuantizeLinear and DequantizeLinear give.
 */
final class QuantizationGradients {
    private QuantizationGradients() {}

    static void addTo(GradientTable t) {
        t.rule(QuantizeLinear.class, QuantizationGradients::quantize);
        t.rule(DequantizeLinear.class, QuantizationGradients::dequantize);
    }

    private static void quantize(QuantizeLinear op, NodeGradient n) {
        DType type = Formulas.dtype(n.y());
        n.refuseIf(!type.isInteger(), "it rounds to " + type.text() + ", which are no whole numbers");
        DequantizeLinear spread = new DequantizeLinear(op.axis(), op.blockSize(), null);
        // A scale for each element: that of one step.
        Value one = n.expand(n.constant(Tensor.convert(DType.INT8, new long[] {1}, new long[0])), n.dims(0));
        Value quotient = n.div(n.x(), n.cast(n.make(spread, one, n.in(1)), Formulas.dtype(n.x())));
        Value number = n.make(new Round(), quotient);
        if (n.has(2)) {
            Value zero = n.expand(n.constant(Tensor.allocate(type)), n.dims(0));
            number = n.sub(number, n.cast(n.make(spread, zero, ones(n), n.in(2)), Formulas.dtype(n.x())));
        }
        Value inside = n.make(
                new And(),
                n.compare(new GreaterOrEqual(), number, type.minInteger()),
                n.compare(new LessOrEqual(), number, type.maxInteger()));
        Value passed = n.masked(inside, n.dy());
        n.give(0, () -> passed);
        n.give(1, () -> scale(n, op.axis(), op.blockSize(), n.neg(n.mul(passed, quotient))));
    }

    private static void dequantize(DequantizeLinear op, NodeGradient n) {
        n.give(0, n::dy);
        n.give(1, () -> {
            Value steps = n.has(2) ? n.make(op, n.in(0), ones(n), n.in(2)) : n.make(op, n.in(0), ones(n));
            return scale(n, op.axis(), op.blockSize(), n.mul(n.dy(), steps));
        });
        n.refuseIf(n.wants(2), "the zero point is trained");
    }

    /** A scale of 1 in the place of each scale. */
    private static Value ones(NodeGradient n) {
        return n.expand(n.number(n.in(1), 1), n.dims(1));
    }

    /** The sum over the elements of each scale. */
    private static Value scale(NodeGradient n, int axis, long blockSize, Value v) {
        long[] scales = n.dims(1);
        long[] dims = n.dims(0);
        if (RowMajor.size(scales) == 1) {
            return n.sumTo(v, scales);
        }
        int at = dims.length == 1 ? 0 : NodeFormulas.axis(axis, dims.length);
        if (blockSize == 0 && scales.length == 1) {
            return n.reshape(n.sum(v, Formulas.axesBut(dims.length, at)), scales);
        }
        long block = blockSize > 0 ? blockSize : Math.max(1, -Math.floorDiv(-dims[at], Math.max(1, scales[at])));
        Value whole = n.pad(v, at, 0, scales[at] * block - dims[at]);
        long[] apart = new long[dims.length + 1];
        System.arraycopy(dims, 0, apart, 0, at);
        apart[at] = scales[at];
        apart[at + 1] = block;
        System.arraycopy(dims, at + 1, apart, at + 2, dims.length - at - 1);
        return n.reshape(n.sum(n.reshape(whole, apart), at + 1), scales);
    }
}

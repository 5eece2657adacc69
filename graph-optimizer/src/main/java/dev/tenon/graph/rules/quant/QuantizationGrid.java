package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;

/**
 * The grid of a quantised value: all elements are products of integers and one scale, rounded to float32, and none is a
 * negative zero.
 *
 * @param scale the scale
 * @param least the least integer
 * @param greatest the greatest integer
 */
record QuantizationGrid(double scale, double least, double greatest) {
    private static final int MAX_FOLLOWED = 8;
    private static final int MAX_BITS = 16;

    /** The grid of a value of float32, followed back through operators that choose or move elements; null if it is not known. */
    static QuantizationGrid of(Value v) {
        double floor = Double.NEGATIVE_INFINITY;
        Value x = v;
        for (int i = 0; i < MAX_FOLLOWED && x.producer() != null; i++) {
            Node node = x.producer();
            switch (node.op()) {
                case Mul mul -> {
                    QuantizationGrid found = product(node);
                    return found == null
                            ? null
                            : new QuantizationGrid(
                                    found.scale, Math.max(found.least, floor), Math.max(found.greatest, floor));
                }
                case Relu relu -> floor = 0;
                case MaxPool pool when isFilled(pool.window()) -> {}
                case Reshape view -> {}
                case Flatten view -> {}
                case Squeeze view -> {}
                case Unsqueeze view -> {}
                case Transpose transpose -> {}
                default -> {
                    return null;
                }
            }
            x = node.input(0);
        }
        return null;
    }

    /** Whether each window of a pooling has at least one element. */
    private static boolean isFilled(WindowAttributes window) {
        boolean filled = !window.ceilMode() && window.dilations().stream().allMatch(d -> d == 1);
        int axes = window.kernelShape().size();
        for (int i = 0; filled && i < window.pads().size(); i++) {
            filled = window.pads().get(i) < window.kernelShape().get(i % axes);
        }
        return filled;
    }

    /** The grid of a product of integers and a scale; null if it is no such product. */
    private static QuantizationGrid product(Node node) {
        Double scale = number(node.input(1));
        Value integers = node.input(0);
        double shift = 0;
        if (scale == null || !(scale > 0) || integers.producer() == null) {
            return null;
        }
        if (integers.producer().op() instanceof Sub && whole(integers.producer().input(1)) != null) {
            shift = whole(integers.producer().input(1));
            integers = integers.producer().input(0);
        }
        double[] range = range(integers);
        return range == null ? null : new QuantizationGrid(scale, range[0] - shift, range[1] - shift);
    }

    /**
     * The least and the greatest of integers that are clipped, or converted from a type of few bits; null for others.
     */
    private static double[] range(Value v) {
        Node node = v.producer();
        if (node == null) {
            return null;
        }
        if (node.op() instanceof Cast) {
            DType from = node.input(0).tensorType().dtype();
            boolean few = from.isInteger() && from.bits() <= MAX_BITS;
            return few ? new double[] {from.minInteger(), from.maxInteger()} : null;
        }
        Double most = node.op() instanceof Min && node.inputs().size() == 2 ? whole(node.input(1)) : null;
        Node positive = most == null || most < 0 ? null : node.input(0).producer();
        if (positive == null || !(positive.op() instanceof ThresholdedRelu relu) || relu.alpha() != 0) {
            return null;
        }
        Node inner = positive.input(0).producer();
        if (inner != null && inner.op() instanceof Sub && whole(inner.input(1)) != null) {
            inner = inner.input(0).producer();
        }
        return inner != null && inner.op() instanceof Round ? new double[] {0, most} : null;
    }

    /** The only element of a constant, or null. */
    private static Double number(Value v) {
        boolean one = v.isConstant() && v.constant().size() == 1;
        return one ? v.constant().getDouble(0) : null;
    }

    /** The only element of a constant, if it is a small integer; else null. */
    private static Double whole(Value v) {
        Double number = number(v);
        return number != null && number == Math.rint(number) && Math.abs(number) <= 1 << MAX_BITS ? number : null;
    }
}

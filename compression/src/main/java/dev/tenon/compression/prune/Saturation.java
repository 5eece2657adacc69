package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The function that follows a layer, where it is flat below or above a bound: Relu, Clip, HardSigmoid, HardSwish. Outputs
 * beyond the bound are as good as the bound, so the layer need not meet them.
 *
 * @param scale the factor of each output before the function: that of a batch normalisation, else 1
 * @param shift what is added to each output before the function
 * @param low the bound below which the function is flat, perhaps negative infinity
 * @param high the bound above which it is flat, perhaps infinity
 */
record Saturation(double[] scale, double[] shift, double low, double high) {
    /**
     * Finds the function.
     *
     * @param layer the layer
     * @param index an index of its graph
     * @return the function, or null if another follows, or several
     */
    static Saturation of(LinearLayer layer, GraphIndex index) {
        int outputs = layer.outputs();
        double[] scale = new double[outputs];
        Arrays.fill(scale, 1);
        double[] shift = new double[outputs];
        Node next = next(layer.node().output(), index);
        if (layer.node().op() instanceof MatMul && next != null && next.op() instanceof Add) {
            BiasPlace bias = BiasPlace.of(layer, index);
            if (bias.kind() != BiasPlace.Kind.SUM) {
                return null;
            }
            shift = bias.constant().constant().toDoubleArray();
            next = next(next.output(), index);
        } else if (next != null && next.op() instanceof BatchNormalization norm) {
            if (!scale(next, norm, scale, shift)) {
                return null;
            }
            next = next(next.output(), index);
        }
        double[] bounds = next == null ? null : bounds(next);
        return bounds == null ? null : new Saturation(scale, shift, bounds[0], bounds[1]);
    }

    private static Node next(Value v, GraphIndex index) {
        List<Node> consumers = index.consumers(v);
        return consumers.size() == 1 && !index.isOutput(v) ? consumers.getFirst() : null;
    }

    private static boolean scale(Node node, BatchNormalization norm, double[] scale, double[] shift) {
        double[][] of = new double[4][];
        for (int i = 0; i < of.length; i++) {
            Value v = node.input(i + 1);
            if (v == null || !v.isConstant() || v.constant().size() != scale.length) {
                return false;
            }
            of[i] = v.constant().toDoubleArray();
        }
        for (int o = 0; o < scale.length; o++) {
            scale[o] = of[0][o] / Math.sqrt(of[3][o] + norm.epsilon());
            shift[o] = of[1][o] - of[2][o] * scale[o];
        }
        return true;
    }

    private static double[] bounds(Node node) {
        return switch (node.op()) {
            case Relu _ -> new double[] {0, Double.POSITIVE_INFINITY};
            case HardSwish _ -> new double[] {-3, Double.POSITIVE_INFINITY};
            case HardSigmoid h when h.alpha() > 0 -> new double[] {-h.beta() / h.alpha(), (1 - h.beta()) / h.alpha()};
            case Clip _ ->
                new double[] {
                    bound(node.input(1), Double.NEGATIVE_INFINITY), bound(node.input(2), Double.POSITIVE_INFINITY)
                };
            default -> null;
        };
    }

    private static double bound(Value v, double absent) {
        if (v == null) {
            return absent;
        }
        Tensor t = v.constant();
        return t == null || t.size() != 1 ? absent : t.getDouble(0);
    }

    /**
     * The output that a layer should give: the wanted one, or any other that the function makes the same of.
     *
     * @param output the index of the output
     * @param wanted the output that is wanted
     * @param found the output that the layer gives
     * @return the one nearest to what it gives
     */
    double target(int output, double wanted, double found) {
        double a = scale[output];
        if (a == 0) {
            return found;
        }
        double u = a * wanted + shift[output];
        double f = a * found + shift[output];
        double target = u <= low ? Math.min(f, low) : u >= high ? Math.max(f, high) : u;
        return target == f ? found : (target - shift[output]) / a;
    }
}

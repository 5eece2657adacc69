package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Lowerings of experimental operators of the first version of the standard, which has dropped them since. */
final class ExperimentalLowerings {
    private static final int IMAGE_RANK = 4;

    private ExperimentalLowerings() {}

    private static Value number(NodeLowering node, String attribute, float standard) {
        return new OpBuilder(node).scalar(node.dtype(0), node.attributes().real(attribute, standard));
    }

    /** {@code alpha * x + beta}. */
    static List<Value> affine(NodeLowering node) {
        Value product = new OpBuilder(node).add("Mul", node.input(0), number(node, "alpha", 1));
        return node.finish("Add", Attributes.none(), product, number(node, "beta", 0));
    }

    static List<Value> scale(NodeLowering node) {
        return node.finish("Mul", Attributes.none(), node.input(0), number(node, "scale", 1));
    }

    static List<Value> parametricSoftplus(NodeLowering node) {
        return scaled(node, "Softplus");
    }

    static List<Value> scaledTanh(NodeLowering node) {
        return scaled(node, "Tanh");
    }

    /** {@code alpha * f(beta * x)}. */
    private static List<Value> scaled(NodeLowering node, String function) {
        for (String name : List.of("alpha", "beta")) {
            if (!node.attributes().has(name)) {
                throw node.error("no attribute '" + name + "'", "alpha and beta", "give both");
            }
        }
        OpBuilder ops = new OpBuilder(node);
        Value inner = ops.add(function, ops.add("Mul", node.input(0), number(node, "beta", 1)));
        return node.finish("Mul", Attributes.none(), inner, number(node, "alpha", 1));
    }

    /** {@code scale * x + bias}, with a bias for each channel. */
    static List<Value> imageScaler(NodeLowering node) {
        requireImage(node);
        Value product = new OpBuilder(node).add("Mul", node.input(0), number(node, "scale", 1));
        List<Float> bias = node.attributes().reals("bias", null);
        if (bias == null) {
            return node.finish("Identity", Attributes.none(), product);
        }
        Tensor perChannel = Tensor.allocate(node.dtype(0), bias.size(), 1, 1);
        for (int i = 0; i < bias.size(); i++) {
            perChannel.setDouble(i, bias.get(i));
        }
        long channels = new OpBuilder(node).dim(0, 1);
        if (channels >= 0 && channels != bias.size()) {
            throw node.error(bias.size() + " values in bias", channels + ", one for each channel", null);
        }
        return node.finish("Add", Attributes.none(), product, node.constant(perChannel));
    }

    private static void requireImage(NodeLowering node) {
        if (node.shape(0).hasRank() && node.shape(0).rank() != IMAGE_RANK) {
            throw node.error("input 0 has shape " + node.shape(0), "[N,C,H,W]", null);
        }
    }

    /**
     * Cuts off borders. With a scale, cuts out a window of that height and width after the upper and the left border.
     */
    static List<Value> crop(NodeLowering node) {
        requireImage(node);
        List<Long> border = node.attributes().integers("border", null);
        List<Long> scale = node.attributes().integers("scale", null);
        if (border == null
                || border.size() != IMAGE_RANK
                || !border.stream().allMatch(b -> b >= 0 && b == (int) (long) b)) {
            throw node.error("border " + border, "left, top, right and bottom, 0 to 2147483647", null);
        }
        if (scale != null && (scale.size() != 2 || !scale.stream().allMatch(s -> s >= 1 && s == (int) (long) s))) {
            throw node.error("scale " + scale, "height and width, 1 to 2147483647", null);
        }
        OpBuilder ops = new OpBuilder(node);
        long left = border.get(0);
        long top = border.get(1);
        long[] ends = scale == null
                ? new long[] {fromEnd(border.get(3)), fromEnd(border.get(2))}
                : new long[] {top + scale.get(0), left + scale.get(1)};
        for (int axis = 2; axis < IMAGE_RANK; axis++) {
            long size = ops.dim(0, axis);
            long needed =
                    scale == null ? border.get(axis == 2 ? 1 : 0) + border.get(axis == 2 ? 3 : 2) : ends[axis - 2];
            if (size >= 0 && needed > size) {
                throw node.error("input 0 has shape " + node.shape(0), needed + " and above along axis " + axis, null);
            }
        }
        return node.finish(
                "Slice",
                Attributes.none(),
                node.input(0),
                ops.integers(top, left),
                ops.integers(ends),
                ops.integers(2, 3));
    }

    private static long fromEnd(long border) {
        return border == 0 ? Long.MAX_VALUE : -border;
    }
}

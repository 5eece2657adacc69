package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * The lines of operators that were experiments in the first version of the standard and were taken out of it, but that
 * models have still and widespread runtimes take with every version.
 */
final class ExperimentalLines {
    private static final int IMAGE_RANK = 4;

    private ExperimentalLines() {}

    static void add(LineList list) {
        if (list.asks("Affine")) list.line(1, ExperimentalLines::affine);
        if (list.asks("Crop")) list.line(1, ExperimentalLines::crop);
        if (list.asks("ImageScaler")) list.line(1, ExperimentalLines::imageScaler);
        if (list.asks("ParametricSoftplus")) list.line(1, node -> scaled(node, "Softplus"));
        if (list.asks("Scale")) list.line(1, ExperimentalLines::scale);
        if (list.asks("ScaledTanh")) list.line(1, node -> scaled(node, "Tanh"));
    }

    private static Value number(NodeLowering node, String attribute, float standard) {
        return new Steps(node).scalar(node.dtype(0), node.attributes().real(attribute, standard));
    }

    /** {@code alpha * x + beta}. */
    private static List<Value> affine(NodeLowering node) {
        Value product = new Steps(node).add("Mul", node.input(0), number(node, "alpha", 1));
        return node.finish("Add", Attributes.none(), product, number(node, "beta", 0));
    }

    private static List<Value> scale(NodeLowering node) {
        return node.finish("Mul", Attributes.none(), node.input(0), number(node, "scale", 1));
    }

    /** {@code alpha * f(beta * x)}. */
    private static List<Value> scaled(NodeLowering node, String function) {
        for (String name : List.of("alpha", "beta")) {
            if (!node.attributes().has(name)) {
                throw node.error("no attribute '" + name + "'", "alpha and beta", "give both");
            }
        }
        Steps steps = new Steps(node);
        Value inner = steps.add(function, steps.add("Mul", node.input(0), number(node, "beta", 1)));
        return node.finish("Mul", Attributes.none(), inner, number(node, "alpha", 1));
    }

    /** {@code scale * x + bias}, with a bias for each channel. */
    private static List<Value> imageScaler(NodeLowering node) {
        requireImage(node);
        Value product = new Steps(node).add("Mul", node.input(0), number(node, "scale", 1));
        List<Float> bias = node.attributes().reals("bias", null);
        if (bias == null) {
            return node.finish("Identity", Attributes.none(), product);
        }
        Tensor perChannel = Tensor.allocate(node.dtype(0), bias.size(), 1, 1);
        for (int i = 0; i < bias.size(); i++) {
            perChannel.setDouble(i, bias.get(i));
        }
        long channels = new Steps(node).dim(0, 1);
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

    /** Takes borders off; or, with a scale, a window of that height and width behind the upper and the left one. */
    private static List<Value> crop(NodeLowering node) {
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
        Steps steps = new Steps(node);
        long left = border.get(0);
        long top = border.get(1);
        long[] ends = scale == null
                ? new long[] {fromEnd(border.get(3)), fromEnd(border.get(2))}
                : new long[] {top + scale.get(0), left + scale.get(1)};
        for (int axis = 2; axis < IMAGE_RANK; axis++) {
            long size = steps.dim(0, axis);
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
                steps.integers(top, left),
                steps.integers(ends),
                steps.integers(2, 3));
    }

    private static long fromEnd(long border) {
        return border == 0 ? Long.MAX_VALUE : -border;
    }
}

package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Lowerings of element-wise operators in versions that do not broadcast as NumPy does. In these versions, the second
 * operand is aligned with an axis of the first one, or the shapes must be equal.
 */
final class LegacyBroadcasting {
    private LegacyBroadcasting() {}

    /**
     * Binary operators before version 7. With {@code broadcast}, the dimensions of B are consecutive dimensions of A
     * that begin at {@code axis}, or that end with the last one if there is no axis. Dimensions of 1 are added at the
     * end of B so that NumPy's rule gives the same.
     */
    static List<Value> binary(NodeLowering node) {
        Attributes a = node.attributes();
        Value second = node.input(1);
        if (second == null) {
            throw node.error("no second operand", "two", null);
        }
        if (!a.flag("broadcast", false)) {
            return equalShapes(node);
        }
        Shape left = node.shape(0);
        Shape right = node.shape(1);
        boolean single = right.isKnown() && right.knownElements() == 1;
        if (a.has("axis") && !single) {
            requireRanks(node, "export with operator set 7 or above");
            long axis = a.integer("axis", 0);
            long from = axis < 0 ? axis + left.rank() : axis;
            if (from < 0 || from + right.rank() > left.rank()) {
                throw node.error(
                        "axis " + axis + " with shapes " + left + " and " + right,
                        "0 to " + (left.rank() - right.rank()),
                        null);
            }
            second = extended(node, second, right.rank(), (int) (left.rank() - from));
            right = node.shapeOf(second);
        }
        checkWithin(node, left, right);
        return node.finish(node.operator(), Attributes.none(), node.input(0), second);
    }

    /** PRelu before version 7. It has one slope, or one for each channel, which is the second axis of the data. */
    static List<Value> prelu(NodeLowering node) {
        Shape slope = node.shape(1);
        boolean single = slope.isKnown() && slope.knownElements() == 1;
        if (single || slope.hasRank() && slope.rank() != 1) {
            return node.finish("PRelu", Attributes.none(), node.input(0), node.input(1));
        }
        requireRanks(node, "export with operator set 7 or above");
        int wanted = Math.max(1, node.shape(0).rank() - 1);
        return node.finish("PRelu", Attributes.none(), node.input(0), extended(node, node.input(1), 1, wanted));
    }

    /** Operators whose operands must all have one shape. */
    static List<Value> equalShapes(NodeLowering node) {
        for (int i = 1; i < node.inputs().size(); i++) {
            if (certainlyDiffer(node.shape(0), node.shape(i))) {
                throw node.error(
                        "shapes " + node.shape(0) + " and " + node.shape(i) + " without broadcast",
                        "equal ones",
                        "export with operator set " + (node.inputs().size() == 2 ? 7 : 8) + " or above");
            }
        }
        return node.finish(node.op("", node.operator(), Attributes.none()), node.inputs());
    }

    private static boolean certainlyDiffer(Shape a, Shape b) {
        if (!a.hasRank() || !b.hasRank()) {
            return false;
        }
        if (a.rank() != b.rank()) {
            return true;
        }
        for (int i = 0; i < a.rank(); i++) {
            if (differ(a.dim(i), b.dim(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean differ(Dim a, Dim b) {
        return a.isKnown() && b.isKnown() && a.value() != b.value();
    }

    /** Fails if the second shape would make the result larger than the first operand. */
    private static void checkWithin(NodeLowering node, Shape left, Shape right) {
        if (!left.hasRank() || !right.hasRank()) {
            return;
        }
        boolean fits = right.rank() <= left.rank();
        for (int i = 1; fits && i <= right.rank(); i++) {
            Dim d = right.dim(right.rank() - i);
            fits = d.orElse(1) == 1 || !differ(d, left.dim(left.rank() - i));
        }
        if (!fits) {
            throw node.error(
                    "shapes " + left + " and " + right, "a second shape of consecutive dimensions of the first", null);
        }
    }

    private static void requireRanks(NodeLowering node, String cure) {
        if (!node.shape(0).hasRank() || !node.shape(1).hasRank()) {
            throw node.error("operands of unknown rank, aligned by an axis", "known ranks", cure);
        }
    }

    /** A value with dimensions of 1 after its own, up to a rank. */
    private static Value extended(NodeLowering node, Value v, int rank, int wanted) {
        if (wanted <= rank) {
            return v;
        }
        long[] axes = new long[wanted - rank];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = (long) rank + i;
        }
        return node.add("Unsqueeze", Attributes.none(), v, node.constant(Tensor.of(axes, axes.length)));
    }
}

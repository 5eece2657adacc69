package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Where;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Slice;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;

/**
 * What rules for attention ask of masks: whether they are broadcast to the scores as attention does, and whether each
 * query sees a key. In a match, the mask is bound as "mask" or, where it is true for what must not be seen, "hidden";
 * queries as "q", keys as they are multiplied as "k".
 */
final class AttentionMasks {
    /** Through how many nodes a mask is followed to the constant that it is cut out of. */
    private static final int MOST_SLICES = 4;

    private AttentionMasks() {}

    /** Scores where a mask is true, or not hidden, and a number as low as another one elsewhere. */
    static Pattern chosen(Pattern scores, double most) {
        Pattern low = constant("low", t -> Constants.isUniform(t) && Constants.number(t) <= most);
        return either(
                op(Where.class, any("mask"), scores, low).once(),
                op(Where.class, any("hidden"), low, scores).once());
    }

    /**
     * Why a query might see no key, so that the number in the place of its scores would matter; null if the mask is cut
     * out of a constant whose first column is true, along with that column.
     */
    static String chosenReason(Match m) {
        Triangle triangle = Triangle.of(m.value(m.has("hidden") ? "hidden" : "mask"));
        if (triangle != null && triangle.startsInside() && triangle.inside() == (m.has("hidden") ? 0 : 1)) {
            return null;
        }
        if (m.has("hidden")) {
            return "the mask may hide all keys";
        }
        Value mask = m.value("mask");
        for (int i = 0; i < MOST_SLICES && !mask.isConstant(); i++) {
            Node node = mask.producer();
            boolean cast = node != null && node.op() instanceof Cast;
            if (!cast && (node == null || !(node.op() instanceof Slice) || !keepsFirstColumn(node))) {
                return "the mask is not cut out of a constant";
            }
            mask = node.input(0);
        }
        DType type = mask.isConstant() ? mask.constant().dtype() : null;
        if (type == null
                || type != DType.BOOL && !type.isInteger()
                || mask.constant().rank() < 1) {
            return "the mask is not cut out of a constant";
        }
        Tensor t = mask.constant();
        long columns = t.dim(t.rank() - 1);
        for (long i = 0; i < t.size(); i += columns) {
            if (type == DType.BOOL ? !t.getBoolean(i) : t.getLong(i) == 0) {
                return "a query does not see the first key";
            }
        }
        return null;
    }

    private static boolean keepsFirstColumn(Node slice) {
        Value axes = slice.input(3);
        int rank = Shapes.rank(slice.output());
        Value steps = slice.input(4);
        if (rank < 0 || axes == null || !axes.isConstant() || steps != null && !isOnes(steps)) {
            return false;
        }
        for (long i = 0; i < axes.constant().size(); i++) {
            long axis = axes.constant().getLong(i);
            if (axis == -1 || axis == rank - 1) {
                Value starts = slice.input(1);
                return starts.isConstant() && starts.constant().getLong(i) == 0;
            }
        }
        return true;
    }

    private static boolean isOnes(Value v) {
        return v.isConstant() && Constants.isAll(v.constant(), 1);
    }

    /** Why a mask is broadcast otherwise than attention does, or null; what is not there is fine. */
    static String maskReason(Match m, String name) {
        if (!m.has(name)) {
            return null;
        }
        Shape q = AttentionOperands.shape(m, "q");
        Dim total = AttentionOperands.shape(m, "k").dim(3);
        return maskReason(m.value(name), AttentionOperands.shape(m, name), q, total);
    }

    /** Why a mask, seen under a shape, is broadcast otherwise to the scores of queries and so many keys, or null. */
    static String maskReason(Value mask, Shape shape, Shape q, Dim total) {
        String reason = maskReason(shape, q, total, 1);
        if (reason == null) {
            return null;
        }
        Triangle triangle = Triangle.of(mask);
        boolean spans = triangle != null && triangle.spans(q.dim(2), total);
        return spans ? maskReason(shape, q, total, 3) : reason;
    }

    /** As above, of the dimensions from one on, counted from the last. */
    private static String maskReason(Shape mask, Shape q, Dim total, int from) {
        if (!mask.hasRank() || mask.rank() < 1 || mask.rank() > 4) {
            return "the mask has shape " + mask;
        }
        Dim[] full = {q.dim(0), q.dim(1), q.dim(2), total};
        for (int i = from; i <= mask.rank(); i++) {
            Dim d = mask.dim(mask.rank() - i);
            boolean open = i > 1 ? d.equals(Dim.of(1)) : !d.isKnown();
            if (!open && !d.equals(full[4 - i])) {
                return "dimension " + d + " of the mask may differ from " + full[4 - i];
            }
        }
        return null;
    }

    /** Whether a mask that there is may have one column for all keys. */
    static boolean isOpen(Match m, String name) {
        if (!m.has(name)) {
            return false;
        }
        Shape q = AttentionOperands.shape(m, "q");
        return isOpen(m.value(name), q.dim(2), AttentionOperands.shape(m, "k").dim(3));
    }

    /** Whether a mask of so many queries may have one column for all of so many keys. */
    static boolean isOpen(Value mask, Dim queries, Dim total) {
        if (Shapes.of(mask).dim(-1).equals(total)) {
            return false;
        }
        Triangle triangle = Triangle.of(mask);
        return triangle == null || !triangle.spans(queries, total);
    }

    /** A mask that has a column for each key, as when it is added to scores: one column is repeated, others must fit. */
    static Value widened(Value mask, Value keys, Emitter to) {
        Value columns = to.add(new dev.tenon.op.shape.Shape(2, 3), keys);
        Value one = to.constant(Tensor.of(new long[] {1}));
        return to.add(new Expand(), mask, to.add(new Concat(0), one, columns));
    }
}

package dev.tenon.graph.rules.attention;

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
import dev.tenon.graph.rules.analysis.Shapes;
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
 * Facts about masks that rules for attention ask for: whether a mask broadcasts to the scores as attention broadcasts
 * it, and whether each query sees at least one key.
 *
 * <p>A match binds the mask as "mask", or as "hidden" if it is true for the keys that must not be seen. It binds
 * queries as "q", and keys in the layout in which they are multiplied as "k".
 */
final class AttentionMasks {
    /** The number of nodes through which a mask is followed to the constant that it is a slice of. */
    private static final int MAX_SLICES = 4;

    private static final Dim ONE = Dim.of(1);

    private AttentionMasks() {}

    /**
     * Scores that a Where keeps for the keys that are seen, with a low number for the others.
     *
     * @param scores a pattern for the scores
     * @param most the low number is at most this
     */
    static Pattern chosen(Pattern scores, double most) {
        Pattern low = constant("low", t -> Constants.isUniform(t) && Constants.number(t) <= most);
        return either(
                op(Where.class, any("mask"), scores, low).once(),
                op(Where.class, any("hidden"), low, scores).once());
    }

    /**
     * Why a query might see no key. The low number would matter then. Null if each query sees the first key: the mask
     * is causal, or is a slice of a constant whose first column is true and keeps that column.
     */
    static String chosenReason(Match m) {
        CausalMask causal = CausalMask.of(m.value(m.has("hidden") ? "hidden" : "mask"));
        if (causal != null && causal.startsInside() && causal.inside() == (m.has("hidden") ? 0 : 1)) {
            return null;
        }
        if (m.has("hidden")) {
            return "the mask may hide all keys";
        }
        Value mask = m.value("mask");
        for (int i = 0; i < MAX_SLICES && !mask.isConstant(); i++) {
            Node node = mask.producer();
            boolean cast = node != null && node.op() instanceof Cast c && c.to() == DType.BOOL;
            if (!cast && (node == null || !(node.op() instanceof Slice) || !keepsFirstColumn(node))) {
                return "the mask is not a slice of a constant";
            }
            mask = node.input(0);
        }
        DType type = mask.isConstant() ? mask.constant().dtype() : null;
        if (type == null || type != DType.BOOL && !type.isInteger()) {
            return "the mask is not a slice of a constant";
        }
        Tensor t = mask.constant();
        long columns = t.dim(t.rank() - 1);
        for (long i = 0; i < t.size(); i += columns) {
            if (!t.getBoolean(i)) {
                return "a query does not see the first key";
            }
        }
        return null;
    }

    private static boolean keepsFirstColumn(Node slice) {
        Value axes = slice.input(3);
        int rank = Shapes.rank(slice.output());
        Value steps = slice.input(4);
        if (axes == null || !axes.isConstant() || steps != null && !isOnes(steps)) {
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

    /** Why attention would broadcast a mask differently, or null. A mask that is absent is fine. */
    static String maskReason(Match m, String name) {
        if (!m.has(name)) {
            return null;
        }
        Shape q = AttentionBindings.shape(m, "q");
        Dim total = AttentionBindings.shape(m, "k").dim(3);
        return maskReason(m.value(name), AttentionBindings.shape(m, name), q, total);
    }

    /**
     * Why attention would broadcast a mask differently, or null.
     *
     * @param mask the mask
     * @param shape its shape with heads
     * @param q the shape of the queries
     * @param total the number of keys
     */
    static String maskReason(Value mask, Shape shape, Shape q, Dim total) {
        String reason = maskReason(shape, q, total, 1);
        if (reason == null) {
            return null;
        }
        CausalMask causal = CausalMask.of(mask);
        boolean spans = causal != null && causal.spans(q.dim(2), total);
        return spans ? maskReason(shape, q, total, 3) : reason;
    }

    /** As above, for the dimensions from one on, counted from the last. */
    private static String maskReason(Shape mask, Shape q, Dim total, int from) {
        if (!mask.hasRank() || mask.rank() < 1 || mask.rank() > 4) {
            return "the mask has shape " + mask;
        }
        Dim[] full = {q.dim(0), q.dim(1), q.dim(2), total};
        for (int i = from; i <= mask.rank(); i++) {
            Dim d = mask.dim(mask.rank() - i);
            // Scores of a single key may get the columns of the mask, for as many values.
            boolean open = i > 1 ? d.equals(ONE) : !d.isKnown() && !total.equals(ONE);
            if (!open && !d.equals(full[4 - i])) {
                return "dimension " + d + " of the mask may differ from " + full[4 - i];
            }
        }
        return null;
    }

    /** Whether a mask is there and may have one column for all keys. */
    static boolean isOpen(Match m, String name) {
        if (!m.has(name)) {
            return false;
        }
        Shape q = AttentionBindings.shape(m, "q");
        return isOpen(m.value(name), q.dim(2), AttentionBindings.shape(m, "k").dim(3));
    }

    /** Whether a mask for some numbers of queries and keys may have one column for all keys. */
    static boolean isOpen(Value mask, Dim queries, Dim total) {
        if (Shapes.of(mask).dim(-1).equals(total)) {
            return false;
        }
        CausalMask causal = CausalMask.of(mask);
        return causal == null || !causal.spans(queries, total);
    }

    /** A mask with a column for each key: one column for all keys is repeated, more columns stay as they are. */
    static Value widened(Value mask, Value keys, Emitter to) {
        Value columns = to.add(new dev.tenon.op.shape.Shape(2, 3), keys);
        Value one = to.constant(Tensor.of(new long[] {1}));
        return to.add(new Expand(), mask, to.add(new Concat(0), one, columns));
    }
}

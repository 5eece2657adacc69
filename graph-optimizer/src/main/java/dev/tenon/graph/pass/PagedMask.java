package dev.tenon.graph.pass;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.Sub;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Range;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;

/**
 * The mask of a causal attention in a decoder, in the terms of pages.
 *
 * @param window how many positions a token sees, its own included; 0 for all that are not after it
 * @param reason why pages do not stand for the mask; null if they do
 */
record PagedMask(long window, String reason) {
    private static final PagedMask ALL = new PagedMask(0, null);
    private static final String MASK = "attention_mask";
    private static final String IDS = "input_ids";

    /** The most nodes that a mask is followed through: those of And join two masks each. */
    private static final int MAX_DEPTH = 8;

    /**
     * Recognises a mask: attention_mask as booleans with further dimensions before its last one, repeated or not, {@code query - key < window} for positions that count
     * from the first key, or both of such masks.
     *
     * @param mask the mask, null for none
     */
    static PagedMask of(Value mask) {
        return of(mask, MAX_DEPTH);
    }

    private static PagedMask of(Value mask, int depth) {
        if (mask == null || isInput(mask, MASK)) {
            return mask == null || mask.tensorType().dtype() == DType.BOOL ? ALL : refused(mask);
        }
        Node node = mask.producer();
        if (node == null || depth == 0) {
            return refused(mask);
        }
        return switch (node.op()) {
            case Unsqueeze u -> {
                PagedMask inner = of(node.input(0), depth - 1);
                // A window is a matrix of queries and keys; attention_mask has keys alone.
                int last = inner.window == 0 ? 1 : 2;
                yield inner.reason != null || isBefore(node, last) ? inner : refused(mask);
            }
            case Expand e -> of(node.input(0), depth - 1);
            case Cast c when c.to() == DType.BOOL && isInput(node.input(0), MASK) -> ALL;
            case And a -> {
                PagedMask x = of(node.input(0), depth - 1);
                PagedMask y = of(node.input(1), depth - 1);
                if (x.reason != null || y.reason != null) {
                    yield x.reason != null ? x : y;
                }
                yield new PagedMask(narrower(x.window, y.window), null);
            }
            case Less l -> {
                long window = number(node.input(1));
                yield window > 0 && isDistance(node.input(0)) ? new PagedMask(window, null) : refused(mask);
            }
            default -> refused(mask);
        };
    }

    /** Whether an Unsqueeze leaves the last dimensions where they are: the last one is that of keys. */
    private static boolean isBefore(Node unsqueeze, int last) {
        Tensor axes = unsqueeze.input(1).constant();
        TensorType result = unsqueeze.output().tensorType();
        if (axes == null || !result.shape().hasRank()) {
            return false;
        }
        int rank = result.shape().rank();
        for (long i = 0; i < axes.size(); i++) {
            long axis = axes.getLong(i);
            if ((axis < 0 ? axis + rank : axis) >= rank - last) {
                return false;
            }
        }
        return true;
    }

    private static PagedMask refused(Value mask) {
        return new PagedMask(
                0, "its mask '" + mask.name() + "' is neither attention_mask nor a window before the token");
    }

    /** The narrower of two windows; 0 is the widest. */
    static long narrower(long x, long y) {
        return x == 0 || y == 0 ? Math.max(x, y) : Math.min(x, y);
    }

    /** Whether a value is the input of a name. */
    static boolean isInput(Value v, String name) {
        return v.producer() == null && !v.isConstant() && v.name().equals(name);
    }

    /** The value of a constant of one element; -1 if it is none. */
    private static long number(Value v) {
        Tensor t = v.constant();
        return t != null && t.size() == 1 && t.dtype() == DType.INT64 ? t.getLong(0) : -1;
    }

    /** {@return whether a value is a row of positions of keys, subtracted from a column of positions of queries} */
    private static boolean isDistance(Value v) {
        if (v.producer() == null || !(v.producer().op() instanceof Sub)) {
            return false;
        }
        Node column = v.producer().input(0).producer();
        Node keys = v.producer().input(1).producer();
        if (column == null || !(column.op() instanceof Unsqueeze) || number(column.input(1)) != 1) {
            return false;
        }
        Node queries = column.input(0).producer();
        if (keys == null || queries == null || !(keys.op() instanceof Range) || !(queries.op() instanceof Range)) {
            return false;
        }
        Node past = queries.input(0).producer();
        return number(keys.input(0)) == 0
                && isLength(keys.input(1), MASK)
                && number(keys.input(2)) == 1
                && past != null
                && past.op() instanceof Sub
                && isLength(past.input(0), MASK)
                && isLength(past.input(1), IDS)
                && isLength(queries.input(1), MASK)
                && number(queries.input(2)) == 1;
    }

    /** Whether a value is the second dimension of an input. */
    private static boolean isLength(Value v, String input) {
        Node gather = v.producer();
        if (gather == null || !(gather.op() instanceof Gather) || number(gather.input(1)) != 1) {
            return false;
        }
        Node shape = gather.input(0).producer();
        return shape != null && shape.op() instanceof Shape s && s.start() == 0 && isInput(shape.input(0), input);
    }
}

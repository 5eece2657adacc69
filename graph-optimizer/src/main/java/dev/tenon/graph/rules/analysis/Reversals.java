package dev.tenon.graph.rules.analysis;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.shape.ReverseSequence;
import dev.tenon.op.shape.Slice;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Values whose elements along an axis are in the reverse order of those of another value. */
public final class Reversals {
    private Reversals() {}

    /**
     * The axis that a node reverses.
     *
     * @param node a node of Slice or ReverseSequence
     * @return the axis whose elements the node puts in the reverse order; -1 if it does not reverse a whole axis, or
     *     does more than that
     */
    public static int axis(Node node) {
        if (node.op() instanceof ReverseSequence r) {
            return isWhole(node, r) ? r.timeAxis() : -1;
        }
        Long start = number(node, 1);
        Long end = number(node, 2);
        Long given = node.input(3) == null ? Long.valueOf(0) : number(node, 3);
        Long step = number(node, 4);
        Shape shape = Shapes.of(node.input(0));
        if (start == null || end == null || given == null || step == null || step != -1 || !shape.hasRank()) {
            return -1;
        }
        int axis = (int) (given < 0 ? given + shape.rank() : given);
        Dim dim = shape.dim(axis);
        long length = dim.isKnown() ? dim.value() : Integer.MAX_VALUE;
        return (start == -1 || start >= length - 1) && end < -length ? axis : -1;
    }

    /** An operand that is a constant of one number, or null. */
    private static Long number(Node slice, int operand) {
        Value v = slice.input(operand);
        return v != null && v.isConstant() && v.constant().size() == 1
                ? Long.valueOf(v.constant().getLong(0))
                : null;
    }

    /** Whether all lengths are the size of the axis. */
    private static boolean isWhole(Node node, ReverseSequence op) {
        Shape shape = Shapes.of(node.input(0));
        Value lengths = node.input(1);
        if (!shape.hasRank()) {
            return false;
        }
        Dim steps = shape.dim(op.timeAxis());
        if (lengths.isConstant()) {
            Tensor t = lengths.constant();
            boolean all = steps.isKnown();
            for (long i = 0; all && i < t.size(); i++) {
                all = t.getLong(i) == steps.value();
            }
            return all;
        }
        List<Dim> numbers = lengths.symbolic();
        return numbers != null && numbers.stream().allMatch(steps::equals);
    }

    /**
     * The value that another one reverses.
     *
     * @param v a value
     * @param axis an axis, in [0, rank - 1]
     * @return the value whose elements along the axis the given one has in the reverse order, or null if there is none
     */
    public static Value source(Value v, int axis) {
        Node node = v.producer();
        boolean reverses = node != null && (node.op() instanceof Slice || node.op() instanceof ReverseSequence);
        return reverses && axis(node) == axis ? node.input(0) : null;
    }

    /**
     * Reverses an axis.
     *
     * @param v a value
     * @param axis an axis, in [0, rank - 1]
     * @param to where nodes are added
     * @return the value with its elements along the axis in the reverse order
     */
    public static Value reversed(Value v, int axis, Emitter to) {
        Value back = vector(to, -1);
        return to.add(new Slice(), v, back, vector(to, Long.MIN_VALUE), vector(to, axis), back);
    }

    private static Value vector(Emitter to, long number) {
        return to.constant(Tensor.of(new long[] {number}));
    }
}

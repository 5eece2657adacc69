package dev.tenon.graph.rules;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.shape.ReverseSequence;
import dev.tenon.op.shape.Slice;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Which values have all elements of an axis in the reverse order. */
final class Reversals {
    private Reversals() {}

    /** The axis along which a node has its input in the reverse order and changes nothing else, or -1. */
    static int axis(Node node) {
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

    /** An operand that is one number, or null. */
    private static Long number(Node slice, int operand) {
        Value v = slice.input(operand);
        return v != null && v.isConstant() && v.constant().size() == 1
                ? Long.valueOf(v.constant().getLong(0))
                : null;
    }

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

    /** What a value has in the reverse order along an axis, or null. */
    static Value source(Value v, int axis) {
        Node node = v.producer();
        boolean reverses = node != null && (node.op() instanceof Slice || node.op() instanceof ReverseSequence);
        return reverses && axis(node) == axis ? node.input(0) : null;
    }

    /** A value in the reverse order along an axis. */
    static Value reversed(Value v, int axis, Emitter to) {
        Value back = vector(to, -1);
        return to.add(new Slice(), v, back, vector(to, Long.MIN_VALUE), vector(to, axis), back);
    }

    private static Value vector(Emitter to, long number) {
        return to.constant(Tensor.of(new long[] {number}));
    }
}

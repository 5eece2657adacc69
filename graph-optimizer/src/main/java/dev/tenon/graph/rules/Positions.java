package dev.tenon.graph.rules;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Sub;
import dev.tenon.op.shape.Range;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.EnumSet;
import java.util.Set;

/**
 * Numbers that count by one along one of the last two axes of a value, as exporters number queries and keys.
 *
 * @param first the first of them
 * @param alongRows whether they count along the last axis but one
 */
record Positions(Dim first, boolean alongRows) {
    /** Where positions begin at most: single precision holds integers as large as this one. */
    private static final long MOST = 1 << 24;

    /** Types that hold positions; sequences are shorter than what the narrowest of them can count. */
    private static final Set<DType> TYPES = EnumSet.of(DType.INT32, DType.INT64, DType.FLOAT32, DType.FLOAT64);

    private static final Dim ONE = Dim.of(1);

    /** What a value counts along an axis, all other dimensions being 1; null if it does not, or is not known to. */
    static Positions of(Value v, Triangle.Budget budget) {
        if (v == null || !budget.allows() || Shapes.rank(v) < 1) {
            return null;
        }
        Shape shape = Shapes.of(v);
        for (int i = 1; i <= shape.rank(); i++) {
            boolean open = i == 1 || i == 2 && shape.dim(-1).equals(ONE);
            if (!open && !shape.dim(-i).equals(ONE)) {
                return null;
            }
        }
        Dim offset = counted(v, budget);
        boolean alongRows = shape.rank() > 1 && shape.dim(-1).equals(ONE);
        return offset == null ? null : new Positions(offset, alongRows);
    }

    /** The first of numbers that count by one, in whatever shape; null where a type might not hold them. */
    private static Dim counted(Value v, Triangle.Budget budget) {
        if (v == null || !budget.allows()) {
            return null;
        }
        boolean constant = v.isConstant();
        if (!constant && (v.producer() == null || !TYPES.contains(v.tensorType().dtype()))) {
            return null;
        }
        Dim first = constant ? counted(v.constant()) : counted(v.producer(), budget);
        return first != null && first.isKnown() && Math.abs(first.value()) > MOST ? null : first;
    }

    private static Dim counted(Node node, Triangle.Budget budget) {
        Op op = node.op();
        if (op instanceof Range) {
            Dim step = single(node.input(2));
            return ONE.equals(step) ? single(node.input(0)) : null;
        }
        if (op instanceof Cast || Triangle.isView(op)) {
            return counted(node.input(0), budget);
        }
        if (op instanceof Add || op instanceof Sub) {
            Dim by = single(node.input(1));
            Dim from = by == null ? null : counted(node.input(0), budget);
            if (from != null) {
                return op instanceof Add ? from.plus(by) : from.minus(by);
            }
            by = op instanceof Add ? single(node.input(0)) : null;
            from = by == null ? null : counted(node.input(1), budget);
            return from == null ? null : from.plus(by);
        }
        return null;
    }

    private static Dim counted(Tensor t) {
        if (t.size() < 2 || !t.dtype().isInteger() && t.dtype() != DType.FLOAT32) {
            return null;
        }
        double first = t.getDouble(0);
        for (long i = 0; i < t.size(); i++) {
            if (t.getDouble(i) != first + i) {
                return null;
            }
        }
        return isPosition(first) ? Dim.of((long) first) : null;
    }

    /** The one integer that a value holds, or null. */
    static Dim single(Value v) {
        if (v == null) {
            return null;
        }
        if (v.symbolic() != null && v.symbolic().size() == 1) {
            return v.symbolic().getFirst();
        }
        boolean one = v.isConstant()
                && v.constant().size() == 1
                && (v.constant().dtype().isInteger() || v.constant().dtype() == DType.FLOAT32);
        double number = one ? v.constant().getDouble(0) : 0.5;
        return isPosition(number) ? Dim.of((long) number) : null;
    }

    private static boolean isPosition(double number) {
        return number == Math.rint(number) && Math.abs(number) <= MOST;
    }
}

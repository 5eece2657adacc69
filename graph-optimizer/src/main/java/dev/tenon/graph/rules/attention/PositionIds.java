package dev.tenon.graph.rules.attention;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rules.analysis.Shapes;
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
 * The numbers of positions in a value, such as exporters compute for queries and keys. They increase by one along one
 * of the last two axes.
 *
 * @param first the first number
 * @param alongRows whether they increase along the last axis but one
 */
record PositionIds(Dim first, boolean alongRows) {
    /** The largest absolute value of a first position: float32 holds every integer up to it. */
    private static final long MOST = 1 << 24;

    /** Types that hold positions. Sequences are shorter than the greatest integer of the narrowest type. */
    private static final Set<DType> TYPES = EnumSet.of(DType.INT32, DType.INT64, DType.FLOAT32, DType.FLOAT64);

    private static final Dim ONE = Dim.of(1);

    /** The positions in a value whose other dimensions are 1; null if it is not known to hold positions. */
    static PositionIds of(Value v, CausalMask.Budget budget) {
        if (!budget.allows() || Shapes.rank(v) < 1) {
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
        return offset == null ? null : new PositionIds(offset, alongRows);
    }

    /** The first of numbers that increase by one, in any shape; null if they do not, or a type might not hold them. */
    private static Dim counted(Value v, CausalMask.Budget budget) {
        if (!budget.allows()) {
            return null;
        }
        boolean constant = v.isConstant();
        if (!constant && (v.producer() == null || !TYPES.contains(v.tensorType().dtype()))) {
            return null;
        }
        Dim first = constant ? counted(v.constant()) : counted(v.producer(), budget);
        return first != null && first.isKnown() && Math.abs(first.value()) > MOST ? null : first;
    }

    private static Dim counted(Node node, CausalMask.Budget budget) {
        Op op = node.op();
        if (op instanceof Range) {
            Dim step = single(node.input(2));
            return ONE.equals(step) ? single(node.input(0)) : null;
        }
        if (op instanceof Cast || CausalMask.isView(op)) {
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

    /** The only element of a value, an integer; null if it is not known. */
    static Dim single(Value v) {
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

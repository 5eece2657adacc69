package dev.tenon.graph.rules.attention;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.GreaterOrEqual;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.LessOrEqual;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Not;
import dev.tenon.op.math.Or;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.shape.ConstantOfShape;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Trilu;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.DoubleBinaryOperator;

/**
 * A mask that an exporter computes: equal matrices whose element in row i and column j is one number where {@code j - i
 * <= diagonal}, and another number elsewhere. Booleans are 1 and 0.
 *
 * @param inside the number on the diagonal and left of it
 * @param outside the number right of the diagonal
 * @param diagonal the column of the diagonal in the first row; null if both numbers are the same
 * @param rows the number of rows; null if there may be any number. Where a table may be too small for a slice of it,
 *     the number that fits the scores, since attention fails for others
 * @param columns the number of columns, as for rows
 */
record CausalMask(double inside, double outside, Dim diagonal, Dim rows, Dim columns) {
    private static final int MAX_STEPS = 100;
    /** Constants of at least this many elements are read once and remembered. */
    private static final long LARGE = 1 << 12;
    /** A double holds every integer up to this one. */
    private static final double MAX_INTEGER = 1L << 53;

    /** Floating types with infinities, which numbers out of their range become. */
    private static final Set<DType> WIDE = EnumSet.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64);
    /**
     * The masks that large constants are, as long as they are in use. Many attentions share a mask and ask for it
     * often.
     */
    private static final Map<Tensor, Optional<CausalMask>> TABLES = new WeakHashMap<>();

    private static final Dim ZERO = Dim.of(0);
    private static final Dim ONE = Dim.of(1);

    /** The number of nodes that may still be looked at. */
    static final class Budget {
        private int left = MAX_STEPS;

        boolean allows() {
            return left-- > 0;
        }
    }

    /**
     * The mask that a value is.
     *
     * @return null if the value is not known to be such a mask
     */
    static CausalMask of(Value v) {
        try {
            return of(v, new Budget());
        } catch (ResourceLimitException | InvalidTensorException e) {
            // The expression of the diagonal has become too large.
            return null;
        }
    }

    /** Whether the mask fits scores of these numbers of queries and keys. */
    boolean spans(Dim queries, Dim keys) {
        boolean whole = diagonal != null
                && (diagonal.equals(ZERO) || diagonal.plus(rows).equals(columns));
        return whole && rows.equals(queries) && columns.equals(keys);
    }

    /** Whether the first element of each row is inside. */
    boolean startsInside() {
        return diagonal != null && isAtMost(ZERO, diagonal);
    }

    /** Whether the mask is the same number everywhere. */
    boolean isUniform() {
        return diagonal == null;
    }

    private static CausalMask uniform(double number) {
        return new CausalMask(number, number, null, null, null);
    }

    private static CausalMask of(Value v, Budget budget) {
        if (v == null || !budget.allows() || Shapes.rank(v) < 0) {
            return null;
        }
        if (v.isConstant()) {
            return table(v.constant());
        }
        Node node = v.producer();
        if (node == null) {
            return null;
        }
        Op op = node.op();
        if (op instanceof ConstantOfShape c) {
            return c.value() == null ? uniform(0) : uniform(c.value().getDouble(0));
        }
        if (op instanceof Trilu t) {
            return trilu(t, node, budget);
        }
        if (op instanceof Slice) {
            return slice(node, of(node.input(0), budget));
        }
        if (op instanceof Where) {
            return where(of(node.input(0), budget), of(node.input(1), budget), of(node.input(2), budget), node);
        }
        if (op instanceof Cast || op instanceof Not) {
            CausalMask t = of(node.input(0), budget);
            return t == null ? null : op instanceof Cast c ? t.as(c.to()) : t.map(a -> a == 0 ? 1 : 0);
        }
        if (isView(op) || op instanceof Expand) {
            CausalMask t = of(node.input(0), budget);
            return t != null && (t.isUniform() || keepsMatrices(node)) ? t : null;
        }
        return binary(node, budget);
    }

    private static CausalMask binary(Node node, Budget budget) {
        CausalMask compared = compared(node, budget);
        if (compared != null) {
            return compared;
        }
        DoubleBinaryOperator f = function(node.op());
        CausalMask a = f == null ? null : of(node.input(0), budget);
        CausalMask b = a == null ? null : of(node.input(1), budget);
        if (b == null || !fills(a, node.input(0), node) || !fills(b, node.input(1), node)) {
            return null;
        }
        CausalMask both = join(a, b, f);
        return both == null ? null : both.as(node.output().tensorType().dtype());
    }

    private static DoubleBinaryOperator function(Op op) {
        return switch (op) {
            case Add add -> Double::sum;
            case Sub sub -> (a, b) -> a - b;
            case Mul mul -> (a, b) -> a * b;
            case And and -> (a, b) -> a != 0 && b != 0 ? 1 : 0;
            case Or or -> (a, b) -> a != 0 || b != 0 ? 1 : 0;
            case Equal equal -> (a, b) -> a == b ? 1 : 0;
            case Less less -> (a, b) -> a < b ? 1 : 0;
            case LessOrEqual less -> (a, b) -> a <= b ? 1 : 0;
            case Greater greater -> (a, b) -> a > b ? 1 : 0;
            case GreaterOrEqual greater -> (a, b) -> a >= b ? 1 : 0;
            default -> null;
        };
    }

    /** PositionIds of keys compared with those of queries. */
    private static CausalMask compared(Node node, Budget budget) {
        Op op = node.op();
        boolean strict = op instanceof Less || op instanceof Greater;
        if (!strict && !(op instanceof LessOrEqual) && !(op instanceof GreaterOrEqual)) {
            return null;
        }
        boolean less = op instanceof Less || op instanceof LessOrEqual;
        PositionIds small = PositionIds.of(node.input(less ? 0 : 1), budget);
        PositionIds large = small == null ? null : PositionIds.of(node.input(less ? 1 : 0), budget);
        if (large == null || small.alongRows() == large.alongRows()) {
            return null;
        }
        Shape shape = Shapes.of(node.output());
        Dim rows = shape.dim(-2);
        Dim columns = shape.dim(-1);
        if (!small.alongRows()) {
            // j + a <= i + b is j - i <= b - a. For integers, a strict comparison takes one less.
            Dim most = large.first().minus(small.first());
            return new CausalMask(1, 0, strict ? most.minus(ONE) : most, rows, columns);
        }
        // i + a <= j + b is not j - i <= a - b - 1.
        Dim most = small.first().minus(large.first());
        return new CausalMask(0, 1, strict ? most : most.minus(ONE), rows, columns);
    }

    /** A constant as {@link #read} finds it. A large constant is read once. */
    private static CausalMask table(Tensor t) {
        if (t.size() < LARGE) {
            return read(t);
        }
        synchronized (TABLES) {
            Optional<CausalMask> known = TABLES.get(t);
            if (known == null) {
                known = Optional.ofNullable(read(t));
                TABLES.put(t, known);
            }
            return known.orElse(null);
        }
    }

    private static CausalMask read(Tensor t) {
        DType type = t.dtype();
        boolean real = type == DType.BOOL || type.isFloating() || type.isInteger();
        if (!real || t.size() == 0 || type.isSubByte()) {
            return null;
        }
        double inside = t.getDouble(0);
        if (type.isInteger() && Math.abs(inside) > MAX_INTEGER) {
            return null;
        }
        if (t.size() == 1) {
            return uniform(inside);
        }
        int rank = t.rank();
        long columns = t.dim(rank - 1);
        long rows = rank > 1 ? t.dim(rank - 2) : 1;
        // The last element of the first row is outside, or all elements are the same.
        double outside = t.getDouble(columns - 1);
        if (type.isInteger() && Math.abs(outside) > MAX_INTEGER) {
            return null;
        }
        long diagonal = columns - 1;
        while (outside != inside && t.getDouble(diagonal) == outside) {
            diagonal--;
        }
        boolean uniform = outside == inside;
        for (long row = 0; row < t.size() / columns; row++) {
            long most = row % rows + diagonal;
            for (long j = 0; j < columns; j++) {
                if (t.getDouble(row * columns + j) != (j <= most ? inside : outside)) {
                    return null;
                }
            }
        }
        if (uniform) {
            return uniform(inside);
        }
        boolean one = rows > 1 && t.size() == rows * columns;
        return one ? new CausalMask(inside, outside, Dim.of(diagonal), Dim.of(rows), Dim.of(columns)) : null;
    }

    private static CausalMask trilu(Trilu op, Node node, Budget budget) {
        CausalMask of = of(node.input(0), budget);
        Dim k = node.input(1) == null ? ZERO : PositionIds.single(node.input(1));
        if (of == null || k == null) {
            return null;
        }
        Shape shape = Shapes.of(node.output());
        CausalMask kept = new CausalMask(
                op.upper() ? 0 : 1, op.upper() ? 1 : 0, op.upper() ? k.minus(ONE) : k, shape.dim(-2), shape.dim(-1));
        return join(of, kept, (a, b) -> b == 0 ? 0 : a);
    }

    /** The mask as a type; null if the type can't hold its numbers. */
    private CausalMask as(DType type) {
        double in = held(inside, type);
        double out = held(outside, type);
        return Double.isNaN(in) || Double.isNaN(out)
                ? null
                : new CausalMask(in, out, diagonal, rows, columns).simplified();
    }

    /**
     * A number as an element of a type; NaN where the type has another finite number in its place, or it is not known.
     */
    private static double held(double number, DType type) {
        if (type == DType.BOOL) {
            return number == 0 ? 0 : 1;
        }
        if (WIDE.contains(type)) {
            double rounded = Tensor.convert(type, new double[] {number}).getDouble(0);
            boolean holds = type == DType.FLOAT32 || rounded == number || Double.isInfinite(rounded);
            return holds ? rounded : Double.NaN;
        }
        boolean inRange = type.isInteger()
                && number == Math.rint(number)
                && Math.abs(number) <= MAX_INTEGER
                && number >= type.minInteger()
                && (type == DType.UINT64 || number <= type.maxInteger());
        return inRange ? number : Double.NaN;
    }

    private interface Mapping {
        double of(double number);
    }

    private CausalMask map(Mapping f) {
        return new CausalMask(f.of(inside), f.of(outside), diagonal, rows, columns).simplified();
    }

    private CausalMask simplified() {
        return inside == outside ? uniform(inside) : this;
    }

    private static CausalMask where(CausalMask condition, CausalMask x, CausalMask y, Node node) {
        // NaN marks the elements that come from the other operand.
        boolean known = condition != null && x != null && y != null;
        if (!known || Double.isNaN(x.inside)) {
            return null;
        }
        boolean fill =
                fills(condition, node.input(0), node) && fills(x, node.input(1), node) && fills(y, node.input(2), node);
        if (!fill) {
            return null;
        }
        CausalMask kept = join(condition, x, (c, a) -> c == 0 ? Double.NaN : a);
        return kept == null ? null : join(kept, y, (a, b) -> Double.isNaN(a) ? b : a);
    }

    /** Two masks combined element by element; null if the result may have more than two numbers. */
    private static CausalMask join(CausalMask a, CausalMask b, DoubleBinaryOperator f) {
        CausalMask shaped = a.isUniform() ? b : a;
        if (!a.isUniform() && !b.isUniform()) {
            if (!a.rows.equals(b.rows) || !a.columns.equals(b.columns)) {
                return null;
            }
            if (!a.diagonal.equals(b.diagonal)) {
                return joinApart(a, b, f);
            }
        }
        double inside = f.applyAsDouble(a.inside, b.inside);
        double outside = f.applyAsDouble(a.outside, b.outside);
        return new CausalMask(inside, outside, shaped.diagonal, shaped.rows, shaped.columns).simplified();
    }

    /** Two masks with different diagonals combined. There may be a third number between the diagonals. */
    private static CausalMask joinApart(CausalMask a, CausalMask b, DoubleBinaryOperator f) {
        boolean first = isAtMost(a.diagonal, b.diagonal);
        if (!first && !isAtMost(b.diagonal, a.diagonal)) {
            return null;
        }
        double left = f.applyAsDouble(a.inside, b.inside);
        double between = first ? f.applyAsDouble(a.outside, b.inside) : f.applyAsDouble(a.inside, b.outside);
        double right = f.applyAsDouble(a.outside, b.outside);
        if (left != between && between != right) {
            return null;
        }
        Dim lower = first ? a.diagonal : b.diagonal;
        Dim upper = first ? b.diagonal : a.diagonal;
        return new CausalMask(left, right, left == between ? upper : lower, a.rows, a.columns).simplified();
    }

    private static boolean isAtMost(Dim a, Dim b) {
        Dim difference = b.minus(a);
        return difference.max(ZERO).equals(difference);
    }

    /** Whether an operator gives a value another shape. */
    static boolean isView(Op op) {
        return op instanceof Reshape || op instanceof Unsqueeze || op instanceof Squeeze;
    }

    /** Whether a node keeps the last two dimensions. */
    private static boolean keepsMatrices(Node node) {
        Shape from = Shapes.of(node.input(0));
        Shape to = Shapes.of(node.output());
        return to.rank() > 1 && from.dim(-1).equals(to.dim(-1)) && from.dim(-2).equals(to.dim(-2));
    }

    /** Whether an operand is uniform, or is not broadcast along the axes of its matrices. */
    private static boolean fills(CausalMask t, Value v, Node node) {
        Shape from = Shapes.of(v);
        Shape to = Shapes.of(node.output());
        return t.isUniform() || from.dim(-1).equals(to.dim(-1)) && from.dim(-2).equals(to.dim(-2));
    }

    private static CausalMask slice(Node node, CausalMask of) {
        if (of == null || of.isUniform()) {
            return of;
        }
        List<Dim> starts = dims(node.input(1));
        List<Dim> ends = dims(node.input(2));
        Value axes = node.input(3);
        Value strides = node.input(4);
        boolean forward = strides == null || strides.isConstant() && Constants.isAll(strides.constant(), 1);
        if (starts == null || ends == null || axes == null || !axes.isConstant() || !forward) {
            return null;
        }
        int rank = Shapes.rank(node.output());
        CausalMask t = of;
        for (int i = 0; i < starts.size() && t != null; i++) {
            long axis = axes.constant().getLong(i);
            t = t.cut((int) (axis < 0 ? axis : axis - rank), starts.get(i), ends.get(i));
        }
        return t;
    }

    private static List<Dim> dims(Value v) {
        if (v.symbolic() != null) {
            return v.symbolic();
        }
        if (!v.isConstant()) {
            return null;
        }
        return Arrays.stream(v.constant().toLongArray()).mapToObj(Dim::of).toList();
    }

    /**
     * A slice of the rows or columns.
     *
     * <p>A constant table may be too small for the slice, which is then cut off. This is accepted where scores as wide
     * as the slice would not fit the smaller table, so that attention fails: the columns start at the first one, there
     * are at least two, and the rows end where the columns do.
     */
    private CausalMask cut(int axis, Dim start, Dim end) {
        if (axis < -2) {
            return this;
        }
        Dim length = axis == -1 ? columns : rows;
        boolean open = end.isKnown() && end.value() >= Integer.MAX_VALUE;
        Dim last = open ? length : end;
        if (!isAtMost(ZERO, start) || !isAtMost(start, last)) {
            return null;
        }
        if (!isAtMost(last, length)) {
            boolean table = columns.orElse(0) > 1;
            boolean fits = axis == -1 ? start.equals(ZERO) : rows.equals(columns) && diagonal.equals(ZERO);
            if (!table || !fits) {
                return null;
            }
        }
        Dim left = last.minus(start);
        return axis == -1
                ? new CausalMask(inside, outside, diagonal.minus(start), rows, left)
                : new CausalMask(inside, outside, diagonal.plus(start), left, columns);
    }
}

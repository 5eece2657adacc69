package dev.tenon.graph.rules;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
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
 * What is known of a mask that an exporter computes: matrices, all alike, whose element in row i and column j is one
 * number where {@code j - i <= diagonal} and another one elsewhere. Truths are 1 and 0.
 *
 * @param inside the number on the diagonal and left of it
 * @param outside the number right of the diagonal
 * @param diagonal how far the diagonal lies to the right of the first element; null if both numbers are the same
 * @param rows how many rows there are, unless a table is too small, which no scores fit; null if any number
 * @param columns how many columns there are, likewise
 */
record Triangle(double inside, double outside, Dim diagonal, Dim rows, Dim columns) {
    private static final int MOST_STEPS = 100;
    /** How many elements a constant has at least that is read once. */
    private static final long LARGE = 1 << 12;
    /** Integers up to here are doubles. */
    private static final double MOST_INTEGER = 1L << 53;

    /** Floating types with infinities, which take what is out of their range. */
    private static final Set<DType> WIDE = EnumSet.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64);
    /** What large constants are, as long as they are in use: many attentions share one, and ask in each sweep. */
    private static final Map<Tensor, Optional<Triangle>> TABLES = new WeakHashMap<>();

    private static final Dim ZERO = Dim.of(0);
    private static final Dim ONE = Dim.of(1);

    /** How many more nodes may be looked at. */
    static final class Budget {
        private int left = MOST_STEPS;

        boolean allows() {
            return left-- > 0;
        }
    }

    /**
     * What is known of a value.
     *
     * @return null if it is no such mask, or not known to be one
     */
    static Triangle of(Value v) {
        try {
            return of(v, new Budget());
        } catch (ResourceLimitException | InvalidTensorException e) {
            // The diagonal has outgrown what an expression may be.
            return null;
        }
    }

    /** Whether such a mask fits scores of so many queries and keys, if anything does. */
    boolean spans(Dim queries, Dim keys) {
        boolean whole = diagonal != null
                && (diagonal.equals(ZERO) || diagonal.plus(rows).equals(columns));
        return whole && rows.equals(queries) && columns.equals(keys);
    }

    /** Whether each row has an element inside, its first one. */
    boolean startsInside() {
        return diagonal != null && isAtMost(ZERO, diagonal);
    }

    /** Whether a mask is the same number everywhere. */
    boolean isUniform() {
        return diagonal == null;
    }

    private static Triangle uniform(double number) {
        return new Triangle(number, number, null, null, null);
    }

    private static Triangle of(Value v, Budget budget) {
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
            return c.value() == null ? uniform(0) : uniform(number(c.value(), 0));
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
            Triangle t = of(node.input(0), budget);
            return t == null ? null : op instanceof Cast c ? t.as(c.to()) : t.map(a -> a == 0 ? 1 : 0);
        }
        if (isView(op) || op instanceof Expand) {
            Triangle t = of(node.input(0), budget);
            return t != null && (t.isUniform() || keepsMatrices(node)) ? t : null;
        }
        return node.inputs().size() == 2 ? binary(node, budget) : null;
    }

    private static Triangle binary(Node node, Budget budget) {
        Triangle compared = compared(node, budget);
        if (compared != null) {
            return compared;
        }
        DoubleBinaryOperator f = function(node.op());
        Triangle a = f == null ? null : of(node.input(0), budget);
        Triangle b = a == null ? null : of(node.input(1), budget);
        if (b == null || !fills(a, node.input(0), node) || !fills(b, node.input(1), node)) {
            return null;
        }
        Triangle both = join(a, b, f);
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

    /** Positions of keys compared with those of queries. */
    private static Triangle compared(Node node, Budget budget) {
        Op op = node.op();
        boolean strict = op instanceof Less || op instanceof Greater;
        if (!strict && !(op instanceof LessOrEqual) && !(op instanceof GreaterOrEqual)) {
            return null;
        }
        boolean less = op instanceof Less || op instanceof LessOrEqual;
        Positions small = Positions.of(node.input(less ? 0 : 1), budget);
        Positions large = small == null ? null : Positions.of(node.input(less ? 1 : 0), budget);
        if (large == null || small.alongRows() == large.alongRows()) {
            return null;
        }
        Shape shape = Shapes.of(node.output());
        Dim rows = shape.dim(-2);
        Dim columns = shape.dim(-1);
        if (!small.alongRows()) {
            // j + a <= i + b is j - i <= b - a; a strict comparison of integers is one of one less.
            Dim most = large.first().minus(small.first());
            return new Triangle(1, 0, strict ? most.minus(ONE) : most, rows, columns);
        }
        // i + a <= j + b is not j - i <= a - b - 1.
        Dim most = small.first().minus(large.first());
        return new Triangle(0, 1, strict ? most : most.minus(ONE), rows, columns);
    }

    private static double number(Tensor t, long i) {
        return t.dtype() == DType.BOOL ? t.getBoolean(i) ? 1 : 0 : t.getDouble(i);
    }

    /** A constant as {@link #read} finds it, which is done once for a large one. */
    private static Triangle table(Tensor t) {
        if (t.size() < LARGE) {
            return read(t);
        }
        synchronized (TABLES) {
            Optional<Triangle> known = TABLES.get(t);
            if (known == null) {
                known = Optional.ofNullable(read(t));
                TABLES.put(t, known);
            }
            return known.orElse(null);
        }
    }

    private static Triangle read(Tensor t) {
        DType type = t.dtype();
        boolean real = type == DType.BOOL || type.isFloating() || type.isInteger();
        if (!real || t.size() == 0 || type.isSubByte()) {
            return null;
        }
        double inside = number(t, 0);
        if (type.isInteger() && Math.abs(inside) > MOST_INTEGER) {
            return null;
        }
        if (t.size() == 1) {
            return uniform(inside);
        }
        int rank = t.rank();
        long columns = t.dim(rank - 1);
        long rows = rank > 1 ? t.dim(rank - 2) : 1;
        // The last element of the first row is outside, or all are the same.
        double outside = number(t, columns - 1);
        if (type.isInteger() && Math.abs(outside) > MOST_INTEGER) {
            return null;
        }
        long diagonal = columns - 1;
        while (diagonal >= 0 && number(t, diagonal) == outside && outside != inside) {
            diagonal--;
        }
        boolean uniform = outside == inside;
        for (long row = 0; row < t.size() / columns; row++) {
            long most = uniform ? columns : row % rows + diagonal;
            for (long j = 0; j < columns; j++) {
                if (number(t, row * columns + j) != (j <= most ? inside : outside)) {
                    return null;
                }
            }
        }
        if (uniform) {
            return uniform(inside);
        }
        boolean one = rows > 1 && t.size() == rows * columns;
        return one ? new Triangle(inside, outside, Dim.of(diagonal), Dim.of(rows), Dim.of(columns)) : null;
    }

    private static Triangle trilu(Trilu op, Node node, Budget budget) {
        Triangle of = of(node.input(0), budget);
        Dim k = node.input(1) == null ? ZERO : Positions.single(node.input(1));
        if (of == null || k == null || !fills(of, node.input(0), node)) {
            return null;
        }
        Shape shape = Shapes.of(node.output());
        Triangle kept = new Triangle(
                op.upper() ? 0 : 1, op.upper() ? 1 : 0, op.upper() ? k.minus(ONE) : k, shape.dim(-2), shape.dim(-1));
        return join(of, kept, (a, b) -> b == 0 ? 0 : a);
    }

    /** What a cast makes of a mask, or an operator that gives this type; null if the type can't hold the numbers. */
    private Triangle as(DType type) {
        double in = held(inside, type);
        double out = held(outside, type);
        return Double.isNaN(in) || Double.isNaN(out)
                ? null
                : new Triangle(in, out, diagonal, rows, columns).simplified();
    }

    /** A number as an element of a type; NaN where it would be another one that is not infinite, or is not known. */
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
                && Math.abs(number) <= MOST_INTEGER
                && number >= type.minInteger()
                && (type == DType.UINT64 || number <= type.maxInteger());
        return inRange ? number : Double.NaN;
    }

    private interface Mapping {
        double of(double number);
    }

    private Triangle map(Mapping f) {
        return new Triangle(f.of(inside), f.of(outside), diagonal, rows, columns).simplified();
    }

    private Triangle simplified() {
        return diagonal != null && inside == outside ? uniform(inside) : this;
    }

    private static Triangle where(Triangle condition, Triangle x, Triangle y, Node node) {
        // NaN stands for what the condition leaves to the other operand.
        boolean known = condition != null && x != null && y != null;
        if (!known || Double.isNaN(x.inside) || Double.isNaN(x.outside)) {
            return null;
        }
        boolean fill =
                fills(condition, node.input(0), node) && fills(x, node.input(1), node) && fills(y, node.input(2), node);
        if (!fill) {
            return null;
        }
        Triangle kept = join(condition, x, (c, a) -> c == 0 ? Double.NaN : a);
        return kept == null ? null : join(kept, y, (a, b) -> Double.isNaN(a) ? b : a);
    }

    /** Two masks combined element by element; null if that has three numbers, or perhaps. */
    private static Triangle join(Triangle a, Triangle b, DoubleBinaryOperator f) {
        if (a.isUniform() && b.isUniform()) {
            return uniform(f.applyAsDouble(a.inside, b.inside));
        }
        Triangle shaped = a.isUniform() ? b : a;
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
        return new Triangle(inside, outside, shaped.diagonal, shaped.rows, shaped.columns).simplified();
    }

    private static Triangle joinApart(Triangle a, Triangle b, DoubleBinaryOperator f) {
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
        return new Triangle(left, right, left == between ? upper : lower, a.rows, a.columns).simplified();
    }

    private static boolean isAtMost(Dim a, Dim b) {
        Dim difference = b.minus(a);
        return difference.max(ZERO).equals(difference);
    }

    static boolean isView(Op op) {
        return op instanceof Reshape || op instanceof Unsqueeze || op instanceof Squeeze;
    }

    private static boolean keepsMatrices(Node node) {
        Shape from = Shapes.of(node.input(0));
        Shape to = Shapes.of(node.output());
        boolean ranks = from.hasRank() && to.hasRank() && from.rank() > 1 && to.rank() > 1;
        return ranks && from.dim(-1).equals(to.dim(-1)) && from.dim(-2).equals(to.dim(-2));
    }

    /** Whether an operand that is not uniform is broadcast along neither axis of its matrices. */
    private static boolean fills(Triangle t, Value v, Node node) {
        Shape from = Shapes.of(v);
        Shape to = Shapes.of(node.output());
        return t.isUniform()
                || to.hasRank()
                        && to.rank() > 1
                        && from.rank() > 1
                        && from.dim(-1).equals(to.dim(-1))
                        && from.dim(-2).equals(to.dim(-2));
    }

    private static Triangle slice(Node node, Triangle of) {
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
        Triangle t = of;
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
     * A part of the rows or columns. Where a table may be too small for it, scores as wide as the part do not fit what is
     * left: the columns start at the first one, there are at least two, and the rows end where the columns do.
     */
    private Triangle cut(int axis, Dim start, Dim end) {
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
            boolean table = columns.isKnown() && columns.value() > 1;
            boolean fits = axis == -1 ? start.equals(ZERO) : rows.equals(columns) && diagonal.equals(ZERO);
            if (!table || !fits) {
                return null;
            }
        }
        Dim left = last.minus(start);
        return axis == -1
                ? new Triangle(inside, outside, diagonal.minus(start), rows, left)
                : new Triangle(inside, outside, diagonal.plus(start), left, columns);
    }
}

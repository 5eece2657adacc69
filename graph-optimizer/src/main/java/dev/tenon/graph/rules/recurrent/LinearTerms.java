package dev.tenon.graph.rules.recurrent;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Values that the body of a loop computes from the element of a sequence and from a state by products with constant
 * weights: sums of such products and of constants, and columns of such sums. Confined to one thread.
 */
final class LinearTerms {
    /** The largest number of weights that are held, which take half a gibibyte. */
    private static final long MAX_WEIGHTS = 1 << 26;

    private static final int MAX_STEPS = 200;

    /**
     * {@code x wx + h wh + bias}. A matrix has one row for each element of its operand, and is null if it is zero.
     *
     * @param wx the weights of the element of the sequence
     * @param wh the weights of the state
     * @param bias one number for each column
     */
    record Linear(double[][] wx, double[][] wh, double[] bias) {
        int columns() {
            return bias.length;
        }

        private Linear columns(int from, int to) {
            return new Linear(cut(wx, from, to), cut(wh, from, to), Arrays.copyOfRange(bias, from, to));
        }

        private static double[][] cut(double[][] rows, int from, int to) {
            return rows == null
                    ? null
                    : Arrays.stream(rows)
                            .map(r -> Arrays.copyOfRange(r, from, to))
                            .toArray(double[][]::new);
        }

        Linear plus(Linear other) {
            double[] sum = bias.clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += other.bias[i];
            }
            return new Linear(sum(wx, other.wx), sum(wh, other.wh), sum);
        }

        private static double[][] sum(double[][] a, double[][] b) {
            if (a == null || b == null) {
                return a == null ? b : a;
            }
            double[][] sum = new double[a.length][];
            for (int i = 0; i < a.length; i++) {
                sum[i] = a[i].clone();
                for (int j = 0; j < sum[i].length; j++) {
                    sum[i][j] += b[i][j];
                }
            }
            return sum;
        }
    }

    private final Value x;
    private final Value h;
    private final Map<Value, Linear> known = new IdentityHashMap<>();
    private int left = MAX_STEPS;
    private long weights = MAX_WEIGHTS;

    /**
     * Terms of an element and a state.
     *
     * @param x the element of the sequence, [batch, input]
     * @param h the state, or a value in its place, [batch, hidden]
     */
    LinearTerms(Value x, Value h) {
        this.x = x;
        this.h = h;
    }

    /** The terms of a value of shape [batch, columns]; null if it is no such sum. */
    Linear of(Value v) {
        if (known.containsKey(v)) {
            return known.get(v);
        }
        Linear its = left-- > 0 && v.producer() != null && columns(v) != 0 ? found(v.producer(), v) : null;
        known.put(v, its);
        return its;
    }

    /** As {@link #of}, and also for constants with one number for each column. */
    Linear term(Value v, int columns) {
        if (!v.isConstant()) {
            return of(v);
        }
        double[] bias = row(v.constant(), columns);
        return bias == null ? null : new Linear(null, null, bias);
    }

    /** The columns of a value of shape [batch, columns], 0 if their number is not known. */
    private static int columns(Value v) {
        Shape shape = Shapes.of(v);
        boolean rows = shape.hasRank() && shape.rank() == 2 && shape.dim(1).isKnown();
        return rows && shape.dim(1).value() < MAX_WEIGHTS ? (int) shape.dim(1).value() : 0;
    }

    private Linear found(Node node, Value v) {
        return switch (node.op()) {
            case MatMul product -> product(node.input(0), node.input(1), false);
            case Gemm g -> gemm(g, node);
            case Add sum -> sum(node, columns(v));
            case Split split -> split(split, node, v);
            case Slice slice -> slice(node, v);
            default -> null;
        };
    }

    private Linear product(Value operand, Value weights, boolean transposed) {
        if (!weights.isConstant()) {
            return null;
        }
        Tensor w = weights.constant();
        long rows = w.dim(transposed ? 1 : 0);
        long columns = w.dim(transposed ? 0 : 1);
        boolean whole = operand == x || operand == h;
        Value first = whole ? operand : firstOf(operand);
        long above = whole ? rows : first == null ? 0 : columns(first);
        if (above == 0 || above > rows || !takes(rows, columns)) {
            return null;
        }
        double[][] top = rows(w, transposed, 0, (int) above);
        double[][] rest = whole ? null : rows(w, transposed, (int) above, (int) rows);
        double[] zeros = new double[(int) columns];
        return first == x ? new Linear(top, rest, zeros) : new Linear(rest, top, zeros);
    }

    /** The first operand of a Concat of the element and the state, or null. */
    private Value firstOf(Value operand) {
        Node joined = operand.producer();
        boolean both = joined != null
                && joined.op() instanceof Concat
                && joined.inputs().size() == 2;
        if (!both) {
            return null;
        }
        int axis = ((Concat) joined.op()).axis();
        Value a = joined.input(0);
        Value b = joined.input(1);
        boolean fits = a == x && b == h || a == h && b == x;
        return fits && (axis == 1 || axis == -1) ? a : null;
    }

    private static double[][] rows(Tensor w, boolean transposed, int from, int to) {
        int columns = (int) w.dim(transposed ? 0 : 1);
        double[][] rows = new double[to - from][columns];
        for (int i = from; i < to; i++) {
            for (int j = 0; j < columns; j++) {
                rows[i - from][j] = w.getDouble(transposed ? j * w.dim(1) + i : (long) i * columns + j);
            }
        }
        return rows;
    }

    /** Whether that many more weights may be held. */
    private boolean takes(long rows, long columns) {
        // Empty rows take memory too.
        weights -= rows * columns + rows;
        return weights >= 0;
    }

    private Linear cut(Linear all, long from, int columns) {
        long rows = (all.wx() == null ? 0 : all.wx().length) + (long) (all.wh() == null ? 0 : all.wh().length);
        return takes(rows, columns) ? all.columns((int) from, (int) from + columns) : null;
    }

    private Linear gemm(Gemm g, Node node) {
        if (g.alpha() != 1 || g.beta() != 1 || g.transA()) {
            return null;
        }
        Linear product = product(node.input(0), node.input(1), g.transB());
        return product == null || node.input(2) == null
                ? product
                : biased(product, node.input(2), product.columns());
    }

    private static Linear biased(Linear product, Value v, int columns) {
        double[] bias = v.isConstant() && product.columns() == columns ? row(v.constant(), columns) : null;
        return bias == null ? null : product.plus(new Linear(null, null, bias));
    }

    /** A constant as one number for each column, or null. */
    private static double[] row(Tensor t, int columns) {
        boolean one = t.size() == 1;
        boolean fits = t.rank() == 1 || t.rank() == 2 && t.dim(0) == 1;
        if (!one && (!fits || t.size() != columns)) {
            return null;
        }
        double[] row = new double[columns];
        for (int i = 0; i < columns; i++) {
            row[i] = t.getDouble(one ? 0 : i);
        }
        return row;
    }

    private Linear sum(Node node, int columns) {
        for (int i = 0; i < 2; i++) {
            if (node.input(i).isConstant()) {
                Linear other = of(node.input(1 - i));
                return other == null ? null : biased(other, node.input(i), columns);
            }
        }
        Linear a = of(node.input(0));
        Linear b = a == null ? null : of(node.input(1));
        return b == null || a.columns() != columns || b.columns() != columns ? null : a.plus(b);
    }

    private Linear split(Split split, Node node, Value v) {
        Linear all = split.axis() == 1 || split.axis() == -1 ? of(node.input(0)) : null;
        Value sizes = node.input(1);
        if (all == null || sizes != null && !sizes.isConstant()) {
            return null;
        }
        int count = node.outputs().size();
        long from = (long) v.index() * Math.ceilDiv(all.columns(), count);
        if (sizes != null) {
            from = Arrays.stream(sizes.constant().toLongArray())
                    .limit(v.index())
                    .sum();
        }
        return cut(all, from, columns(v));
    }

    private Linear slice(Node node, Value v) {
        Value starts = node.input(1);
        Value axes = node.input(3);
        Value steps = node.input(4);
        boolean one = starts.isConstant()
                && starts.constant().size() == 1
                && axes != null
                && axes.isConstant()
                && (steps == null || steps.isConstant() && steps.constant().getLong(0) == 1);
        if (!one || axes.constant().getLong(0) != 1 && axes.constant().getLong(0) != -1) {
            return null;
        }
        Linear all = of(node.input(0));
        if (all == null) {
            return null;
        }
        long start = starts.constant().getLong(0);
        long from = start < 0 ? start + all.columns() : start;
        return from < 0 ? null : cut(all, from, columns(v));
    }
}

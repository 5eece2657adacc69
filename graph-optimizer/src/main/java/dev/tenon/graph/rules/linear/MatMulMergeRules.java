package dev.tenon.graph.rules.linear;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Merges two products with constant weights, with or without biases, into one where that saves work. */
public final class MatMulMergeRules {
    private static final List<Class<? extends Op>> PRODUCTS = List.of(MatMul.class, Gemm.class);
    private static final double MAX_PRODUCTS = 1L << 31;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "merge-products",
                    op(
                                    PRODUCTS,
                                    either(
                                            op(Add.class, first(), constant("bias", t -> t.rank() <= 1))
                                                    .once(),
                                            first()),
                                    constant("second", t -> t.rank() == 2))
                            .open(),
                    MatMulMergeRules::merged)
            .unless(MatMulMergeRules::reason)
            .rounding());

    private MatMulMergeRules() {}

    private static Pattern first() {
        OpPattern product = op(PRODUCTS, any("x"), constant("first", t -> t.rank() == 2));
        return product.open().as("inner").once();
    }

    /** A matrix of weights, transposed or not, and the bias that is added after the product, or null. */
    private record Linear(Tensor w, boolean transposed, Tensor bias) {
        private long rows() {
            return w.dim(transposed ? 1 : 0);
        }

        private long columns() {
            return w.dim(transposed ? 0 : 1);
        }

        /** The elements of a row. */
        private double[] row(long row) {
            double[] elements = new double[(int) columns()];
            for (int i = 0; i < elements.length; i++) {
                elements[i] = w.getDouble(transposed ? i * w.dim(1) + row : row * w.dim(1) + i);
            }
            return elements;
        }

        private boolean hasRowAsBias() {
            boolean one = bias != null && (bias.rank() == 1 || bias.rank() == 2 && bias.dim(0) == 1);
            return bias == null || one && bias.size() == columns();
        }
    }

    private static Linear linear(Node node, Tensor w, Tensor bias) {
        boolean transposed = node.op() instanceof Gemm g && g.transB();
        Value own = node.input(2);
        return new Linear(w, transposed, own == null ? bias : own.constant());
    }

    private static Linear inner(Match m) {
        return linear(m.node("inner"), m.constant("first"), m.has("bias") ? m.constant("bias") : null);
    }

    private static Linear outer(Match m) {
        return linear(m.root(), m.constant("second"), null);
    }

    private static String reason(Match m) {
        for (Node node : List.of(m.root(), m.node("inner"))) {
            if (node.op() instanceof Gemm g && (g.alpha() != 1 || g.beta() != 1 || g.transA())) {
                return "a Gemm has factors, or transposes its first operand";
            }
            Value own = node.input(2);
            if (own != null && !own.isConstant() || own != null && node != m.root() && m.has("bias")) {
                return "a bias is computed, or there are two";
            }
        }
        Linear a = inner(m);
        Linear b = outer(m);
        if (!a.w().dtype().isFloating() || !Shapes.of(m.value("x")).hasRank()) {
            return "the weights are integers, or the rank is not known";
        }
        double rows = a.rows();
        double columns = b.columns();
        if (rows * columns >= a.columns() * (rows + columns)) {
            return "it saves no work";
        }
        if (rows * columns * a.columns() > MAX_PRODUCTS) {
            return "the product of the weights takes long to compute";
        }
        if (m.uses(m.value("first")) > 1 || m.uses(m.value("second")) > 1) {
            return "the weights are shared";
        }
        if (!a.hasRowAsBias() || !b.hasRowAsBias()) {
            return "a bias is not one number for each column";
        }
        boolean finite = Weights.areFinite(a.w())
                && Weights.areFinite(b.w())
                && Weights.areFinite(a.bias())
                && Weights.areFinite(b.bias());
        if (!finite) {
            return "a weight is not finite";
        }
        return overflows(a, b) ? "a merged weight is not finite" : null;
    }

    /** Whether a merged weight or bias is out of range of the element type. */
    private static boolean overflows(Linear a, Linear b) {
        double most = a.columns() * Math.max(most(a.w()), most(a.bias())) * most(b.w()) + most(b.bias());
        Tensor bound = Tensor.allocate(a.w().dtype(), 1);
        bound.setDouble(0, 2 * most);
        if (Weights.areFinite(bound)) {
            return false;
        }
        Merged one = merged(a, b);
        return !Weights.areFinite(one.w()) || !Weights.areFinite(one.bias());
    }

    /** The largest absolute value. */
    private static double most(Tensor t) {
        double most = 0;
        for (long i = 0; t != null && i < t.size(); i++) {
            most = Math.max(most, Math.abs(t.getDouble(i)));
        }
        return most;
    }

    /** The weights and bias of the merged product, in the element type of the first product. */
    private record Merged(Tensor w, Tensor bias) {}

    private static Merged merged(Linear a, Linear b) {
        int columns = (int) b.columns();
        double[][] rows = new double[(int) b.rows()][];
        Arrays.setAll(rows, b::row);
        Tensor product = Tensor.allocate(a.w().dtype(), a.rows(), columns);
        for (long i = 0; i < a.rows(); i++) {
            double[] sums = new double[columns];
            addProduct(a.row(i), rows, sums);
            for (int j = 0; j < columns; j++) {
                product.setDouble(i * columns + j, sums[j]);
            }
        }
        double[] sums = new double[columns];
        if (b.bias() != null) {
            Arrays.setAll(sums, b.bias()::getDouble);
        }
        if (a.bias() != null) {
            double[] row = new double[rows.length];
            Arrays.setAll(row, a.bias()::getDouble);
            addProduct(row, rows, sums);
        }
        Tensor bias = Tensor.allocate(a.w().dtype(), columns);
        for (int j = 0; j < columns; j++) {
            bias.setDouble(j, sums[j]);
        }
        return new Merged(product, bias);
    }

    /** Adds the product of a row and a matrix to sums. Goes by rows of the matrix, so that memory is read in order. */
    private static void addProduct(double[] row, double[][] matrix, double[] sums) {
        for (int k = 0; k < row.length; k++) {
            double factor = row[k];
            double[] terms = matrix[k];
            for (int j = 0; j < sums.length; j++) {
                sums[j] += factor * terms[j];
            }
        }
    }

    private static Value merged(Match m, Emitter to) {
        Linear a = inner(m);
        Linear b = outer(m);
        Merged one = merged(a, b);
        Value result = to.add(new MatMul(), m.value("x"), to.constant(one.w()));
        return a.bias() == null && b.bias() == null ? result : to.add(new Add(), result, to.constant(one.bias()));
    }
}

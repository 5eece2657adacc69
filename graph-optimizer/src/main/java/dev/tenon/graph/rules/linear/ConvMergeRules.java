package dev.tenon.graph.rules.linear;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.QuantizedValues;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Merges two convolutions with constant weights into one where that saves work. One of the two must be pointwise: its
 * windows have one element.
 */
public final class ConvMergeRules {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final double MAX_PRODUCTS = 1L << 28;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "merge-convolutions",
                    op(
                                    Conv.class,
                                    op(Conv.class, any("x"), constant(FIRST))
                                            .open()
                                            .as("inner")
                                            .once(),
                                    constant(SECOND))
                            .open()
                            .where(n -> isPointwise(n) || isPointwise(n.input(0).producer())),
                    ConvMergeRules::merged)
            .unless(ConvMergeRules::kindReason)
            .unless(ConvMergeRules::workReason)
            .unless(ConvMergeRules::weightsReason)
            .rounding());

    private ConvMergeRules() {}

    /** Whether a convolution of one group is pointwise: a product over the channels at each place. */
    private static boolean isPointwise(Node node) {
        Conv conv = (Conv) node.op();
        Tensor w = node.input(1).constant();
        return w.size() == w.dim(0) * w.dim(1)
                && conv.window().strides().stream().allMatch(s -> s == 1)
                && conv.window().pads().stream().allMatch(p -> p == 0);
    }

    private static Tensor bias(Node node) {
        return node.input(2) == null ? null : node.input(2).constant();
    }

    private static String kindReason(Match m) {
        for (Node node : List.of(m.root(), m.node("inner"))) {
            if (((Conv) node.op()).group() != 1) {
                return "a convolution has groups";
            }
            if (node.input(2) != null && !node.input(2).isConstant()) {
                return "a bias is computed";
            }
        }
        boolean padsBias = bias(m.node("inner")) != null
                && InputChannelWeights.pads(m.rootOp(Conv.class).window());
        if (padsBias && !isPointwise(m.root())) {
            return "the second convolution pads the result of the first, which has a bias";
        }
        return QuantizedValues.reasonAgainstScaling(m.value("x"));
    }

    /** The number of elements of a window. */
    private static double taps(Tensor w) {
        return w.size() / (double) Math.max(1, w.dim(0) * w.dim(1));
    }

    /** Compares multiplications per element of the second result. The first result has at least as many elements. */
    private static String workReason(Match m) {
        Tensor first = m.constant(FIRST);
        Tensor second = m.constant(SECOND);
        double inputs = first.dim(1);
        double between = first.dim(0);
        double outputs = second.dim(0);
        boolean grows = InputChannelWeights.pads(m.rootOp(Conv.class).window()) && !isPointwise(m.root());
        double before = between * (outputs * taps(second) + (grows ? 0 : inputs * taps(first)));
        double after = inputs * outputs * taps(first) * taps(second);
        if (after >= before) {
            return "it saves no work";
        }
        return after * between > MAX_PRODUCTS ? "the product of the weights takes long to compute" : null;
    }

    private static String weightsReason(Match m) {
        if (m.uses(m.value(FIRST)) > 1 || m.uses(m.value(SECOND)) > 1) {
            return "the weights are shared";
        }
        Tensor a = m.constant(FIRST);
        Tensor b = m.constant(SECOND);
        if (!Weights.areFinite(a)
                || !Weights.areFinite(b)
                || !Weights.areFinite(bias(m.node("inner")))
                || !Weights.areFinite(bias(m.root()))) {
            return "a weight is not finite";
        }
        return Weights.areFinite(weights(a, b)) && Weights.areFinite(bias(m)) ? null : "a merged weight is not finite";
    }

    /**
     * The product of weights {@code [k, c, ...]} and {@code [m, k, ...]}, one of them pointwise: {@code [m, c, ...]}.
     */
    private static Tensor weights(Tensor first, Tensor second) {
        long[] dims = (taps(first) == 1 ? second : first).dims();
        dims[0] = second.dim(0);
        dims[1] = first.dim(1);
        Tensor product = Tensor.allocate(first.dtype(), dims);
        int between = (int) first.dim(0);
        int taps = (int) taps(second);
        double[] sums = new double[(int) (product.size() / Math.max(1, dims[0]))];
        double[] rows = new double[(int) first.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = first.getDouble(i);
        }
        for (long output = 0; output < dims[0]; output++) {
            Arrays.fill(sums, 0);
            for (int k = 0; k < between; k++) {
                for (int tap = 0; tap < taps; tap++) {
                    double factor = second.getDouble((output * between + k) * taps + tap);
                    addRow(rows, k * (sums.length / taps), factor, sums, tap, taps);
                }
            }
            for (int i = 0; i < sums.length; i++) {
                product.setDouble(output * sums.length + i, sums[i]);
            }
        }
        return product;
    }

    /** Adds a row times a factor to sums that are some steps apart. */
    private static void addRow(double[] rows, int from, double factor, double[] sums, int first, int step) {
        for (int i = 0; i < sums.length / step; i++) {
            sums[first + i * step] += factor * rows[from + i];
        }
    }

    /** The bias of the merged convolution, or null. */
    private static Tensor bias(Match m) {
        Tensor first = bias(m.node("inner"));
        Tensor second = bias(m.root());
        if (first == null) {
            return second;
        }
        Tensor w = m.constant(SECOND);
        Tensor sums = Tensor.allocate(w.dtype(), w.dim(0));
        int between = (int) w.dim(1);
        int taps = (int) taps(w);
        for (long output = 0; output < sums.size(); output++) {
            double sum = second == null ? 0 : second.getDouble(output);
            for (int i = 0; i < between * taps; i++) {
                sum += w.getDouble(output * between * taps + i) * first.getDouble(i / taps);
            }
            sums.setDouble(output, sum);
        }
        return sums;
    }

    private static Value merged(Match m, Emitter to) {
        Value weights = to.constant(weights(m.constant(FIRST), m.constant(SECOND)));
        Conv inner = m.op("inner", Conv.class);
        Conv conv = isPointwise(m.root()) ? inner : m.rootOp(Conv.class);
        Tensor bias = bias(m);
        return bias == null
                ? to.add(conv, m.value("x"), weights)
                : to.add(conv, m.value("x"), weights, to.constant(bias));
    }
}

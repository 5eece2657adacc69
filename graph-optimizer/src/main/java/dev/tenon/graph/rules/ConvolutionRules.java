package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleList;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.RuleTable;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Makes one convolution of two with constant weights, one of which has windows of one element and so multiplies channels
 * alone, where that saves work.
 */
public final class ConvolutionRules implements RuleTable {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final double MOST_PRODUCTS = 1L << 28;

    /** The rules. */
    public static final RuleSet SET = RuleSet.of(new ConvolutionRules());

    private ConvolutionRules() {}

    @Override
    public void list(RuleList rules) {
        if (rules.asks("Conv"))
            rules.add(Rule.of(
                            "merge-convolutions",
                            op(
                                            Conv.class,
                                            op(Conv.class, any("x"), constant(FIRST, t -> t.rank() > 2))
                                                    .open()
                                                    .as("inner")
                                                    .once(),
                                            constant(SECOND, t -> t.rank() > 2))
                                    .open()
                                    .where(n -> isOfChannels(n)
                                            || isOfChannels(n.input(0).producer())),
                            ConvolutionRules::merged)
                    .unless(ConvolutionRules::kindReason)
                    .unless(ConvolutionRules::workReason)
                    .unless(ConvolutionRules::weightsReason)
                    .rounding());
    }

    /** Whether each element of the result is made of the one at its place, of all channels. */
    private static boolean isOfChannels(Node node) {
        Conv conv = (Conv) node.op();
        Tensor w = node.input(1).constant();
        return conv.group() == 1
                && w.size() == w.dim(0) * w.dim(1)
                && conv.window().strides().stream().allMatch(s -> s == 1)
                && conv.window().pads().stream().allMatch(p -> p == 0);
    }

    private static boolean pads(WindowAttributes window) {
        boolean same = window.autoPad() == WindowAttributes.AutoPad.SAME_LOWER
                || window.autoPad() == WindowAttributes.AutoPad.SAME_UPPER;
        return same || window.pads().stream().anyMatch(p -> p != 0);
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
        boolean padsBias =
                bias(m.node("inner")) != null && pads(m.rootOp(Conv.class).window());
        if (padsBias && !isOfChannels(m.root())) {
            return "the second pads what the first adds a bias to";
        }
        return Roundings.reasonAgainstScaling(m.value("x"));
    }

    /** The elements of a window. */
    private static double taps(Tensor w) {
        return w.size() / (double) Math.max(1, w.dim(0) * w.dim(1));
    }

    /** Compares the multiplications of an element of the second result; the first has as many elements, or more. */
    private static String workReason(Match m) {
        Tensor first = m.constant(FIRST);
        Tensor second = m.constant(SECOND);
        double inputs = first.dim(1);
        double between = first.dim(0);
        double outputs = second.dim(0);
        boolean grows = pads(m.rootOp(Conv.class).window()) && !isOfChannels(m.root());
        double before = between * (outputs * taps(second) + (grows ? 0 : inputs * taps(first)));
        double after = inputs * outputs * taps(first) * taps(second);
        if (after >= before) {
            return "it saves no work";
        }
        return after * between > MOST_PRODUCTS ? "the product of the weights takes long to compute" : null;
    }

    private static String weightsReason(Match m) {
        if (m.uses(m.value(FIRST)) > 1 || m.uses(m.value(SECOND)) > 1) {
            return "the weights are shared";
        }
        Tensor a = m.constant(FIRST);
        Tensor b = m.constant(SECOND);
        if (!isFinite(a) || !isFinite(b) || !isFinite(bias(m.node("inner"))) || !isFinite(bias(m.root()))) {
            return "a weight is not finite";
        }
        return isFinite(weights(a, b)) && isFinite(bias(m)) ? null : "a merged weight is not finite";
    }

    private static boolean isFinite(Tensor t) {
        for (long i = 0; t != null && i < t.size(); i++) {
            if (!Double.isFinite(t.getDouble(i))) {
                return false;
            }
        }
        return true;
    }

    /** Weights {@code [m, c, ...]} of those {@code [k, c, ...]} and {@code [m, k, ...]}, the windows of one of which are 1. */
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

    /** Adds a row times a factor to every so many sums. */
    private static void addRow(double[] rows, int from, double factor, double[] sums, int first, int step) {
        for (int i = 0; i < sums.length / step; i++) {
            sums[first + i * step] += factor * rows[from + i];
        }
    }

    /** What is added behind, or null. */
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
        Conv conv = isOfChannels(m.root()) ? inner : m.rootOp(Conv.class);
        Tensor bias = bias(m);
        return bias == null
                ? to.add(conv, m.value("x"), weights)
                : to.add(conv, m.value("x"), weights, to.constant(bias));
    }
}

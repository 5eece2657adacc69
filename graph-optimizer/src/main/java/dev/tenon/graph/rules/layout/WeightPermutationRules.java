package dev.tenon.graph.rules.layout;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Permutes constant weights once instead of features at each call. Where a Transpose moves dimensions that a view then
 * joins into the features of a product, the product takes the features in the order before the Transpose, and weights
 * in the same order. So a classifier reads planes in the channels-last layout without a Transpose. Products of integers are
 * treated alike, and dynamic quantisation comes before the Transpose.
 */
public final class WeightPermutationRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            joining(
                            "order-features-in-weights",
                            op(List.of(Gemm.class, MatMul.class), features(), constant("w"))
                                    .open(),
                            WeightPermutationRules::ordered)
                    .unless(WeightPermutationRules::weightsReason)
                    .rounding(),
            joining(Rule.ofAll(
                    "quantize-before-order",
                    op(DynamicQuantizeLinear.class, features()),
                    WeightPermutationRules::quantized)),
            joining(
                            "order-integer-features-in-weights",
                            op(MatMulInteger.class, features(), constant("w")).open(),
                            WeightPermutationRules::ordered)
                    .unless(m -> integerReason(m, m.value("w"), 2)),
            joining(
                            "order-pixels-in-weights",
                            op(ChannelsLast.class, features()).open(),
                            WeightPermutationRules::orderedPixels)
                    .unless(WeightPermutationRules::pixelReason));

    /** Features in the order that a Transpose gives them. */
    private static OpPattern features() {
        return op(
                        List.of(Reshape.class, Flatten.class),
                        op(Transpose.class, any("x")).as("transposed").once())
                .open()
                .as("view")
                .once();
    }

    /** A rule that takes features in the order before the Transpose. */
    private static Rule joining(String name, OpPattern pattern, Rule.OneReplacement replacement) {
        return joining(Rule.of(name, pattern, replacement));
    }

    private static Rule joining(Rule rule) {
        return rule.unless(m -> order(m) == null
                        ? "the view does not join exactly the dimensions that the Transpose moves"
                        : null)
                .unless(m -> Shapes.target(Shapes.of(m.value("x")), Shapes.of(m.value("view"))) == null
                        ? "two dimensions of the view are not known"
                        : null);
    }

    /** The largest number of weights that are permuted, which bounds the time and memory that this takes. */
    private static final long MAX_WEIGHTS = 1 << 24;

    /** The index of the weights of a convolution of bytes. */
    private static final int PIXEL_WEIGHTS = 3;

    private WeightPermutationRules() {}

    private static String weightsReason(Match m) {
        Tensor w = m.constant("w");
        if (w.rank() != 2 || !w.dtype().isFloating()) {
            return "the weights are no matrix of floating-point numbers";
        }
        if (m.root().op() instanceof Gemm g && g.transA()) {
            return "the Gemm transposes the features";
        }
        if (w.size() > MAX_WEIGHTS) {
            return w.size() + " weights are too many to permute";
        }
        return m.uses(m.value("w")) > 1 ? "the weights are shared" : null;
    }

    /** Why weights of integers, which have a rank, can't be permuted, or null. */
    private static String integerReason(Match m, Value weights, int rank) {
        Tensor w = weights.constant();
        if (w == null || w.rank() != rank) {
            return "the weights are no constant of rank " + rank;
        }
        if (w.size() > MAX_WEIGHTS) {
            return w.size() + " weights are too many to permute";
        }
        return m.uses(weights) > 1 ? "the weights are shared" : null;
    }

    /** Why rows are no pixels that a convolution multiplies with weights, or null. */
    private static String pixelReason(Match m) {
        boolean convolves = m.rootOp(ChannelsLast.class).op() instanceof QLinearConv conv && conv.group() == 1;
        Value w = convolves ? m.root().input(PIXEL_WEIGHTS) : null;
        if (w == null) {
            return "it is no product of rows";
        }
        String reason = integerReason(m, w, 3);
        return reason != null || w.constant().dim(2) == 1 ? reason : "its windows are not single pixels";
    }

    /** Quantising looks at all elements alike, so their order may change after it. Bytes are moved then. */
    private static List<Value> quantized(Match m, Emitter to) {
        List<Value> results = new ArrayList<>(to.add(m.root().op(), List.of(m.value("x")), 3));
        Value y = to.add(m.node("transposed").op(), results.getFirst());
        List<Value> operands = new ArrayList<>(m.node("view").inputs());
        operands.set(0, y);
        results.set(0, to.add(m.node("view").op(), operands, 1).getFirst());
        return results;
    }

    private static Value orderedPixels(Match m, Emitter to) {
        Value x = m.value("x");
        Shape view = Shapes.of(m.value("view"));
        Tensor w = m.root().input(PIXEL_WEIGHTS).constant();
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, to.add(new Reshape(false), x, to.constant(Shapes.target(Shapes.of(x), view))));
        Tensor ordered = ordered(w.reshape(w.dim(0), w.dim(1)), order(m), true);
        operands.set(PIXEL_WEIGHTS, to.constant(ordered.reshape(w.dims())));
        return to.add(m.root().op(), operands, 1).getFirst();
    }

    private static Value ordered(Match m, Emitter to) {
        Value x = m.value("x");
        Shape view = Shapes.of(m.value("view"));
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, to.add(new Reshape(false), x, to.constant(Shapes.target(Shapes.of(x), view))));
        operands.set(1, to.constant(ordered(m.constant("w"), order(m), byColumns(m))));
        return to.add(m.root().op(), operands, 1).getFirst();
    }

    private static boolean byColumns(Match m) {
        return m.root().op() instanceof Gemm g && g.transB();
    }

    /** Weights with their rows, or columns, in another order. A double holds floats and bytes exactly. */
    private static Tensor ordered(Tensor w, int[] order, boolean byColumns) {
        Tensor result = Tensor.allocate(w.dtype(), w.dims());
        long columns = w.dim(1);
        for (long row = 0; row < w.dim(0); row++) {
            for (long column = 0; column < columns; column++) {
                long from = byColumns ? row * columns + order[(int) column] : order[(int) row] * columns + column;
                result.setDouble(row * columns + column, w.getDouble(from));
            }
        }
        return result;
    }

    /**
     * The place after the view of each feature before the Transpose; null if features are mixed with other dimensions.
     */
    private static int[] order(Match m) {
        Shape from = Shapes.of(m.value("transposed"));
        Shape to = Shapes.of(m.value("view"));
        DimensionGroups view = DimensionGroups.of(from, to);
        if (view == null || view.groups().isEmpty()) {
            return null;
        }
        DimensionGroups.Group last = view.groups().getLast();
        int[] perm = ((Transpose) m.node("transposed").op()).permutation(from.rank());
        int first = last.from().getFirst();
        if (!last.to().equals(List.of(to.rank() - 1))) {
            return null;
        }
        // The distance in the view of features that are adjacent along an axis before the Transpose.
        int[] apart = new int[perm.length];
        int[] sizes = new int[perm.length];
        int features = 1;
        for (int i = perm.length - 1; i >= 0; i--) {
            if (i < first ? perm[i] != i : !from.dim(i).isKnown()) {
                return null;
            }
            if (i >= first) {
                apart[perm[i]] = features;
                sizes[perm[i]] = (int) from.dim(i).value();
                features *= sizes[perm[i]];
            }
        }
        int[] order = new int[features];
        for (int feature = 0; feature < features; feature++) {
            int rest = feature;
            for (int axis = perm.length - 1; axis >= first; axis--) {
                order[feature] += rest % sizes[axis] * apart[axis];
                rest /= sizes[axis];
            }
        }
        return order;
    }
}

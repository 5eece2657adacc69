package dev.tenon.graph.rules.linear;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Folds a Pad with zeros into the convolution after it, and drops the rows of weights that a product multiplies with
 * zeros.
 */
public final class PadFoldingRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("fold-pad", op(Conv.class, pad(), any("w")).open(), PadFoldingRules::padded)
                    .unless(PadFoldingRules::padReason)
                    .unless(PadFoldingRules::imageReason)
                    .unless(m -> autoReason(m.rootOp(Conv.class).window()))
                    .unless(PadFoldingRules::weightsReason),
            Rule.of(
                            "fold-pad-transposed",
                            op(ConvTranspose.class, pad(), any("w")).open(),
                            PadFoldingRules::narrowed)
                    .unless(PadFoldingRules::padReason)
                    .unless(PadFoldingRules::imageReason)
                    .unless(m -> autoReason(m.rootOp(ConvTranspose.class).window()))
                    .unless(PadFoldingRules::transposedReason)
                    .unless(PadFoldingRules::weightsReason),
            Rule.of(
                            "fold-pad-product",
                            op(List.of(MatMul.class, Gemm.class), pad(), constant("w", t -> t.rank() == 2))
                                    .open(),
                            PadFoldingRules::product)
                    .unless(PadFoldingRules::padReason)
                    .unless(PadFoldingRules::productReason)
                    .rounding());

    private PadFoldingRules() {}

    private static Pattern pad() {
        return op(Pad.class, any("x"), constant("pads"))
                .open()
                .as("pad")
                .once()
                .where(Pad.class, p -> p.mode() == Pad.Mode.CONSTANT);
    }

    /** The padding at the begin of each axis, then at the end of each; null if it is not known. */
    private static long[] pads(Match m) {
        int rank = Shapes.rank(m.value("x"));
        Value axes = m.node("pad").input(3);
        Tensor given = m.constant("pads");
        if (!Shapes.of(m.value("x")).hasRank() || axes != null && !axes.isConstant()) {
            return null;
        }
        long[] pads = new long[2 * rank];
        int count = (int) given.size() / 2;
        for (int i = 0; i < count; i++) {
            long axis = axes == null ? i : axes.constant().getLong(i);
            int at = (int) (axis < 0 ? axis + rank : axis);
            pads[at] = given.getLong(i);
            pads[at + rank] = given.getLong(i + count);
        }
        return pads;
    }

    private static String padReason(Match m) {
        Value value = m.node("pad").input(2);
        if (value != null && !(value.isConstant() && value.constant().getDouble(0) == 0)) {
            return "the padding is not 0";
        }
        long[] pads = pads(m);
        if (pads == null) {
            return "the axes are not known";
        }
        return Arrays.stream(pads).anyMatch(p -> p < 0) ? "it takes elements away" : null;
    }

    private static String imageReason(Match m) {
        long[] pads = pads(m);
        int rank = pads.length / 2;
        boolean others = pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0;
        return others ? "it pads instances or channels" : null;
    }

    private static String autoReason(WindowAttributes window) {
        WindowAttributes.AutoPad auto = window.autoPad();
        boolean fixed = auto == WindowAttributes.AutoPad.NOTSET || auto == WindowAttributes.AutoPad.VALID;
        return fixed ? null : "the padding of the Conv follows from its input";
    }

    /** The padding of a convolution itself. */
    private static long own(WindowAttributes w, int i) {
        return w.autoPad() == WindowAttributes.AutoPad.NOTSET && !w.pads().isEmpty()
                ? w.pads().get(i)
                : 0;
    }

    private static Value padded(Match m, Emitter to) {
        Conv conv = m.rootOp(Conv.class);
        WindowAttributes w = conv.window();
        long[] pads = pads(m);
        int axes = pads.length / 2 - 2;
        List<Long> sums = new ArrayList<>();
        for (int i = 0; i < 2 * axes; i++) {
            sums.add(own(w, i) + pads[i < axes ? i + 2 : i + 4]);
        }
        return convolved(m, to, with(w, sums));
    }

    private static WindowAttributes with(WindowAttributes w, List<Long> pads) {
        return new WindowAttributes(
                WindowAttributes.AutoPad.NOTSET, w.kernelShape(), w.strides(), pads, w.dilations(), w.ceilMode());
    }

    private static Value convolved(Match m, Emitter to, WindowAttributes window) {
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, m.value("x"));
        return m.root().op() instanceof Conv conv
                ? to.add(new Conv(window, conv.group()), operands, 1).getFirst()
                : to.add(transposed(m.rootOp(ConvTranspose.class), window), operands, 1)
                        .getFirst();
    }

    private static ConvTranspose transposed(ConvTranspose op, WindowAttributes window) {
        return new ConvTranspose(window, op.group(), op.outputPadding(), op.outputShape());
    }

    /**
     * The pads of the transposed convolution, which cut its result, once those parts that only zeros contribute to are
     * cut too.
     */
    private static List<Long> cuts(Match m) {
        WindowAttributes w = m.rootOp(ConvTranspose.class).window();
        long[] pads = pads(m);
        int axes = pads.length / 2 - 2;
        List<Long> cuts = new ArrayList<>();
        for (int i = 0; i < 2 * axes; i++) {
            long stride = w.strides().isEmpty() ? 1 : w.strides().get(i % axes);
            cuts.add(own(w, i) - stride * pads[i < axes ? i + 2 : i + 4]);
        }
        return cuts;
    }

    private static String transposedReason(Match m) {
        if (!m.rootOp(ConvTranspose.class).outputShape().isEmpty()) {
            return "the shape of the result is given";
        }
        return cuts(m).stream().anyMatch(c -> c < 0) ? "the padding reaches into the result" : null;
    }

    private static Value narrowed(Match m, Emitter to) {
        return convolved(m, to, with(m.rootOp(ConvTranspose.class).window(), cuts(m)));
    }

    private static String productReason(Match m) {
        long[] pads = pads(m);
        int rank = pads.length / 2;
        for (int i = 0; i < 2 * rank; i++) {
            if (pads[i] != 0 && i % rank != rank - 1) {
                return "it pads rows";
            }
        }
        if (m.root().op() instanceof Gemm g && g.transA()) {
            return "the Gemm transposes its first operand";
        }
        return m.uses(m.value("w")) > 1 ? "the weights are shared" : weightsReason(m);
    }

    /** Why a product of a weight and a zero might not be 0, or null. */
    private static String weightsReason(Match m) {
        if (!m.value("w").isConstant()) {
            return "the weights are computed, and need not be finite";
        }
        Tensor w = m.constant("w");
        return Weights.areFinite(w) ? null : "a weight is not finite";
    }

    private static Value product(Match m, Emitter to) {
        long[] pads = pads(m);
        int rank = pads.length / 2;
        Tensor w = m.constant("w");
        boolean transposed = m.root().op() instanceof Gemm g && g.transB();
        long first = pads[rank - 1];
        long rows = w.dim(transposed ? 1 : 0) - first - pads[2 * rank - 1];
        Tensor left =
                transposed ? Tensor.allocate(w.dtype(), w.dim(0), rows) : Tensor.allocate(w.dtype(), rows, w.dim(1));
        for (long i = 0; i < left.size(); i++) {
            long row = i / left.dim(1) + (transposed ? 0 : first);
            long column = i % left.dim(1) + (transposed ? first : 0);
            left.setDouble(i, w.getDouble(row * w.dim(1) + column));
        }
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, m.value("x"));
        operands.set(1, to.constant(left));
        return to.add(m.root().op(), operands, 1).getFirst();
    }
}

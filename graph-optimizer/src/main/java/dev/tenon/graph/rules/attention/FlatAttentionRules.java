package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
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
import dev.tenon.op.attention.Attention;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds attention whose heads an exporter has joined with the batch for batched matrix products: [batch, heads, length,
 * size] becomes [batch * heads, length, size] before the first product, and is split again after the second one. In
 * between it may be split for the sum with a mask. The attention gets its heads back.
 */
public final class FlatAttentionRules {
    private static final List<String> NAMES = List.of("q", "k", "v");
    private static final String FLAT = "flat ";
    private static final List<Integer> MATRICES_TRANSPOSED = List.of(0, 2, 1);
    private static final int MASK = 3;
    private static final int PAST = 4;
    private static final int VALID = 6;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "attention-flat-scores",
                            op(MatMul.class, AttentionRules.softmax(maskedApart()), flat("v")),
                            FlatAttentionRules::ofScores)
                    .unless(FlatAttentionRules::scoresReason)
                    .rounding()
                    .making(Attention.class),
            Rule.of(
                            "attention-flat-heads",
                            op(Attention.class, flat("q"), flat("k"), flat("v")).open(),
                            FlatAttentionRules::ofHeads)
                    .unless(FlatAttentionRules::headsReason)
                    .making(Attention.class));

    private FlatAttentionRules() {}

    /** An operand whose heads are joined with the batch. */
    private static OpPattern flat(String name) {
        return op(DuplicatedHalves.VIEWS, any(name)).open().as(FLAT + name);
    }

    /** Scores whose heads are apart from the batch for the sum with a mask alone. */
    private static Pattern maskedApart() {
        Pattern keys = op(Transpose.class, flat("k"))
                .where(Transpose.class, t -> t.perm().equals(MATRICES_TRANSPOSED));
        Pattern scores = AttentionRules.scaled(op(MatMul.class, flat("q"), keys).once());
        Pattern apart = op(DuplicatedHalves.VIEWS, scores).open().as("apart").once();
        return op(
                        DuplicatedHalves.VIEWS,
                        op(Add.class, apart, any("mask")).as("sum").once())
                .open()
                .as("together")
                .once();
    }

    /** A shape of four dimensions with the first two joined, and a dimension of 1 after them if it is single. */
    private static Shape joined(Shape apart, boolean single) {
        Dim all = apart.dim(0).times(apart.dim(1));
        return single
                ? Shape.of(all, Dim.of(1), apart.dim(2), apart.dim(3))
                : Shape.of(all, apart.dim(2), apart.dim(3));
    }

    /** Why the operands are not joined from the same batch and heads, or null. */
    private static String operandsReason(Match m, boolean single) {
        Shape q = Shapes.of(m.value("q"));
        for (String name : NAMES) {
            Shape apart = Shapes.of(m.value(name));
            Shape flat = Shapes.of(m.value(FLAT + name));
            boolean fits = apart.hasRank()
                    && apart.rank() == 4
                    && flat.equals(joined(apart, single))
                    && apart.dim(0).equals(q.dim(0))
                    && apart.dim(1).equals(q.dim(1));
            if (!fits) {
                return "'" + name + "' goes from " + apart + " to " + flat;
            }
        }
        Shape y = result(m);
        return Shapes.target(y, joined(y, true)) == null ? "batch and heads of " + y + " can't be joined" : null;
    }

    /** The shape of the result with its heads. */
    private static Shape result(Match m) {
        Shape q = Shapes.of(m.value("q"));
        return q.withDim(3, Shapes.of(m.value("v")).dim(3));
    }

    /** A result with its heads joined with the batch, and a single head. */
    private static Value flattened(Value y, Emitter to) {
        Shape shape = Shapes.of(y);
        return to.add(new Reshape(false), y, to.constant(Shapes.target(shape, joined(shape, true))));
    }

    private static String scoresReason(Match m) {
        String reason = operandsReason(m, false);
        if (reason != null) {
            return reason;
        }
        Shape q = Shapes.of(m.value("q"));
        Dim total = Shapes.of(m.value("k")).dim(2);
        Shape scores = q.withDim(3, total);
        Shape apart = Shapes.of(m.value("apart"));
        Shape together = Shapes.of(m.value("together"));
        if (!apart.equals(scores) || !together.equals(joined(scores, false))) {
            return "the scores go to " + apart + " and " + together;
        }
        reason = AttentionRules.numberReason(m, AttentionRules.factor(m));
        return reason != null
                ? reason
                : AttentionMasks.maskReason(m.value("mask"), Shapes.of(m.value("mask")), q, total);
    }

    private static Value ofScores(Match m, Emitter to) {
        Value q = m.value("q");
        Value k = m.value("k");
        Value mask = m.value("mask");
        boolean open =
                AttentionMasks.isOpen(mask, Shapes.of(q).dim(2), Shapes.of(k).dim(2));
        Attention op = AttentionRules.scaledBy(AttentionRules.factor(m));
        Value y = to.add(op, q, k, m.value("v"), open ? AttentionMasks.widened(mask, k, to) : mask);
        return to.add(new Squeeze(), flattened(y, to), to.constant(Tensor.of(new long[] {1})));
    }

    private static String headsReason(Match m) {
        Node node = m.root();
        Attention a = m.rootOp(Attention.class);
        if (a.queryHeads() != null
                || node.input(PAST) != null
                || node.input(VALID) != null
                || node.outputs().size() > 1) {
            return "it has packed heads, past keys, valid lengths or more outputs";
        }
        String reason = operandsReason(m, true);
        if (reason != null || node.input(MASK) == null) {
            return reason;
        }
        return mask(m) == null
                ? "the mask of shape " + Shapes.of(node.input(MASK)) + " differs for each head of each sequence"
                : null;
    }

    /**
     * The mask for heads that are apart: one for all heads, or one whose heads are joined with the batch; else null.
     */
    private static Value mask(Match m) {
        Value mask = m.root().input(MASK);
        Shape shape = Shapes.of(mask);
        boolean same = shape.hasRank();
        for (int i = 0; same && i < shape.rank() - 2; i++) {
            same = shape.dim(i).equals(Dim.of(1));
        }
        if (same) {
            return mask;
        }
        Node view = mask.producer();
        if (view == null || !DuplicatedHalves.VIEWS.contains(view.op().getClass())) {
            return null;
        }
        Shape apart = Shapes.of(view.input(0));
        Shape q = Shapes.of(m.value("q"));
        boolean fits = apart.hasRank()
                && apart.rank() == 4
                && apart.dim(0).equals(q.dim(0))
                && shape.equals(joined(apart, true));
        return fits ? view.input(0) : null;
    }

    private static Value ofHeads(Match m, Emitter to) {
        List<Value> operands = new ArrayList<>(List.of(m.value("q"), m.value("k"), m.value("v")));
        if (m.root().input(MASK) != null) {
            operands.add(mask(m));
        }
        return flattened(to.add(m.root().op(), operands, 1).getFirst(), to);
    }
}

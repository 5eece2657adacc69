package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds attention whose mask is applied in other ways than by one addition: by Where, by a product, or by two
 * additions. Turns a mask that hides later keys alone into the causal attribute.
 */
public final class AttentionMaskRules {
    /** A score that is added to a number as low as this is lost in rounding. */
    private static final double LOST = -1e30;

    /** Softmax gives 0 for a score to which a number as low as this is added, next to a score without it. */
    private static final double HIDING = -1e9;

    private static final int MASK = 3;
    private static final int PAST = 4;
    private static final int VALID = 6;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "attention-chosen-added",
                            op(MatMul.class, AttentionRules.softmax(added()), any("v")),
                            AttentionMaskRules::attention)
                    .unless(AttentionRules::scoresReason)
                    .unless(m -> AttentionMasks.maskReason(m, m.has("hidden") ? "hidden" : "mask"))
                    .unless(m -> AttentionMasks.maskReason(m, "bias"))
                    .unless(m -> AttentionMasks.maskReason(m, "inner bias"))
                    .rounding()
                    .making(Attention.class),
            Rule.of(
                            "attention-added-twice",
                            op(MatMul.class, AttentionRules.softmax(addedTwice()), any("v")),
                            AttentionMaskRules::attentionOfSum)
                    .unless(AttentionRules::scoresReason)
                    .unless(m -> AttentionMasks.maskReason(m, "bias"))
                    .unless(m -> AttentionMasks.maskReason(m, "inner bias"))
                    .rounding()
                    .making(Attention.class),
            Rule.of(
                            "attention-kept",
                            op(MatMul.class, AttentionRules.softmax(kept()), any("v")),
                            AttentionMaskRules::attentionOfKept)
                    .unless(AttentionRules::scoresReason)
                    .unless(m -> AttentionMasks.maskReason(m, "kept"))
                    .unless(AttentionMaskRules::keptReason)
                    .rounding()
                    .making(Attention.class),
            Rule.ofAll(
                            "attention-causal",
                            op(Attention.class, any("q"), any("k"), any("v"), any("mask"))
                                    .open()
                                    .where(AttentionMaskRules::hasCausalMask),
                            AttentionMaskRules::causal)
                    .unless(AttentionMaskRules::causalReason)
                    .rounding()
                    .making(Attention.class));

    private AttentionMaskRules() {}

    private static Pattern added() {
        Pattern scores = AttentionRules.scaled(AttentionRules.products());
        Pattern biased = either(op(Add.class, scores, any("inner bias")).once(), scores);
        Pattern chosen = AttentionMasks.chosen(biased, LOST);
        return either(op(Add.class, chosen, any("bias")).once(), chosen);
    }

    private static Pattern addedTwice() {
        Pattern scores = AttentionRules.scaled(AttentionRules.products());
        Pattern biased = op(Add.class, scores, any("inner bias")).once();
        return op(Add.class, biased, any("bias")).once();
    }

    /**
     * Scores times ones and zeros, and a low number in the place of those that became zero, as the first GPT-2 has it.
     */
    private static Pattern kept() {
        Pattern scores = AttentionRules.scaled(AttentionRules.products());
        Pattern kept = op(Mul.class, scores, any("kept")).once();
        Pattern replaced = either(
                op(Sub.class, kept, any("taken")).once(),
                op(Add.class, kept, any("added")).once());
        return either(replaced, op(Add.class, replaced, any("bias")).once());
    }

    /** Why the mask does not keep scores up to a diagonal and hide those after it, or null. */
    private static String keptReason(Match m) {
        CausalMask kept = CausalMask.of(m.value("kept"));
        if (kept == null || kept.inside() != 1 || kept.outside() != 0 || !kept.startsInside()) {
            return "the factor of the scores is not known to be 1 up to a diagonal and 0 after it";
        }
        boolean taken = m.has("taken");
        CausalMask other = CausalMask.of(m.value(taken ? "taken" : "added"));
        double number = other == null ? 0 : taken ? -other.outside() : other.outside();
        if (other == null
                || other.inside() != 0
                || !kept.equals(new CausalMask(1, 0, other.diagonal(), other.rows(), other.columns()))) {
            return "the number in the place of the scores is not known to be 0 up to the same diagonal";
        }
        if (!(number <= AttentionRules.LOW)) {
            return "the scores are replaced by " + number;
        }
        return m.has("bias") ? "a sum with replaced scores may bring them back" : null;
    }

    private static Value attentionOfKept(Match m, Emitter to) {
        Value mask = to.add(new Cast(DType.BOOL), m.value("kept"));
        return AttentionRules.attention(m, to, mask, AttentionMasks.isOpen(m, "kept"));
    }

    private static Value attentionOfSum(Match m, Emitter to) {
        return attention(m, to.add(new Add(), m.value("inner bias"), m.value("bias")), to);
    }

    private static Value attention(Match m, Emitter to) {
        Value low = m.value("low");
        DType type = low.constant().dtype();
        Value open = m.has("inner bias") ? m.value("inner bias") : to.constant(Constants.filled(type, 0));
        Value number = to.constant(Constants.filled(type, Constants.number(low.constant())));
        Value mask = m.has("hidden")
                ? to.add(new Where(), m.value("hidden"), number, open)
                : to.add(new Where(), m.value("mask"), open, number);
        if (m.has("bias")) {
            mask = to.add(new Add(), mask, m.value("bias"));
        }
        return attention(m, mask, to);
    }

    /** Attention with a mask that combines those of the match. */
    private static Value attention(Match m, Value sum, Emitter to) {
        boolean open = AttentionMasks.isOpen(m, m.has("hidden") ? "hidden" : "mask")
                || AttentionMasks.isOpen(m, "bias")
                || AttentionMasks.isOpen(m, "inner bias");
        return AttentionRules.attention(m, to, sum, open);
    }

    private static boolean hasCausalMask(Node node) {
        return CausalMask.of(node.input(MASK)) != null;
    }

    private static String causalReason(Match m) {
        Attention a = m.rootOp(Attention.class);
        Node node = m.root();
        if (a.causal() || a.leftWindow() >= 0 || a.rightWindow() >= 0 || node.input(VALID) != null) {
            return "it hides other keys already";
        }
        if (a.scores() != 0 || node.outputs().size() > MASK) {
            return "the scores are asked for";
        }
        Shape q = Shapes.of(m.value("q"));
        Shape k = Shapes.of(m.value("k"));
        Value past = node.input(PAST);
        if (!q.hasRank() || !k.hasRank() || past != null && !Shapes.of(past).hasRank()) {
            return "the ranks are not known";
        }
        CausalMask t = CausalMask.of(m.value("mask"));
        boolean truth = m.value("mask").tensorType().dtype() == DType.BOOL;
        boolean hides = truth ? t.inside() > t.outside() : t.inside() == 0 && t.outside() <= HIDING;
        if (!hides) {
            return "the mask is " + t.inside() + " up to the diagonal and " + t.outside() + " after it";
        }
        int length = q.rank() == 3 ? 1 : 2;
        Dim before = past == null ? Dim.of(0) : Shapes.of(past).dim(2);
        Dim total = before.plus(k.dim(length));
        if (!t.diagonal().equals(before)) {
            return "the diagonal is at " + t.diagonal() + ", not at " + before;
        }
        return t.spans(q.dim(length), total)
                ? null
                : "the mask has " + t.rows() + " rows and " + t.columns() + " columns";
    }

    private static List<Value> causal(Match m, Emitter to) {
        Attention a = m.rootOp(Attention.class);
        Attention op = a.withCausal(true);
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(MASK, null);
        while (operands.getLast() == null) {
            operands.removeLast();
        }
        return to.add(op, operands, m.root().outputs().size());
    }
}

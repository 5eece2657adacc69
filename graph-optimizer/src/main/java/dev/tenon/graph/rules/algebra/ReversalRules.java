package dev.tenon.graph.rules.algebra;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Reversals;
import dev.tenon.op.shape.ReverseSequence;
import dev.tenon.op.shape.Slice;

/** Writes every reversal of a whole axis as a Slice, and drops two reversals of the same axis. */
public final class ReversalRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "reverse-twice",
                            op(
                                            Slice.class,
                                            op(Slice.class, any("x"))
                                                    .open()
                                                    .where(ReversalRules::reverses)
                                                    .as("inner"))
                                    .open()
                                    .where(ReversalRules::reverses),
                            "x")
                    .unless(m -> axis(m.root()) == axis(m.node("inner")) ? null : "they reverse different axes"),
            Rule.of(
                            "reverse-sequence-whole",
                            op(ReverseSequence.class, any("x"), any("lengths")),
                            (m, to) -> Reversals.reversed(m.value("x"), axis(m.root()), to))
                    .unless(ReversalRules::lengthsReason));

    private ReversalRules() {}

    private static int axis(Node node) {
        return Reversals.axis(node);
    }

    private static boolean reverses(Node node) {
        return Reversals.axis(node) >= 0;
    }

    private static String lengthsReason(Match m) {
        return reverses(m.root()) ? null : "a length is not known to be that of the axis";
    }
}

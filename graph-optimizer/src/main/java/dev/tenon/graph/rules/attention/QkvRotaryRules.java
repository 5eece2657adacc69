package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.fused.QkvRotaryEmbedding;
import java.util.ArrayList;
import java.util.List;

/** Merges the products that compute queries, keys and values where queries and keys get a rotary embedding. */
public final class QkvRotaryRules {
    private static final String ROTATED = " rotated";
    private static final int POSITIONS = 3;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(Rule.ofAll(
                    "qkv-rotary-products",
                    op(Attention.class, rotated("q"), rotated("k"), QkvRules.projected("v"))
                            .open(),
                    QkvRotaryRules::joined)
            .unless(QkvRules::productsReason)
            .unless(QkvRotaryRules::rotationReason)
            .rounding()
            .making(QkvAttention.class));

    private QkvRotaryRules() {}

    /** A product, rotated by the same angles as all others. */
    private static Pattern rotated(String name) {
        return op(RotaryEmbedding.class, QkvRules.projected(name), any("cos"), any("sin"))
                .open()
                .as(name + ROTATED)
                .once();
    }

    /** Why queries and keys can't be rotated as one operand, or null. */
    private static String rotationReason(Match m) {
        Attention a = m.rootOp(Attention.class);
        Node queries = m.node("q" + ROTATED);
        Node keys = m.node("k" + ROTATED);
        RotaryEmbedding q = (RotaryEmbedding) queries.op();
        RotaryEmbedding k = (RotaryEmbedding) keys.op();
        if (!a.queryHeads().equals(q.heads()) || !a.keyHeads().equals(k.heads())) {
            return "other heads are rotated";
        }
        // They have the same angles, and so as many elements of each head are rotated.
        boolean alike = q.interleaved() == k.interleaved() && queries.input(POSITIONS) == keys.input(POSITIONS);
        return alike ? null : "queries and keys are rotated in different ways";
    }

    private static List<Value> joined(Match m, Emitter to) {
        Attention a = m.rootOp(Attention.class);
        RotaryEmbedding q = m.op("q" + ROTATED, RotaryEmbedding.class);
        RotaryEmbedding both = new RotaryEmbedding(q.interleaved(), a.queryHeads() + a.keyHeads(), q.width());
        List<Value> operands = new ArrayList<>(m.node("q" + ROTATED).inputs());
        operands.set(0, QkvRules.product(m, to));
        Value rotated =
                to.add(new QkvRotaryEmbedding(both, a.keyHeads()), operands, 1).getFirst();
        return QkvRules.attended(m.root(), a, rotated, to);
    }
}

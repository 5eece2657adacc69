package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Producers;
import dev.tenon.graph.rules.analysis.RoundedValue;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.fused.RoundedAttention;
import dev.tenon.op.fused.RoundedAttention.Rounding;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.ThresholdedRelu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.List;

/**
 * Finds attention in statically quantised models, where queries, keys, values and probabilities are rounded before they are
 * multiplied. Then lets it read queries, keys and values from one operand.
 */
public final class RoundedAttentionRules {
    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);
    private static final int RANK = 4;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "rounded-attention",
                            op(MatMul.class, rounded("probabilities"), any("values")),
                            (m, to) -> Parts.of(m).emit(to))
                    .unless(m -> Parts.of(m).reason)
                    .rounding()
                    .making(RoundedAttention.class),
            Rule.of(
                            "rounded-attention-pieces",
                            op(
                                    Reshape.class,
                                    op(
                                                    Transpose.class,
                                                    op(
                                                                    RoundedAttention.class,
                                                                    QkvRules.piece(0),
                                                                    QkvRules.piece(1),
                                                                    QkvRules.piece(2))
                                                            .as("attention")
                                                            .once())
                                            .where(
                                                    Transpose.class,
                                                    t -> t.perm().equals(HEADS_FIRST))
                                            .once(),
                                    constant("shape")),
                            RoundedAttentionRules::gathered)
                    .unless(QkvRules::piecesReason)
                    .making(RoundedAttention.class));

    private RoundedAttentionRules() {}

    /** The last operators of a rounding. {@link RoundedValue} looks at all of them. */
    private static Pattern rounded(String name) {
        Pattern clipped = op(Min.class, op(ThresholdedRelu.class, any()), constant("width"));
        Pattern back = either(op(Sub.class, clipped, constant("taken")), clipped);
        return op(Mul.class, back, constant("unit")).as(name);
    }

    private static Value gathered(Match m, Emitter to) {
        long heads = Shapes.of(m.value("split")).dim(3).value();
        return to.add(m.op("attention", RoundedAttention.class).ofOneOperand(heads), m.value("x"));
    }

    /** The parts of an attention, from its result back to its operands. */
    private static final class Parts {
        private final Match m;
        private final RoundedValue probabilities;
        private final RoundedValue values;
        private RoundedValue queries;
        private RoundedValue keys;
        private double factor = 1;
        private final String reason;

        private Parts(Match m) {
            this.m = m;
            probabilities = RoundedValue.of(m.value("probabilities"));
            values = probabilities == null ? null : RoundedValue.of(m.value("values"));
            reason = values == null ? "its operands are not rounded" : follow();
        }

        private static Parts of(Match m) {
            return new Parts(m);
        }

        private String follow() {
            Node softmax = Producers.once(m, probabilities.x(), Softmax.class);
            if (softmax == null || !AttentionRules.isLast(softmax) || m.uses(m.value("probabilities")) != 1) {
                return "its left operand is not made of one softmax";
            }
            Value scores = softmax.input(0);
            Node scaled = Producers.once(m, scores, Mul.class);
            Node divided = Producers.once(m, scores, Div.class);
            Node by = scaled != null ? scaled : divided;
            if (by != null && isNumber(by.input(1))) {
                double number = by.input(1).constant().getDouble(0);
                factor = by == scaled ? number : 1 / number;
                scores = by.input(0);
            }
            Node products = Producers.once(m, scores, MatMul.class);
            queries = products == null ? null : RoundedValue.of(products.input(0));
            keys = queries == null ? null : RoundedValue.of(products.input(1));
            return keys == null ? "the scores are no products of rounded queries and keys" : shapeReason(products);
        }

        private static boolean isNumber(Value v) {
            return v.isConstant() && v.constant().rank() == 0;
        }

        private String shapeReason(Node products) {
            Shape q = Shapes.of(products.input(0));
            Shape k = Shapes.of(products.input(1));
            Shape v = Shapes.of(m.value("values"));
            for (Shape shape : List.of(q, k, v)) {
                if (!shape.hasRank() || shape.rank() != RANK) {
                    return "operands are " + q + ", " + k + " and " + v;
                }
            }
            for (int i = 0; i < 2; i++) {
                Dim dim = q.dim(i);
                if (!dim.equals(k.dim(i)) || !dim.equals(v.dim(i))) {
                    return "batch and heads of " + q + ", " + k + " and " + v + " are broadcast";
                }
            }
            return null;
        }

        private Value emit(Emitter to) {
            RoundedAttention op = new RoundedAttention(
                    null, (float) factor, rounding(queries), rounding(keys), rounding(values), rounding(probabilities));
            Value turned = to.add(new Transpose(AttentionRules.KEYS_TRANSPOSED), keys.unrounded(to));
            return to.add(op, queries.unrounded(to), turned, values.unrounded(to));
        }

        private static Rounding rounding(RoundedValue v) {
            return new Rounding(v.scale(), v.least(), v.greatest());
        }
    }
}

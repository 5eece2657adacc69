package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.scalar;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Not;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds attention in the form that exporters of BERT, ViT and GPT give it: products of queries and keys, a scale, a
 * mask that is added, Softmax, a product with the values. Then folds a scale of queries or keys into the attention, and
 * the splitting and joining of heads around it.
 */
public final class AttentionRules {
    /** Operators that move elements and change none. */
    private static final List<Class<? extends Op>> MOVES =
            List.of(Transpose.class, Reshape.class, Unsqueeze.class, Squeeze.class);

    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);
    static final List<Integer> KEYS_TRANSPOSED = List.of(0, 1, 3, 2);

    private static final String MOVED = "moved ";
    private static final int MAX_MOVES = 3;

    private static final int PAST = 4;
    private static final int VALID = 6;

    /** The exponential of a score this far below another one is 0. */
    static final double LOW = -1e4;

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "attention",
                            op(MatMul.class, softmax(masked(scaled(products()))), any("v")),
                            AttentionRules::attention)
                    .unless(AttentionRules::reason)
                    .rounding()
                    .making(Attention.class),
            Rule.of(
                            "attention-chosen",
                            op(MatMul.class, softmax(AttentionMasks.chosen(scaled(products()), LOW)), any("v")),
                            AttentionRules::attention)
                    .unless(AttentionRules::reason)
                    .unless(AttentionMasks::chosenReason)
                    .rounding()
                    .making(Attention.class),
            Rule.ofAll(
                            "attention-grouped",
                            op(Attention.class, any("q"), repeated("k"), repeated("v"))
                                    .open(),
                            AttentionRules::grouped)
                    .unless(m -> repeatedReason(m, "k"))
                    .unless(m -> repeatedReason(m, "v"))
                    .making(Attention.class),
            Rule.of(
                            "attention-scaled-queries",
                            op(Attention.class, numbered(), any("k")).open().as("attention"),
                            (m, to) -> rescaled(m, to, 0))
                    .unless(m -> scaleReason(m))
                    .rounding()
                    .making(Attention.class),
            Rule.of(
                            "attention-scaled-keys",
                            op(Attention.class, any("q"), numbered()).open().as("attention"),
                            (m, to) -> rescaled(m, to, 1))
                    .unless(m -> scaleReason(m))
                    .unless(m -> m.root().input(PAST) == null ? null : "past keys are not scaled")
                    .rounding()
                    .making(Attention.class),
            Rule.of(
                            "attention-heads",
                            op(
                                    Reshape.class,
                                    op(
                                                    Transpose.class,
                                                    op(Attention.class, heads("q"), heads("k"), heads("v"))
                                                            .open()
                                                            .as("attention")
                                                            .once())
                                            .where(AttentionRules::swapsHeads)
                                            .once(),
                                    constant("shape")),
                            AttentionRules::packed)
                    .unless(AttentionRules::packedReason)
                    .making(Attention.class));

    private AttentionRules() {}

    static Pattern products() {
        Pattern keys = either(
                op(Transpose.class, any()).as("k"),
                op(Concat.class).open().where(AttentionRules::joinsTransposed).as("k"));
        return op(MatMul.class, any("q"), keys).once();
    }

    /** Whether a Concat joins past keys and new keys that are both transposed for the product. */
    private static boolean joinsTransposed(Node concat) {
        int axis = ((Concat) concat.op()).axis();
        boolean transposed = axis == -1 || axis == 3;
        boolean undone = false;
        for (Value v : concat.inputs()) {
            Op op = v.producer() == null ? null : v.producer().op();
            transposed &= op instanceof Transpose;
            undone |= op instanceof Transpose t && t.perm().equals(KEYS_TRANSPOSED);
        }
        return transposed && undone;
    }

    static Pattern scaled(Pattern products) {
        return either(
                op(Mul.class, products, scalar("factor")).once(),
                op(Div.class, products, scalar("divisor")).once(),
                products);
    }

    private static Pattern masked(Pattern scores) {
        return either(op(Add.class, scores, any("mask")).once(), scores);
    }

    /** Heads of keys or values, each repeated for the queries that share it: grouped-query attention. */
    private static Pattern repeated(String name) {
        return op(Reshape.class, op(Expand.class, any(name + " apart"), any()).as(name + " wide"), any())
                .as(name);
    }

    private static String repeatedReason(Match m, String name) {
        if (m.root().input(PAST) != null || m.root().outputs().size() > 1) {
            return "it has past keys or more outputs";
        }
        Shape apart = Shapes.of(m.value(name + " apart"));
        Shape wide = Shapes.of(m.value(name + " wide"));
        Shape all = Shapes.of(m.value(name));
        boolean fits = apart.hasRank() && apart.rank() == 5 && apart.dim(2).equals(Dim.of(1));
        fits = fits && wide.hasRank() && wide.equals(apart.withDim(2, wide.dim(2)));
        fits = fits && all.equals(without(wide, apart.dim(1).times(wide.dim(2))));
        fits = fits && Shapes.target(apart, without(apart, apart.dim(1))) != null;
        return fits ? null : "'" + name + "' goes from " + apart + " to " + wide + " and " + all;
    }

    /** Five dimensions without the third one, and with another second one. */
    private static Shape without(Shape shape, Dim heads) {
        return Shape.of(shape.dim(0), heads, shape.dim(3), shape.dim(4));
    }

    private static Value heads(Match m, Emitter to, String name) {
        Value apart = m.value(name + " apart");
        Shape shape = Shapes.of(apart);
        return to.add(new Reshape(false), apart, to.constant(Shapes.target(shape, without(shape, shape.dim(1)))));
    }

    private static List<Value> grouped(Match m, Emitter to) {
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(1, heads(m, to, "k"));
        operands.set(2, heads(m, to, "v"));
        Attention a = m.rootOp(Attention.class);
        Attention op = a.withHeads(null, null);
        return to.add(op, operands, 1);
    }

    static OpPattern softmax(Pattern scores) {
        return op(Softmax.class, scores).where(AttentionRules::isLast).once();
    }

    static boolean isLast(Node n) {
        int axis = ((Softmax) n.op()).axis();
        int rank = Shapes.rank(n.output());
        return axis == -1 || axis == rank - 1;
    }

    /** Splits the heads of a packed operand: [batch, length, heads * size] becomes [batch, heads, length, size]. */
    private static Pattern heads(String name) {
        return op(Transpose.class, op(Reshape.class, any(name), any()).as(name + " split"))
                .where(AttentionRules::swapsHeads);
    }

    private static boolean swapsHeads(Node n) {
        return ((Transpose) n.op()).perm().equals(HEADS_FIRST);
    }

    /** Queries or keys times a number, perhaps with their heads split and moved after that. */
    private static Pattern numbered() {
        Pattern number = either(
                op(Mul.class, any("x"), scalar("factor")).once(),
                op(Div.class, any("x"), scalar("divisor")).once());
        Pattern moved = number;
        for (int i = 0; i < MAX_MOVES; i++) {
            moved = either(number, op(MOVES, moved).open().as(MOVED + i).once());
        }
        return moved;
    }

    static double factor(Match m) {
        return m.has("factor") ? m.number("factor") : m.has("divisor") ? 1 / m.number("divisor") : 1;
    }

    /** Why the scores are not those of attention, or null. */
    static String scoresReason(Match m) {
        String reason = AttentionBindings.rankReason(m);
        if (reason != null) {
            return reason;
        }
        Shape q = AttentionBindings.shape(m, "q");
        Shape k = AttentionBindings.shape(m, "k");
        Shape v = AttentionBindings.shape(m, "v");
        for (int i = 0; i < 2; i++) {
            if (!q.dim(i).equals(k.dim(i)) || !q.dim(i).equals(v.dim(i))) {
                return "batch and heads of " + q + ", " + k + " and " + v + " are broadcast";
            }
        }
        return numberReason(m, factor(m));
    }

    /** Why a number can't be the scale of an attention, which is a float32; or null. */
    static String numberReason(Match m, double number) {
        float scale = (float) number;
        if (!Float.isFinite(scale) || scale == 0) {
            return "the scale is " + scale;
        }
        boolean rounded = scale != number && m.root().output().tensorType().dtype() == DType.FLOAT64;
        return rounded ? "the scale " + number + " is no f32" : null;
    }

    private static String reason(Match m) {
        String reason = scoresReason(m);
        return reason != null ? reason : AttentionMasks.maskReason(m, m.has("hidden") ? "hidden" : "mask");
    }

    private static Value attention(Match m, Emitter to) {
        if (!m.has("hidden") && !m.has("mask")) {
            return attention(m, to, null, false);
        }
        Value mask = m.has("hidden") ? to.add(new Not(), m.value("hidden")) : m.value("mask");
        return attention(m, to, mask, AttentionMasks.isOpen(m, m.has("hidden") ? "hidden" : "mask"));
    }

    /**
     * The attention in the place of a match.
     *
     * @param m the match
     * @param to where nodes are added
     * @param mask the mask, or null
     * @param open whether the mask may have one column for all keys, which is then repeated
     */
    static Value attention(Match m, Emitter to, Value mask, boolean open) {
        Value keys = AttentionBindings.keys(m, to);
        List<Value> operands = new ArrayList<>(List.of(
                AttentionBindings.withHeads(m, to, m.value("q")),
                keys,
                AttentionBindings.withHeads(m, to, m.value("v"))));
        if (mask != null) {
            Value all = AttentionBindings.withHeads(m, to, mask);
            operands.add(open ? AttentionMasks.widened(all, keys, to) : all);
        }
        return AttentionBindings.result(
                m, to, to.add(scaledBy(factor(m)), operands, 1).getFirst());
    }

    /** Attention of operands with heads, whose scores are multiplied by a number. */
    static Attention scaledBy(double factor) {
        return new Attention(false, null, null, (float) factor, 0, 0, null, -1, -1);
    }

    private static String scaleReason(Match m) {
        Attention op = m.op("attention", Attention.class);
        if (op.scale() == null
                || op.softcap() != 0
                || m.node("attention").outputs().size() > 1) {
            return "the scores are used otherwise";
        }
        int rank = m.constant(m.has("factor") ? "factor" : "divisor").rank();
        if (rank > 0 && rank > Shapes.rank(m.value("x"))) {
            return "the number has more dimensions than its operand";
        }
        return numberReason(m, op.scale() * factor(m));
    }

    private static Value rescaled(Match m, Emitter to, int operand) {
        Attention a = m.op("attention", Attention.class);
        Attention op = a.withScale((float) (a.scale() * factor(m)));
        List<Value> operands = new ArrayList<>(m.root().inputs());
        Value x = m.value("x");
        for (int i = 0; i < MAX_MOVES; i++) {
            if (m.has(MOVED + i)) {
                List<Value> moved = new ArrayList<>(m.node(MOVED + i).inputs());
                moved.set(0, x);
                x = to.add(m.node(MOVED + i).op(), moved, 1).getFirst();
            }
        }
        operands.set(operand, x);
        return to.add(op, operands, 1).getFirst();
    }

    private static String packedReason(Match m) {
        Node attention = m.node("attention");
        Attention op = m.op("attention", Attention.class);
        if (attention.outputs().size() > 1 || attention.input(PAST) != null || op.queryHeads() != null) {
            return "it has past keys or more outputs";
        }
        if (attention.input(VALID) != null) {
            return "it has numbers of valid keys";
        }
        for (String name : List.of("q", "k", "v")) {
            Shape packed = Shapes.of(m.value(name));
            Shape split = Shapes.of(m.value(name + " split"));
            boolean fits = packed.hasRank()
                    && packed.rank() == 3
                    && split.hasRank()
                    && packed.dim(0).equals(split.dim(0))
                    && packed.dim(1).equals(split.dim(1))
                    && split.dim(2).isKnown();
            if (!fits) {
                return "'" + name + "' goes from " + packed + " to " + split;
            }
        }
        Shape joined = Shapes.of(m.root().output());
        Shape y = Shapes.of(m.root().input(0));
        boolean joins = joined.rank() == 3
                && joined.dim(0).equals(y.dim(0))
                && joined.dim(1).equals(y.dim(1));
        return joins ? null : "the heads are joined to " + joined;
    }

    private static Value packed(Match m, Emitter to) {
        Attention a = m.op("attention", Attention.class);
        Attention op = a.withHeads(
                Shapes.of(m.value("q split")).dim(2).value(),
                Shapes.of(m.value("k split")).dim(2).value());
        Value mask = m.node("attention").input(3);
        List<Value> operands = new ArrayList<>(Arrays.asList(m.value("q"), m.value("k"), m.value("v")));
        if (mask != null) {
            operands.add(mask);
        }
        return to.add(op, operands, 1).getFirst();
    }
}

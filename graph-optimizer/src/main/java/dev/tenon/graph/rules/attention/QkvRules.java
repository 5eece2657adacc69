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
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Merges the products that compute queries, keys and values into one, whose result attention reads in place. */
public final class QkvRules {
    private static final List<String> NAMES = List.of("q", "k", "v");
    private static final int MAX_OUTPUTS = 3;
    private static final int PIECES = 3;
    private static final long NONE = Long.MIN_VALUE;
    private static final List<Integer> PIECES_FIRST = List.of(2, 0, 3, 1, 4);
    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.ofAll(
                            "qkv-products",
                            op(Attention.class, projected("q"), projected("k"), projected("v"))
                                    .open(),
                            QkvRules::joined)
                    .unless(QkvRules::productsReason)
                    .rounding()
                    .making(QkvAttention.class),
            Rule.ofAll(
                            "qkv-columns",
                            op(
                                            Attention.class,
                                            op(List.of(Split.class, Slice.class), any("x"))
                                                    .open()
                                                    .as("q"),
                                            either(
                                                    op(Split.class, any("x"))
                                                            .open()
                                                            .output(1)
                                                            .as("k"),
                                                    op(Slice.class, any("x"))
                                                            .open()
                                                            .as("k")),
                                            either(
                                                    op(Split.class, any("x"))
                                                            .open()
                                                            .output(2)
                                                            .as("v"),
                                                    op(Slice.class, any("x"))
                                                            .open()
                                                            .as("v")))
                                    .open(),
                            (m, to) -> attended(m.root(), m.rootOp(Attention.class), m.value("x"), to))
                    .unless(QkvRules::columnsReason)
                    .making(QkvAttention.class),
            Rule.of(
                            "qkv-pieces",
                            op(
                                    Reshape.class,
                                    op(
                                                    Transpose.class,
                                                    op(Attention.class, piece(0), piece(1), piece(2))
                                                            .open()
                                                            .as("attention")
                                                            .once())
                                            .where(
                                                    Transpose.class,
                                                    t -> t.perm().equals(HEADS_FIRST))
                                            .once(),
                                    constant("shape")),
                            QkvRules::gathered)
                    .unless(QkvRules::attentionReason)
                    .unless(QkvRules::piecesReason)
                    .making(QkvAttention.class));

    private QkvRules() {}

    /** A product with constant weights, and perhaps a bias. */
    static Pattern projected(String name) {
        Pattern product = op(MatMul.class, any("x"), constant(name + " weights", t -> t.rank() == 2))
                .once();
        Pattern biased = op(Add.class, product, constant(name + " bias", t -> t.rank() <= 1))
                .once();
        return either(biased, product);
    }

    /** One of three pieces of [batch, length, 3, heads, size], as [batch, heads, length, size]. */
    static Pattern piece(int i) {
        Pattern pieces = op(Transpose.class, op(Reshape.class, any("x"), any()).as("split"))
                .where(Transpose.class, t -> t.perm().equals(PIECES_FIRST));
        Pattern index = constant("index " + i, t -> t.getLong(0) == i || t.getLong(0) == i - PIECES);
        Pattern part = either(
                op(Split.class, pieces)
                        .open()
                        .output(i)
                        .where(n -> startsAt(n.outputs().get(i), 0, i)),
                op(Slice.class, pieces).open().where(n -> isPiece(n, i)));
        return either(
                op(Gather.class, pieces, index).where(Gather.class, g -> g.axis() == 0 || g.axis() == -5),
                op(Squeeze.class, part, constant("axis " + i, t -> t.getLong(0) == 0)));
    }

    /** Whether a Slice takes one piece along the first axis. */
    private static boolean isPiece(Node slice, int i) {
        long start = start(slice, 0);
        return (start == i || start == i - PIECES)
                && Shapes.of(slice.output()).dim(0).equals(Dim.of(1));
    }

    /** The start of a Slice forward along one axis; {@link #NONE} if it is another kind of Slice. */
    private static long start(Node slice, int axis) {
        Value starts = slice.input(1);
        Value axes = slice.input(3);
        Value steps = slice.input(4);
        int rank = Shapes.rank(slice.input(0));
        if (!starts.isConstant()
                || starts.constant().size() != 1
                || axes == null
                || !axes.isConstant()
                || steps != null && (!steps.isConstant() || steps.constant().getLong(0) != 1)) {
            return NONE;
        }
        long along = axes.constant().getLong(0);
        return along == axis || along == axis - rank ? starts.constant().getLong(0) : NONE;
    }

    /** Why an attention can't read its operands from one value, which is of rank 3, or null. */
    static String outputsReason(Attention a, Node node) {
        return a.scores() == 0 && node.outputs().size() <= MAX_OUTPUTS ? null : "the scores are asked for";
    }

    /** Why keys and values do not belong to heads of one size, or null. Queries and keys always do. */
    static String widthReason(long k, long v) {
        return k == v ? null : "keys of " + k + " and values of " + v + " have heads of different sizes";
    }

    /** Why the products can't be merged, or null. */
    static String productsReason(Match m) {
        Attention a = m.rootOp(Attention.class);
        String reason = outputsReason(a, m.root());
        if (reason != null) {
            return reason;
        }
        for (String name : NAMES) {
            Tensor w = m.constant(name + " weights");
            if (m.uses(m.value(name + " weights")) > 1) {
                return "the weights are shared";
            }
            long bias = m.has(name + " bias") ? m.constant(name + " bias").size() : 1;
            if (bias != 1 && bias != w.dim(1)) {
                return "a bias is not one number for each column";
            }
        }
        if (Shapes.rank(m.value("x")) != 3) {
            return "the operand is not of rank 3";
        }
        return widthReason(
                m.constant("k weights").dim(1), m.constant("v weights").dim(1));
    }

    private static List<Value> joined(Match m, Emitter to) {
        return attended(m.root(), m.rootOp(Attention.class), product(m, to), to);
    }

    /** One product for all three, with a bias if one of them has one. */
    static Value product(Match m, Emitter to) {
        List<Tensor> weights = new ArrayList<>();
        boolean biased = false;
        for (String name : NAMES) {
            weights.add(m.constant(name + " weights"));
            biased |= m.has(name + " bias");
        }
        Value product = to.add(new MatMul(), m.value("x"), to.constant(columns(weights)));
        return biased ? to.add(new Add(), product, to.constant(bias(m, weights))) : product;
    }

    /** Matrices with the same number of rows, joined along their columns. */
    static Tensor columns(List<Tensor> matrices) {
        Tensor first = matrices.getFirst();
        long width = width(matrices);
        Tensor all = Tensor.allocate(first.dtype(), first.dim(0), width);
        MemorySegment to = all.segment();
        long bytes = first.dtype().bits() / 8;
        long at = 0;
        for (Tensor t : matrices) {
            MemorySegment from = t.segment();
            long row = t.dim(1) * bytes;
            long end = t.dim(0) * row;
            long target = at;
            for (long source = 0; source < end; source += row) {
                MemorySegment.copy(from, source, to, target, row);
                target += width * bytes;
            }
            at += row;
        }
        return all;
    }

    /** The columns of all matrices. */
    private static long width(List<Tensor> matrices) {
        long width = 0;
        for (Tensor t : matrices) {
            width += t.dim(1);
        }
        return width;
    }

    private static Tensor bias(Match m, List<Tensor> weights) {
        Tensor all = Tensor.allocate(weights.getFirst().dtype(), width(weights));
        long at = 0;
        for (int i = 0; i < NAMES.size(); i++) {
            long count = weights.get(i).dim(1);
            String name = NAMES.get(i) + " bias";
            Tensor own = m.has(name) ? m.constant(name) : null;
            if (own != null && own.size() == count) {
                long bytes = all.dtype().byteSize(1);
                MemorySegment.copy(own.segment(), 0, all.segment(), at * bytes, count * bytes);
            } else if (own != null) {
                for (long j = 0; j < count; j++) {
                    all.setDouble(at + j, own.getDouble(0));
                }
            }
            at += count;
        }
        return all;
    }

    /** The attention of joined operands, with the other operands and the outputs that it had. */
    static List<Value> attended(Node node, Attention attention, Value joined, Emitter to) {
        List<Value> operands = new ArrayList<>();
        operands.add(joined);
        for (int i = 3; i < node.inputs().size(); i++) {
            operands.add(node.input(i));
        }
        return to.add(new QkvAttention(attention), operands, node.outputs().size());
    }

    private static String columnsReason(Match m) {
        Attention a = m.rootOp(Attention.class);
        String reason = outputsReason(a, m.root());
        if (reason != null) {
            return reason;
        }
        Shape x = Shapes.of(m.value("x"));
        if (!x.hasRank() || x.rank() != 3 || !x.dim(2).isKnown()) {
            return "the operand is of shape " + x;
        }
        long[] widths = new long[3];
        long at = 0;
        for (int i = 0; i < 3; i++) {
            Value part = m.value(NAMES.get(i));
            Dim width = Shapes.of(part).dim(2);
            if (!startsAt(part, 2, at) || !width.isKnown()) {
                return "%" + part.name() + " is not the columns from " + at + " on";
            }
            widths[i] = width.value();
            at += widths[i];
        }
        return at == x.dim(2).value()
                ? widthReason(widths[1], widths[2])
                : "the columns from " + at + " on are something else";
    }

    /** Whether a value is a part of another one along an axis, from an index on. */
    private static boolean startsAt(Value part, int axis, long at) {
        Node node = part.producer();
        if (!(node.op() instanceof Split split)) {
            return start(node, axis) == at;
        }
        if (split.axis() != axis && split.axis() != axis - Shapes.rank(part)) {
            return false;
        }
        Dim before = Dim.of(0);
        for (Value v : node.outputs().subList(0, part.index())) {
            if (v == null) {
                return false;
            }
            before = before.plus(Shapes.of(v).dim(axis));
        }
        return before.equals(Dim.of(at));
    }

    private static String attentionReason(Match m) {
        Node attention = m.node("attention");
        Attention a = m.op("attention", Attention.class);
        boolean plain =
                a.scores() == 0 && a.queryHeads() == null && attention.outputs().size() == 1;
        return plain ? null : "it has more outputs, or packed heads";
    }

    /** Why three pieces are not the queries, keys and values of heads that are joined again, or null. */
    static String piecesReason(Match m) {
        Shape x = Shapes.of(m.value("x"));
        Shape split = Shapes.of(m.value("split"));
        Shape y = Shapes.of(m.root().output());
        boolean fits = x.hasRank()
                && x.rank() == 3
                && split.hasRank()
                && split.dim(2).equals(Dim.of(PIECES))
                && split.dim(3).isKnown()
                && split.dim(4).isKnown()
                && x.dim(0).equals(split.dim(0))
                && x.dim(1).equals(split.dim(1));
        boolean joins =
                fits && y.rank() == 3 && y.dim(0).equals(x.dim(0)) && y.dim(1).equals(x.dim(1));
        return joins ? null : "the heads go from " + x + " to " + split + " and are joined to " + y;
    }

    private static Value gathered(Match m, Emitter to) {
        Attention a = m.op("attention", Attention.class);
        Long heads = Shapes.of(m.value("split")).dim(3).value();
        Attention packed = a.withHeads(heads, heads);
        return attended(m.node("attention"), packed, m.value("x"), to).getFirst();
    }
}

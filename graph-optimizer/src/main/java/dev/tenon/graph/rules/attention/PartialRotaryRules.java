package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Lets a rotary embedding rotate a part of each head and copy the rest, and lets it rotate packed heads. */
public final class PartialRotaryRules {
    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "rotary-part",
                            op(
                                            Concat.class,
                                            either(
                                                    op(RotaryEmbedding.class, any("rotated"))
                                                            .open()
                                                            .as("rotary")
                                                            .once(),
                                                    op(
                                                                    Reshape.class,
                                                                    op(
                                                                                    RotaryEmbedding.class,
                                                                                    op(
                                                                                            Reshape.class,
                                                                                            any("rotated"),
                                                                                            any()))
                                                                            .open()
                                                                            .as("rotary")
                                                                            .once(),
                                                                    any())
                                                            .as("unpacked")
                                                            .once()),
                                            any("rest"))
                                    .where(Concat.class, c -> c.axis() == -1 || c.axis() == 3),
                            PartialRotaryRules::part)
                    .unless(PartialRotaryRules::partReason)
                    .making(RotaryEmbedding.class),
            Rule.of(
                            "rotary-heads",
                            op(
                                            RotaryEmbedding.class,
                                            op(
                                                            Transpose.class,
                                                            op(Reshape.class, any("x"), any())
                                                                    .as("split"))
                                                    .where(
                                                            Transpose.class,
                                                            t -> t.perm().equals(HEADS_FIRST))
                                                    .as("moved")
                                                    .once())
                                    .open(),
                            PartialRotaryRules::packed)
                    .unless(PartialRotaryRules::packedReason)
                    .making(RotaryEmbedding.class));

    private PartialRotaryRules() {}

    private static String partReason(Match m) {
        RotaryEmbedding op = m.op("rotary", RotaryEmbedding.class);
        Node first = m.value("rotated").producer();
        Node rest = m.value("rest").producer();
        if (op.width() != 0 || first == null || rest == null) {
            return "the rotated value is no part of another one";
        }
        boolean cut = first.op() instanceof Slice && rest.op() instanceof Slice
                || first.op() instanceof Split && first == rest;
        Shape shape = cut && first.input(0) == rest.input(0) ? Shapes.of(first.input(0)) : Shape.unknownRank();
        if (!shape.hasRank() || shape.rank() != 4 || !shape.dim(3).isKnown()) {
            return "the rotated part and the rest are not parts of one value";
        }
        Dim width = Shapes.of(m.value("rotated")).dim(3);
        boolean parts = width.isKnown()
                && RotaryRules.isPart(m.value("rotated"), 0, width.value())
                && RotaryRules.isPart(
                        m.value("rest"), width.value(), shape.dim(3).value());
        boolean ordered = first.op() instanceof Slice
                || m.value("rotated").index() < m.value("rest").index();
        if (!parts || !ordered) {
            return "the parts are not all of %" + first.input(0).name();
        }
        boolean packed = op.heads() != null;
        return packed == m.has("unpacked") && (!packed || isPacked(m)) ? null : "the heads are packed in another way";
    }

    /** Whether the heads of a part are packed for the rotation. They are unpacked again, since the rest has its shape. */
    private static boolean isPacked(Match m) {
        Shape rotated = Shapes.of(m.value("rotated"));
        Node rotary = m.node("rotary");
        return rotated.dim(2).equals(Dim.of(((RotaryEmbedding) rotary.op()).heads()))
                && Shapes.of(rotary.input(0)).equals(RotaryRules.together(rotated));
    }

    private static Value part(Match m, Emitter to) {
        RotaryEmbedding op = m.op("rotary", RotaryEmbedding.class);
        long width = Shapes.of(m.value("rotated")).dim(3).value();
        Value x = m.value("rotated").producer().input(0);
        Shape shape = Shapes.of(x);
        List<Value> operands = new ArrayList<>(m.node("rotary").inputs());
        operands.set(0, op.heads() == null ? x : DuplicatedHalves.reshaped(to, x, RotaryRules.together(shape)));
        RotaryEmbedding wider = new RotaryEmbedding(op.interleaved(), op.heads(), width);
        return DuplicatedHalves.reshaped(to, to.add(wider, operands, 1).getFirst(), shape);
    }

    private static String packedReason(Match m) {
        Shape x = Shapes.of(m.value("x"));
        Shape split = Shapes.of(m.value("split"));
        boolean fits = x.hasRank()
                && x.rank() == 3
                && split.hasRank()
                && x.dim(0).equals(split.dim(0))
                && x.dim(1).equals(split.dim(1))
                && split.dim(2).isKnown();
        return fits ? null : "the heads go from " + x + " to " + split;
    }

    private static Value packed(Match m, Emitter to) {
        RotaryEmbedding op = m.rootOp(RotaryEmbedding.class);
        Node split = m.node("split");
        Long heads = Shapes.of(split.output()).dim(2).value();
        List<Value> operands = new ArrayList<>(m.root().inputs());
        operands.set(0, m.value("x"));
        Value rotated = to.add(new RotaryEmbedding(op.interleaved(), heads, op.width()), operands, 1)
                .getFirst();
        Value apart = to.add(split.op(), rotated, split.input(1));
        return to.add(m.node("moved").op(), apart);
    }
}

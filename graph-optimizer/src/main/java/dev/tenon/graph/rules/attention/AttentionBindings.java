package dev.tenon.graph.rules.attention;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;

/**
 * The operands of the products that rules for attention look for. A match binds them as "q", "k" (transposed, as they
 * are multiplied) and "v". They have four dimensions each, [batch, heads, length, size], or three without heads: there
 * is a single head, or batch and heads are one dimension. Attention then has one head for each sequence.
 */
final class AttentionBindings {
    private static final int HEADS = 1;

    private AttentionBindings() {}

    private static boolean isFlat(Match m) {
        return Shapes.rank(m.value("q")) == 3;
    }

    /** Why the operands do not have the ranks of attention, or null. */
    static String rankReason(Match m) {
        int rank = Shapes.rank(m.value("q"));
        boolean fits = rank == 3 || rank == 4;
        fits = fits && Shapes.rank(m.value("k")) == rank && Shapes.rank(m.value("v")) == rank;
        return fits && Shapes.rank(m.root().output()) == rank
                ? null
                : "operands and result are not all of rank 3 or all of rank 4";
    }

    /** The shape of an operand with heads, or of a mask as it broadcasts to the scores of all heads. */
    static Shape shape(Match m, String name) {
        Shape shape = Shapes.of(m.value(name));
        return isFlat(m) && Shapes.rank(m.value(name)) == 3
                ? Shape.of(shape.dim(0), Dim.of(1), shape.dim(1), shape.dim(2))
                : shape;
    }

    /** An operand or a mask, with an axis for the heads. */
    static Value withHeads(Match m, Emitter to, Value v) {
        return isFlat(m) && Shapes.rank(v) == 3 ? to.add(new Unsqueeze(), v, axis(to)) : v;
    }

    /** The keys in the layout that attention expects. */
    static Value keys(Match m, Emitter to) {
        Value keys = to.add(isFlat(m) ? Shapes.transpose(0, 2, 1) : Shapes.transpose(0, 1, 3, 2), m.value("k"));
        return withHeads(m, to, keys);
    }

    /** The result of attention, with as many dimensions as the operands in the match. */
    static Value result(Match m, Emitter to, Value y) {
        return isFlat(m) ? to.add(new Squeeze(), y, axis(to)) : y;
    }

    private static Value axis(Emitter to) {
        return to.constant(Tensor.of(new long[] {HEADS}));
    }
}

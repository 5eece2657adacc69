package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.Op;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Cos;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Sin;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Computes once what has everything twice along its last axis, as the angles of rotary embedding have: the doubling comes
 * last, where {@link RotaryRules} find it.
 */
final class TwiceRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("twice-behind-unary", op(unary(), twice()), (m, to) -> {
                        Value once = to.add(m.root().op(), Twice.once(m, to, "x"));
                        return Twice.again(m, to, "x", once);
                    })
                    .unless(m -> Twice.reason(m, "x")),
            Rule.of(
                            "twice-behind-factor",
                            op(Mul.class, twice(), constant("c", t -> t.size() == 1 && t.rank() < 2)),
                            (m, to) -> {
                                Value once = to.add(new Mul(), Twice.once(m, to, "x"), m.value("c"));
                                return Twice.again(m, to, "x", once);
                            })
                    .unless(m -> Twice.reason(m, "x")),
            Rule.of("twice-behind-view", op(Twice.views(), twice()).open(), TwiceRules::viewed)
                    .unless(m -> Twice.reason(m, "x"))
                    .unless(m -> half(m) == null ? "the last dimension changes, or two are not known" : null),
            Rule.of(
                    "twice-of-table",
                    op(Gather.class, constant("table", TwiceRules::isTable), any("indices"))
                            .where(Gather.class, g -> g.axis() == 0),
                    TwiceRules::gathered));

    private TwiceRules() {}

    private static List<Class<? extends Op>> unary() {
        return List.of(Cos.class, Sin.class, Cast.class, Neg.class);
    }

    private static Pattern twice() {
        return either(Twice.behind("x"), Twice.beside("x"));
    }

    /** The shape of a view of what is there twice, null if it can't be told or the halves are no halves of it. */
    private static Shape half(Match m) {
        Shape to = Shapes.of(m.root().output());
        Shape from = Shapes.of(Twice.whole(m, "x"));
        Shape once = Twice.shape(m, "x");
        boolean fits = to.hasRank() && from.hasRank() && to.rank() > 0 && once.hasRank() && once.rank() > 0;
        if (!fits
                || !to.dim(-1).equals(from.dim(-1))
                || !to.dim(-1).equals(once.dim(-1).times(Dim.of(2)))) {
            return null;
        }
        Shape half = to.withDim(to.rank() - 1, once.dim(-1));
        return Shapes.target(Shapes.of(m.value("x")), half) == null ? null : half;
    }

    private static Value viewed(Match m, Emitter to) {
        return Twice.again(m, to, "x", Twice.reshaped(to, m.value("x"), half(m)));
    }

    private static boolean isTable(Tensor t) {
        return t.rank() == 2 && (Twice.isTwice(t, false) || Twice.isTwice(t, true));
    }

    private static Value gathered(Match m, Emitter to) {
        Tensor table = m.constant("table");
        boolean beside = !Twice.isTwice(table, false);
        Value once = to.add(new Gather(0), to.constant(Twice.once(table, beside)), m.value("indices"));
        return Twice.again(to, once, beside);
    }
}

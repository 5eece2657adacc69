package dev.tenon.graph.rules.attention;

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
import dev.tenon.graph.rules.analysis.Shapes;
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
 * Moves the duplication of a value along its last axis after the operators that use it, so that they work on half as
 * many elements. The angles of rotary embeddings are such values, and {@link RotaryRules} look for the duplication at
 * the end.
 */
public final class DuplicatedHalvesRules {
    private static final List<Class<? extends Op>> UNARY = List.of(Cos.class, Sin.class, Cast.class, Neg.class);

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("duplicate-after-unary", op(UNARY, duplicated()), (m, to) -> {
                        Value once = to.add(m.root().op(), DuplicatedHalves.once(m, to, "x"));
                        return DuplicatedHalves.again(m, to, "x", once);
                    })
                    .unless(m -> DuplicatedHalves.reason(m, "x")),
            Rule.of(
                            "duplicate-after-factor",
                            op(Mul.class, duplicated(), constant("c", t -> t.size() == 1 && t.rank() < 2)),
                            (m, to) -> {
                                Value once = to.add(new Mul(), DuplicatedHalves.once(m, to, "x"), m.value("c"));
                                return DuplicatedHalves.again(m, to, "x", once);
                            })
                    .unless(m -> DuplicatedHalves.reason(m, "x")),
            Rule.of(
                            "duplicate-after-view",
                            op(DuplicatedHalves.VIEWS, duplicated()).open(),
                            DuplicatedHalvesRules::viewed)
                    .unless(m -> DuplicatedHalves.reason(m, "x"))
                    .unless(m -> half(m) == null ? "the last dimension changes, or two are not known" : null),
            Rule.of(
                    "duplicate-of-table",
                    op(Gather.class, constant("table", DuplicatedHalvesRules::isTable), any("indices"))
                            .where(Gather.class, g -> g.axis() == 0),
                    DuplicatedHalvesRules::gathered));

    private DuplicatedHalvesRules() {}

    private static Pattern duplicated() {
        return either(DuplicatedHalves.halves("x"), DuplicatedHalves.pairs("x"));
    }

    /** The shape of a view of a single half; null if it is not known, or if the view is not made of halves. */
    private static Shape half(Match m) {
        Shape to = Shapes.of(m.root().output());
        Shape once = DuplicatedHalves.shape(m, "x");
        boolean fits = once.hasRank() && to.hasRank() && to.rank() > 0;
        if (!fits || !to.dim(-1).equals(once.dim(-1).times(Dim.of(2)))) {
            return null;
        }
        Shape half = to.withDim(to.rank() - 1, once.dim(-1));
        return Shapes.target(Shapes.of(m.value("x")), half) == null ? null : half;
    }

    private static Value viewed(Match m, Emitter to) {
        return DuplicatedHalves.again(m, to, "x", DuplicatedHalves.reshaped(to, m.value("x"), half(m)));
    }

    /** Whether halves are equal, but not made of equal halves themselves: a table of one number would be halved again and again. */
    private static boolean isTable(Tensor t) {
        boolean halves = DuplicatedHalves.isTwice(t, false);
        if (t.rank() != 2 || !halves && !DuplicatedHalves.isTwice(t, true)) {
            return false;
        }
        Tensor once = DuplicatedHalves.once(t, !halves);
        return !DuplicatedHalves.isTwice(once, false) && !DuplicatedHalves.isTwice(once, true);
    }

    private static Value gathered(Match m, Emitter to) {
        Tensor table = m.constant("table");
        boolean pairs = !DuplicatedHalves.isTwice(table, false);
        Value once = to.add(new Gather(0), to.constant(DuplicatedHalves.once(table, pairs)), m.value("indices"));
        return DuplicatedHalves.again(to, once, pairs);
    }
}

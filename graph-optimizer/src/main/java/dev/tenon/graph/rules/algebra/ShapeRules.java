package dev.tenon.graph.rules.algebra;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.shape.Reshape;
import dev.tenon.tensor.Tensor;

/**
 * Simplifies Reshape and If by shapes and conditions that are known. Constant folding has computed shapes without
 * symbols already. These rules replace a computed target of a Reshape by a constant one, and an If with a constant
 * condition by the branch that is taken.
 */
public final class ShapeRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "reshape-target",
                            op(Reshape.class, any("x"), any("shape"))
                                    .where(n -> !n.input(1).isConstant()),
                            (m, to) -> to.add(new Reshape(false), m.value("x"), to.constant(target(m))))
                    .unless(m -> target(m) == null ? "two dimensions of the new shape are not known" : null),
            Rule.ofAll(
                    "if-known",
                    op(If.class, constant("condition", t -> t.size() == 1)).open(),
                    (m, to) -> to.inline(
                            m.constant("condition").getBoolean(0)
                                    ? m.rootOp(If.class).thenBranch()
                                    : m.rootOp(If.class).elseBranch(),
                            m.root().inputs().subList(1, m.root().inputs().size()))));

    private ShapeRules() {}

    private static Tensor target(Match m) {
        Node node = m.root();
        Value x = m.value("x");
        return Shapes.target(Shapes.of(x), Shapes.of(node.output()));
    }
}

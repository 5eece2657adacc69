package dev.tenon.graph.rules.tabular;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.fused.PairwiseDistances;
import dev.tenon.op.math.Sub;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Finds the distances of the rows of two matrices, of which neighbours are searched for. The bits are the same. */
public final class DistanceRules {
    /** The rules. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "pairwise-distances",
                    op(
                            List.of(ReduceSumSquare.class, ReduceL2.class),
                            op(
                                            Sub.class,
                                            op(Unsqueeze.class, any("a"), constant("a axis")),
                                            either(op(Unsqueeze.class, any("b"), constant("b axis")), constant("rows")))
                                    .once(),
                            constant("axes")),
                    (m, to) -> to.add(
                            new PairwiseDistances(m.root().op() instanceof ReduceSumSquare), m.value("a"), second(m, to)))
            .unless(DistanceRules::reason)
            .making(PairwiseDistances.class));

    private static final int RANK = 3;

    private DistanceRules() {}

    private static Value second(Match m, Emitter to) {
        if (m.has("b")) {
            return m.value("b");
        }
        Shape rows = Shapes.of(m.value("rows"));
        return Shapes.reshaped(to, m.value("rows"), rows.dim(1).value(), rows.dim(2).value());
    }

    private static boolean isAxis(Match m, String name, int axis) {
        Tensor axes = m.value(name).constant();
        return axes.size() == 1 && (axes.getLong(0) == axis || axes.getLong(0) == axis - RANK);
    }

    private static String reason(Match m) {
        Shape a = Shapes.of(m.value("a"));
        if (m.value("a").tensorType().dtype() != DType.FLOAT32) {
            return "the elements are not float32";
        }
        if (!a.hasRank() || a.rank() != 2 || !isAxis(m, "a axis", 1)) {
            return "the first operand is no matrix along the first axis";
        }
        Shape b = Shapes.of(m.value(m.has("b") ? "b" : "rows"));
        boolean along = m.has("b")
                ? b.hasRank() && b.rank() == 2 && isAxis(m, "b axis", 0)
                : b.rank() == RANK && b.dim(0).equals(Dim.of(1));
        if (!along) {
            return "the second operand is no matrix along the second axis";
        }
        if (!a.dim(-1).equals(b.dim(-1))) {
            return "rows of " + a.dim(-1) + " and " + b.dim(-1) + " elements";
        }
        return isAxis(m, "axes", 2) && !((Reduction) m.root().op()).keepdims()
                ? null
                : "the result is no matrix of sums over the last axis";
    }
}

package dev.tenon.graph.rules.tabular;

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
import dev.tenon.op.fused.PairwiseDistances;
import dev.tenon.op.math.Sub;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Finds the distances of the rows of two matrices, of which neighbours are searched for. The bits are the same. */
public final class DistanceRules {
    private static final String LEFT = "left";
    private static final String RIGHT = "right";
    private static final String AXIS = " axis";
    private static final String MATRIX = " matrix";

    /** The rules. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "pairwise-distances",
                    op(
                            List.of(ReduceSumSquare.class, ReduceL2.class),
                            op(Sub.class, rows(LEFT), rows(RIGHT)).once(),
                            constant("axes")),
                    (m, to) -> to.add(
                            new PairwiseDistances(m.root().op() instanceof ReduceSumSquare),
                            matrix(m, to, LEFT, 1),
                            matrix(m, to, RIGHT, 0)))
            .unless(DistanceRules::reason)
            .making(PairwiseDistances.class));

    private static final int RANK = 3;

    private DistanceRules() {}

    /** The rows of a matrix with one more axis. */
    private static Pattern rows(String name) {
        return either(op(Unsqueeze.class, any(name + MATRIX), constant(name + AXIS)), any(name));
    }

    /** The matrix with the rows of an operand, without the axis that was added. */
    private static Value matrix(Match m, Emitter to, String name, int axis) {
        if (m.has(name + MATRIX)) {
            return m.value(name + MATRIX);
        }
        Value rows = m.value(name);
        if (rows.constant() == null) {
            return to.add(new Squeeze(), rows, to.constant(Tensor.of(new long[] {axis})));
        }
        Shape shape = Shapes.of(rows);
        return Shapes.reshaped(
                to, rows, shape.dim(1 - axis).value(), shape.dim(2).value());
    }

    private static boolean isAxis(Match m, String name, int axis) {
        Tensor axes = m.value(name).constant();
        return axes.size() == 1 && (axes.getLong(0) == axis || axes.getLong(0) == axis - RANK);
    }

    /** The length of the rows of a matrix with one more axis; null if it is none. */
    private static Dim length(Match m, String name, int axis) {
        boolean added = m.has(name + MATRIX);
        Shape shape = Shapes.of(m.value(added ? name + MATRIX : name));
        boolean fits = shape.hasRank()
                && (added
                        ? shape.rank() == 2 && isAxis(m, name + AXIS, axis)
                        : shape.rank() == RANK && shape.dim(axis).equals(Dim.of(1)));
        return fits ? shape.dim(-1) : null;
    }

    private static String reason(Match m) {
        if (m.root().output().tensorType().dtype() != DType.FLOAT32) {
            return "the elements are not float32";
        }
        Dim left = length(m, LEFT, 1);
        Dim right = length(m, RIGHT, 0);
        if (left == null || right == null) {
            return (left == null ? "the first" : "the second") + " operand is no matrix along one axis";
        }
        if (!left.equals(right)) {
            return "rows of " + left + " and " + right + " elements";
        }
        return isAxis(m, "axes", 2) && !((Reduction) m.root().op()).keepdims()
                ? null
                : "the result is no matrix of sums over the last axis";
    }
}

package dev.tenon.graph.rules.layout;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Merges two Transposes with a view between them that joins, adds or drops dimensions. */
public final class TransposedViewRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(Rule.of(
                    "transpose-through-view",
                    op(
                            Transpose.class,
                            op(
                                            List.of(Reshape.class, Squeeze.class, Unsqueeze.class, Flatten.class),
                                            op(Transpose.class, any("x"))
                                                    .as("first")
                                                    .once())
                                    .open()
                                    .as("view")
                                    .once()),
                    TransposedViewRules::transposedOnce)
            .unless(m ->
                    MovedView.of(m) == null ? "the view joins or splits dimensions that the Transpose separates" : null)
            .unless(m -> Shapes.target(Shapes.of(m.value("x")), MovedView.of(m).shape()) == null
                    ? "two dimensions of the new shape are not known"
                    : null));

    private TransposedViewRules() {}

    private static Value transposedOnce(Match m, Emitter to) {
        MovedView moved = MovedView.of(m);
        Value x = m.value("x");
        Value view = to.add(new Reshape(false), x, to.constant(Shapes.target(Shapes.of(x), moved.shape())));
        return to.add(m.root().op(), to.add(Shapes.transpose(moved.perm()), view));
    }

    /**
     * A view moved before the Transpose that was in front of it.
     *
     * @param shape the shape of the view's result
     * @param perm the permutation of the Transpose after the view
     */
    private record MovedView(Shape shape, int[] perm) {
        private static MovedView of(Match m) {
            Shape x = Shapes.of(m.value("x"));
            Shape from = Shapes.of(m.value("first"));
            Shape to = Shapes.of(m.value("view"));
            DimensionGroups view = x.hasRank() ? DimensionGroups.of(from, to) : null;
            if (view == null) {
                return null;
            }
            int[] first = ((Transpose) m.node("first").op()).permutation(x.rank());
            List<Integer> order = DimensionGroups.longer(x);
            DimensionGroups.Group[] starting = new DimensionGroups.Group[order.size()];
            for (DimensionGroups.Group group : view.groups()) {
                int start = order.indexOf(first[group.from().getFirst()]);
                for (int i = 1; i < group.from().size(); i++) {
                    if (order.indexOf(first[group.from().get(i)]) != start + i) {
                        return null;
                    }
                }
                starting[start] = group;
            }
            return of(to, starting);
        }

        /**
         * Groups in their new order. Each takes along the dimensions of 1 in front of it; those after the last group
         * come last.
         */
        private static MovedView of(Shape to, DimensionGroups.Group[] starting) {
            List<Integer> axes = new ArrayList<>();
            for (DimensionGroups.Group group : starting) {
                if (group != null) {
                    int first = group.to().getFirst();
                    while (first > 0 && to.dim(first - 1).equals(Dim.of(1))) {
                        first--;
                    }
                    for (int axis = first; axis <= group.to().getLast(); axis++) {
                        axes.add(axis);
                    }
                }
            }
            for (int axis = 0; axis < to.rank(); axis++) {
                if (!axes.contains(axis)) {
                    axes.add(axis);
                }
            }
            int[] perm = new int[to.rank()];
            List<Dim> dims = new ArrayList<>();
            for (int i = 0; i < perm.length; i++) {
                dims.add(to.dim(axes.get(i)));
                perm[axes.get(i)] = i;
            }
            return new MovedView(Shape.of(dims), perm);
        }
    }
}

package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Makes one Transpose of two that have a view between them which joins, adds or drops dimensions. */
public final class TurnedViewRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "transpose-through-view",
                            op(
                                    Transpose.class,
                                    op(
                                                    List.of(
                                                            Reshape.class,
                                                            Squeeze.class,
                                                            Unsqueeze.class,
                                                            Flatten.class),
                                                    op(Transpose.class, any("x"))
                                                            .as("first")
                                                            .once())
                                            .open()
                                            .as("view")
                                            .once()),
                            TurnedViewRules::turnedOnce)
                    .unless(m -> Turned.of(m) == null ? "the view joins or splits what the Transpose parts" : null)
                    .unless(m ->
                            Shapes.target(Shapes.of(m.value("x")), Turned.of(m).shape()) == null
                                    ? "two dimensions of the new shape are not known"
                                    : null));

    private TurnedViewRules() {}

    private static Value turnedOnce(Match m, Emitter to) {
        Turned turned = Turned.of(m);
        Value x = m.value("x");
        Value view = to.add(new Reshape(false), x, to.constant(Shapes.target(Shapes.of(x), turned.shape())));
        return to.add(m.root().op(), to.add(Shapes.transpose(turned.perm()), view));
    }

    /**
     * A view before the Transpose that was in front of it.
     *
     * @param shape what the view makes of what was turned
     * @param perm what the Transpose behind it does
     */
    private record Turned(Shape shape, int[] perm) {
        private static Turned of(Match m) {
            Shape x = Shapes.of(m.value("x"));
            Shape from = Shapes.of(m.value("first"));
            Shape to = Shapes.of(m.value("view"));
            ViewRuns view = x.hasRank() ? ViewRuns.of(from, to) : null;
            if (view == null) {
                return null;
            }
            int[] first = ((Transpose) m.node("first").op()).permutation(x.rank());
            List<Integer> order = ViewRuns.longer(x);
            ViewRuns.Run[] starting = new ViewRuns.Run[order.size()];
            for (ViewRuns.Run run : view.runs()) {
                int start = order.indexOf(first[run.from().getFirst()]);
                for (int i = 1; i < run.from().size(); i++) {
                    if (order.indexOf(first[run.from().get(i)]) != start + i) {
                        return null;
                    }
                }
                starting[start] = run;
            }
            return of(to, starting);
        }

        /** Runs in their new order; each takes along the dimensions of 1 in front of it, those behind all come last. */
        private static Turned of(Shape to, ViewRuns.Run[] starting) {
            List<Integer> axes = new ArrayList<>();
            for (ViewRuns.Run run : starting) {
                if (run != null) {
                    int first = run.to().getFirst();
                    while (first > 0 && to.dim(first - 1).equals(Dim.of(1))) {
                        first--;
                    }
                    for (int axis = first; axis <= run.to().getLast(); axis++) {
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
            return new Turned(Shape.of(dims), perm);
        }
    }
}

package dev.tenon.graph.rules;

import dev.tenon.error.TenonException;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * How a view of a tensor joins and splits dimensions: runs of neighbours in one shape have as many elements as runs in the
 * other, pair by pair, in order. Dimensions of 1 belong to no run.
 *
 * @param runs the pairs, as short as they can be
 */
record ViewRuns(List<Run> runs) {
    private static final Dim ONE = Dim.of(1);

    /**
     * A pair of runs.
     *
     * @param from the axes before, not empty
     * @param to the axes behind, not empty
     */
    record Run(List<Integer> from, List<Integer> to) {}

    /** The runs of a view; null if they are not known, or there may be no elements in them. */
    static ViewRuns of(Shape from, Shape to) {
        if (!from.hasRank() || !to.hasRank() || hasNone(from) || hasNone(to)) {
            return null;
        }
        List<Integer> before = longer(from);
        List<Integer> behind = longer(to);
        List<Run> runs = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < behind.size()) {
            Run run = next(from, before.subList(i, before.size()), to, behind.subList(j, behind.size()));
            if (run == null) {
                return null;
            }
            runs.add(run);
            i += run.from.size();
            j += run.to.size();
        }
        return new ViewRuns(runs);
    }

    private static boolean hasNone(Shape shape) {
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i).equals(Dim.of(0))) {
                return true;
            }
        }
        return false;
    }

    /** The axes that are not 1, in order. */
    static List<Integer> longer(Shape shape) {
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < shape.rank(); i++) {
            if (!shape.dim(i).equals(ONE)) {
                axes.add(i);
            }
        }
        return axes;
    }

    private static Run next(Shape from, List<Integer> before, Shape to, List<Integer> behind) {
        for (int total = 2; total <= before.size() + behind.size(); total++) {
            for (int a = Math.max(1, total - behind.size()); a < total && a <= before.size(); a++) {
                List<Integer> ours = before.subList(0, a);
                List<Integer> theirs = behind.subList(0, total - a);
                Dim product = product(from, ours);
                if (product != null && product.equals(product(to, theirs))) {
                    return new Run(List.copyOf(ours), List.copyOf(theirs));
                }
            }
        }
        return null;
    }

    private static Dim product(Shape shape, List<Integer> axes) {
        try {
            Dim product = ONE;
            for (int axis : axes) {
                product = product.times(shape.dim(axis));
            }
            return product;
        } catch (TenonException e) {
            return null;
        }
    }
}

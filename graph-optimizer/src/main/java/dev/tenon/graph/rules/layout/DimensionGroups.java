package dev.tenon.graph.rules.layout;

import dev.tenon.error.TenonException;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The groups of adjacent dimensions that a view, such as a Reshape, joins and splits. Each group of dimensions in one
 * shape has as many elements as its group in the other shape. Dimensions of 1 belong to no group.
 *
 * @param groups the groups in order, as short as possible
 */
record DimensionGroups(List<Group> groups) {
    private static final Dim ONE = Dim.of(1);

    /**
     * Adjacent dimensions of one shape, and those that they become in the other shape.
     *
     * @param from the axes in the shape before the view, not empty
     * @param to the axes in the shape after the view, not empty
     */
    record Group(List<Integer> from, List<Integer> to) {}

    /** The groups of a view; null if they are not known, or if the tensor has no elements. */
    static DimensionGroups of(Shape from, Shape to) {
        if (!from.hasRank() || !to.hasRank() || isEmpty(from)) {
            return null;
        }
        List<Integer> before = longer(from);
        List<Integer> after = longer(to);
        List<Group> groups = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            Group group = next(from, before.subList(i, before.size()), to, after.subList(j, after.size()));
            if (group == null) {
                return null;
            }
            groups.add(group);
            i += group.from.size();
            j += group.to.size();
        }
        return new DimensionGroups(groups);
    }

    private static boolean isEmpty(Shape shape) {
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

    private static Group next(Shape from, List<Integer> before, Shape to, List<Integer> after) {
        List<Dim> ours = products(from, before);
        List<Dim> theirs = products(to, after);
        for (int total = 2; total <= ours.size() + theirs.size(); total++) {
            for (int a = Math.max(1, total - theirs.size()); a < total && a <= ours.size(); a++) {
                if (ours.get(a - 1).equals(theirs.get(total - a - 1))) {
                    return new Group(List.copyOf(before.subList(0, a)), List.copyOf(after.subList(0, total - a)));
                }
            }
        }
        return null;
    }

    /** The product of the first axis, of the first two, and so on, up to one that is too large. */
    private static List<Dim> products(Shape shape, List<Integer> axes) {
        List<Dim> products = new ArrayList<>();
        Dim product = ONE;
        try {
            for (int axis : axes) {
                product = product.times(shape.dim(axis));
                products.add(product);
            }
        } catch (TenonException e) {
            return products;
        }
        return products;
    }
}

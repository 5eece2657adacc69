package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.NodeMode;
import java.util.Arrays;

/**
 * The nodes of a forest, translated into comparisons {@code x <= t}, for float or for double features. A node with the
 * opposite comparison swaps its children. A node for equality becomes two comparisons, a node for membership a binary search
 * among the members. Each comparison has the branch that NaN takes.
 *
 * <p>Comparison i is the first one of node i, for each node of the forest; further comparisons follow. A child is a comparison,
 * or, if it is negative, the complement of a leaf.
 *
 * <p>Features and thresholds are compared as integers that have the order of the numbers ({@link TreeLayout#key}). NaN becomes an
 * integer above or below all of them. If a forest sends NaN of a feature both ways, the feature has two columns, one of each kind.
 */
final class TreeComparisons {
    /** Up to so many pairs of a feature and the branch of NaN, a table of all of them finds those that occur. */
    private static final int MAX_MARKS = 1 << 20;

    private final Forest forest;
    private final boolean doubles;
    private int count;

    /** Twice the feature of each comparison, and one more if the comparison is true for NaN. */
    private long[] featuresAndNan;

    /** Whether a number of {@link #featuresAndNan} occurs; null if there may be too many. */
    private final boolean[] occurs;

    /** The numbers of {@link #featuresAndNan} that occur, ascending: one for each column. */
    private final long[] distinct;

    /** The column of each number of {@link #featuresAndNan}; null if there may be too many. */
    private final int[] columnOf;

    /** The feature of each column. */
    final int[] columnFeatures;

    /** Whether NaN is the lowest key in a column, for which every comparison is true, or the highest. */
    final boolean[] nanIsLowest;

    /** The keys of the thresholds, of ints if features are float. */
    long[] keys;

    int[] trueChild;
    int[] falseChild;

    TreeComparisons(Forest f, boolean doubles) {
        this.forest = f;
        this.doubles = doubles;
        occurs = 2L * f.featureCount() > MAX_MARKS ? null : new boolean[2 * f.featureCount()];
        count = f.nodes();
        grow(count + 16);
        for (int i = 0; i < f.nodes(); i++) {
            translate(i);
        }
        distinct = distinct();
        columnOf = occurs == null ? null : new int[occurs.length];
        columnFeatures = new int[distinct.length];
        nanIsLowest = new boolean[distinct.length];
        for (int c = 0; c < distinct.length; c++) {
            columnFeatures[c] = (int) (distinct[c] >> 1);
            nanIsLowest[c] = (distinct[c] & 1) != 0;
            if (columnOf != null) {
                columnOf[(int) distinct[c]] = c;
            }
        }
    }

    private long[] distinct() {
        int length = 0;
        if (occurs == null) {
            long[] all = Arrays.copyOf(featuresAndNan, count);
            Arrays.sort(all);
            for (int i = 0; i < count; i++) {
                if (i == 0 || all[i] != all[i - 1]) {
                    all[length++] = all[i];
                }
            }
            return Arrays.copyOf(all, length);
        }
        long[] all = new long[occurs.length];
        for (int k = 0; k < all.length; k++) {
            if (occurs[k]) {
                all[length++] = k;
            }
        }
        return Arrays.copyOf(all, length);
    }

    /** The column of a comparison. */
    int column(int comparison) {
        long number = featuresAndNan[comparison];
        return columnOf == null ? Arrays.binarySearch(distinct, number) : columnOf[(int) number];
    }

    int count() {
        return count;
    }

    /** Whether features are double rather than float. */
    boolean areDouble() {
        return doubles;
    }

    private void grow(int size) {
        int old = keys == null ? 0 : keys.length;
        if (size <= old) {
            return;
        }
        int n = Math.max(size, old + old / 2);
        featuresAndNan = old == 0 ? new long[n] : Arrays.copyOf(featuresAndNan, n);
        keys = old == 0 ? new long[n] : Arrays.copyOf(keys, n);
        trueChild = old == 0 ? new int[n] : Arrays.copyOf(trueChild, n);
        falseChild = old == 0 ? new int[n] : Arrays.copyOf(falseChild, n);
    }

    private void translate(int i) {
        double t = forest.split(i);
        boolean missing = forest.missingTrue(i);
        int y = forest.yes(i);
        int n = forest.no(i);
        NodeMode mode = forest.mode(i);
        if (mode == NodeMode.BRANCH_MEMBER) {
            membership(i, forest.members(i), missing);
        } else if (Double.isNaN(t)) {
            // No comparison with NaN is true, except inequality, which is true for every feature.
            boolean unequal = mode == NodeMode.BRANCH_NEQ;
            set(i, forest.feature(i), Double.NaN, !unequal && missing, unequal ? n : y, unequal ? y : n);
        } else {
            compare(i, mode, t, missing);
        }
    }

    private void compare(int i, NodeMode mode, double t, boolean missing) {
        int y = forest.yes(i);
        int n = forest.no(i);
        int feature = forest.feature(i);
        switch (mode) {
            case BRANCH_LEQ -> set(i, feature, largestAtMost(t), missing, y, n);
            case BRANCH_LT -> set(i, feature, largestBelow(t), missing, y, n);
            case BRANCH_GTE -> set(i, feature, largestBelow(t), !missing, n, y);
            case BRANCH_GT -> set(i, feature, largestAtMost(t), !missing, n, y);
            case BRANCH_EQ -> equality(i, feature, t, missing, y, n);
            case BRANCH_NEQ -> equality(i, feature, t, false, n, y);
            default -> throw new IllegalStateException(mode.name());
        }
    }

    /** Sets two comparisons for equality: at most t, and then not below t. NaN passes the first if it counts as equal. */
    private void equality(int i, int feature, double t, boolean missing, int y, int n) {
        if (largestAtMost(t) != t) {
            set(i, feature, Double.NaN, missing, y, n);
            return;
        }
        int second = allocate();
        set(i, feature, t, missing, second, n);
        set(second, feature, largestBelow(t), false, n, y);
    }

    /** Sets a search among the intervals between the bounds of the members. Intervals of odd index contain a member. */
    private void membership(int i, double[] members, boolean missing) {
        double[] bounds = new double[2 * members.length];
        int m = 0;
        for (double v : members) {
            if (largestAtMost(v) == v) {
                bounds[m++] = largestBelow(v);
                bounds[m++] = v;
            }
        }
        int feature = forest.feature(i);
        if (m == 0) {
            set(i, feature, Double.NaN, missing, forest.yes(i), forest.no(i));
        } else if (missing) {
            int search = allocate();
            set(i, feature, Double.POSITIVE_INFINITY, false, search, forest.yes(i));
            search(search, i, bounds, 0, m);
        } else {
            search(i, i, bounds, 0, m);
        }
    }

    private void search(int at, int node, double[] bounds, int from, int to) {
        int middle = (from + to - 1) >>> 1;
        int low = region(node, bounds, from, middle);
        int high = region(node, bounds, middle + 1, to);
        set(at, forest.feature(node), bounds[middle], false, low, high);
    }

    private int region(int node, double[] bounds, int from, int to) {
        if (from == to) {
            return from % 2 == 1 ? forest.yes(node) : forest.no(node);
        }
        int at = allocate();
        search(at, node, bounds, from, to);
        return at;
    }

    private int allocate() {
        grow(count + 1);
        return count++;
    }

    /** Sets a comparison. With a threshold of NaN it is never true. */
    private void set(int i, int feature, double threshold, boolean nan, int y, int n) {
        long number = 2L * feature + (nan ? 1 : 0);
        featuresAndNan[i] = number;
        if (occurs != null) {
            occurs[(int) number] = true;
        }
        keys[i] = key(threshold);
        trueChild[i] = y;
        falseChild[i] = n;
    }

    private long key(double threshold) {
        if (Double.isNaN(threshold)) {
            return doubles ? Long.MIN_VALUE : Integer.MIN_VALUE;
        }
        return doubles ? TreeLayout.key(threshold) : TreeLayout.key((float) threshold);
    }

    /** The length of the longest path from each comparison to a leaf, computed without recursion. */
    int[] heights() {
        int[] heights = new int[count];
        int[] stack = new int[count];
        for (int i = 0; i < count; i++) {
            int depth = 0;
            if (heights[i] == 0) {
                stack[depth++] = i;
            }
            while (depth > 0) {
                int at = stack[depth - 1];
                int y = trueChild[at];
                int m = falseChild[at];
                if (y >= 0 && heights[y] == 0) {
                    stack[depth++] = y;
                } else if (m >= 0 && heights[m] == 0) {
                    stack[depth++] = m;
                } else {
                    heights[at] = 1 + Math.max(y < 0 ? 0 : heights[y], m < 0 ? 0 : heights[m]);
                    depth--;
                }
            }
        }
        return heights;
    }

    /** The largest number of the features' type that is at most t. */
    private double largestAtMost(double t) {
        if (doubles) {
            return t;
        }
        float x = (float) t;
        return x > t ? Math.nextDown(x) : x;
    }

    /** The largest number of the features' type that is below t; NaN if there is none. */
    private double largestBelow(double t) {
        if (t == Double.NEGATIVE_INFINITY) {
            return Double.NaN;
        }
        if (doubles) {
            return Math.nextDown(t);
        }
        float x = (float) t;
        return x >= t ? Math.nextDown(x) : x;
    }
}

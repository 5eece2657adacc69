package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.Forest;
import java.util.Arrays;

/**
 * A forest in a form that is walked without branches. A record is a comparison {@code x <= t} or a leaf. The two children of a
 * comparison are neighbours, the one for true first, so that a step is {@code at = children + (x > t ? 1 : 0)}. A leaf is its
 * own child, so that a step from a leaf stays there, and a walk may take more steps than it needs.
 *
 * <p>Features and thresholds are compared as integers that have the order of the numbers ({@link #key}). NaN becomes an integer
 * above or below all of them. If a forest sends NaN of a feature both ways, the feature has two columns, one of each kind. So a
 * walk does not test for missing values.
 *
 * <p>Immutable. Kernels read its arrays directly and must not change them.
 */
public final class TreeLayout {
    /** The maximum rows of a block of features, which is stored by columns; also the distance of neighbouring columns. */
    public static final int BLOCK_ROWS = 64;

    /** The number of ints of a record: threshold (only if features are float), column, children, leaf. */
    public static final int RECORD_INTS = 4;

    /** The field of a record that holds the column, as the index of its first row in a block. */
    public static final int COLUMN_FIELD = 1;

    /** The field of a record that holds the first child, as an index in {@link #records}. */
    public static final int CHILDREN_FIELD = 2;

    /** The field of a record that holds the leaf; -1 for comparisons. */
    public static final int LEAF_FIELD = 3;

    /** Up to so many features, a table of all of them finds those that are tested. */
    private static final int MAX_MARKS = 1 << 20;

    /** The layouts of a forest for float and for double features, each made at its first use. */
    static final class Layouts {
        private final Forest forest;
        private volatile TreeLayout floats;
        private volatile TreeLayout doubles;

        Layouts(Forest forest) {
            this.forest = forest;
        }

        TreeLayout of(boolean forDoubles) {
            TreeLayout layout = forDoubles ? doubles : floats;
            if (layout == null) {
                layout = new TreeLayout(forest, forDoubles);
                if (forDoubles) {
                    doubles = layout;
                } else {
                    floats = layout;
                }
            }
            return layout;
        }
    }

    /** The records. */
    public final int[] records;

    /** The keys of the thresholds of the records if features are double, else null. */
    public final long[] thresholds;

    /** The index in {@link #records} of the root of each tree. */
    public final int[] roots;

    /** The number of steps after which every walk through a tree has reached a leaf. */
    public final int[] depths;

    /** The feature of each column. */
    public final int[] columnFeatures;

    /** Whether NaN is the lowest key in a column, for which every comparison is true, or the highest. */
    public final boolean[] nanIsLowest;

    /** The index of the first weight of each leaf, and after the last leaf the number of weights. */
    public final int[] leafStarts;

    /** The target of each weight. */
    public final int[] targets;

    /** The weights rounded to float. */
    public final float[] floatWeights;

    /** The weights. */
    public final double[] doubleWeights;

    TreeLayout(Forest f, boolean doubles) {
        TreeComparisons nodes = new TreeComparisons(f, doubles);
        int n = nodes.count();
        int trees = f.trees();
        int count = Math.addExact(Math.multiplyExact(2, n), trees);
        records = new int[Math.multiplyExact(RECORD_INTS, count)];
        thresholds = doubles ? new long[count] : null;
        int[] columnOf = new int[n];
        int[][] used = columns(nodes, columnOf);
        columnFeatures = used[0];
        nanIsLowest = new boolean[columnFeatures.length];
        for (int c = 0; c < nanIsLowest.length; c++) {
            nanIsLowest[c] = used[1][c] != 0;
        }
        int[] heights = heights(nodes);
        for (int i = 0; i < n; i++) {
            writeRecord(2 * i, nodes.trueChild[i], nodes, columnOf);
            writeRecord(2 * i + 1, nodes.falseChild[i], nodes, columnOf);
        }
        roots = new int[trees];
        depths = new int[trees];
        for (int t = 0; t < trees; t++) {
            int root = f.root(t);
            int at = 2 * n + t;
            roots[t] = RECORD_INTS * at;
            depths[t] = root < 0 ? 0 : heights[root];
            writeRecord(at, root, nodes, columnOf);
        }
        leafStarts = new int[f.leaves() + 1];
        Arrays.setAll(leafStarts, f::leafStart);
        targets = new int[f.weights()];
        Arrays.setAll(targets, f::target);
        doubleWeights = new double[f.weights()];
        Arrays.setAll(doubleWeights, f::weight);
        floatWeights = new float[f.weights()];
        for (int w = 0; w < floatWeights.length; w++) {
            floatWeights[w] = (float) doubleWeights[w];
        }
    }

    /**
     * The layout of a forest. It is made once and kept with the forest.
     *
     * @param f the forest
     * @param doubles whether features are double rather than float
     * @return the layout
     */
    public static TreeLayout of(Forest f, boolean doubles) {
        return f.derived(Layouts.class, Layouts::new).of(doubles);
    }

    private void writeRecord(int at, int child, TreeComparisons nodes, int[] columnOf) {
        boolean leaf = child < 0;
        int first = RECORD_INTS * at;
        records[first + COLUMN_FIELD] = leaf ? 0 : BLOCK_ROWS * columnOf[child];
        records[first + CHILDREN_FIELD] = leaf ? first : 2 * RECORD_INTS * child;
        records[first + LEAF_FIELD] = leaf ? ~child : -1;
        if (thresholds == null) {
            records[first] = leaf
                    ? Integer.MAX_VALUE
                    : nodes.neverTrue[child] ? Integer.MIN_VALUE : key((float) nodes.thresholds[child]);
        } else {
            thresholds[at] =
                    leaf ? Long.MAX_VALUE : nodes.neverTrue[child] ? Long.MIN_VALUE : key(nodes.thresholds[child]);
        }
    }

    /** The distinct pairs of feature and branch of NaN, ascending. Sets the index of the pair of each comparison. */
    private static int[][] columns(TreeComparisons nodes, int[] columnOf) {
        int n = nodes.count();
        long[] keys = new long[n];
        long most = 0;
        for (int i = 0; i < n; i++) {
            keys[i] = 2L * nodes.features[i] + (nodes.nanTrue[i] ? 1 : 0);
            most = Math.max(most, keys[i]);
        }
        long[] distinct = most < MAX_MARKS ? marked(keys, (int) most) : sorted(keys);
        int[] indexOf = most < MAX_MARKS ? new int[(int) most + 1] : null;
        int[][] used = new int[2][distinct.length];
        for (int c = 0; c < distinct.length; c++) {
            used[0][c] = (int) (distinct[c] >> 1);
            used[1][c] = (int) (distinct[c] & 1);
            if (indexOf != null) {
                indexOf[(int) distinct[c]] = c;
            }
        }
        for (int i = 0; i < n; i++) {
            columnOf[i] = indexOf != null ? indexOf[(int) keys[i]] : Arrays.binarySearch(distinct, keys[i]);
        }
        return used;
    }

    private static long[] marked(long[] keys, int most) {
        boolean[] marks = new boolean[most + 1];
        int count = 0;
        for (long key : keys) {
            count += marks[(int) key] ? 0 : 1;
            marks[(int) key] = true;
        }
        long[] distinct = new long[count];
        for (int key = most; key >= 0; key--) {
            if (marks[key]) {
                distinct[--count] = key;
            }
        }
        return distinct;
    }

    private static long[] sorted(long[] keys) {
        long[] all = keys.clone();
        Arrays.sort(all);
        int count = 0;
        for (int i = 0; i < all.length; i++) {
            if (i == 0 || all[i] != all[i - 1]) {
                all[count++] = all[i];
            }
        }
        return Arrays.copyOf(all, count);
    }

    /** The length of the longest path from each comparison to a leaf, computed without recursion. */
    private static int[] heights(TreeComparisons nodes) {
        int n = nodes.count();
        int[] heights = new int[n];
        int[] stack = new int[n];
        for (int i = 0; i < n; i++) {
            int depth = 0;
            if (heights[i] == 0) {
                stack[depth++] = i;
            }
            while (depth > 0) {
                int at = stack[depth - 1];
                int y = nodes.trueChild[at];
                int m = nodes.falseChild[at];
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

    /**
     * The key of a float: an integer that has the order of the floats. Both zeros have the same key.
     *
     * @param x a number, not NaN
     * @return neither the lowest nor the highest int
     */
    public static int key(float x) {
        int bits = Float.floatToRawIntBits(x + 0.0f);
        return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    }

    /**
     * The key of a double: an integer that has the order of the doubles. Both zeros have the same key.
     *
     * @param x a number, not NaN
     * @return neither the lowest nor the highest long
     */
    public static long key(double x) {
        long bits = Double.doubleToRawLongBits(x + 0.0);
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }
}

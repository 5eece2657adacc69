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
        columnFeatures = nodes.columnFeatures;
        nanIsLowest = nodes.nanIsLowest;
        int[] heights = nodes.heights();
        for (int i = 0; i < n; i++) {
            writeRecord(2 * i, nodes.trueChild[i], nodes);
            writeRecord(2 * i + 1, nodes.falseChild[i], nodes);
        }
        roots = new int[trees];
        depths = new int[trees];
        for (int t = 0; t < trees; t++) {
            int root = f.root(t);
            int at = 2 * n + t;
            roots[t] = RECORD_INTS * at;
            depths[t] = root < 0 ? 0 : heights[root];
            writeRecord(at, root, nodes);
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

    private void writeRecord(int at, int child, TreeComparisons nodes) {
        boolean leaf = child < 0;
        int first = RECORD_INTS * at;
        records[first + COLUMN_FIELD] = leaf ? 0 : BLOCK_ROWS * nodes.column(child);
        records[first + CHILDREN_FIELD] = leaf ? first : 2 * RECORD_INTS * child;
        records[first + LEAF_FIELD] = leaf ? ~child : -1;
        if (thresholds == null) {
            records[first] = leaf ? Integer.MAX_VALUE : (int) nodes.keys[child];
        } else {
            thresholds[at] = leaf ? Long.MAX_VALUE : nodes.keys[child];
        }
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

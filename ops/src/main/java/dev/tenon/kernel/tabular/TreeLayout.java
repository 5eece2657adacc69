package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.model.Forest;
import java.util.Arrays;

/**
 * A forest laid out to be walked without branches. A record is a comparison {@code x <= t} or a leaf. The two children of a
 * comparison lie beside one another, the one for yes first, so that a step is {@code at = pair + (x > t ? 1 : 0)}; a leaf
 * is its own child, so that a step there does nothing and the number of steps need not be exact.
 *
 * <p>Features and thresholds are compared as integers in the order of the numbers. NaN becomes an integer beyond all of
 * them, above or below: where a forest sends NaN both ways, a feature has two columns, one of each kind. So nothing is
 * asked of missing values in a walk.
 */
public final class TreeLayout {
    /** The rows of a block, and so the elements from one column of it to the next. */
    public static final int BLOCK = 64;

    /** The integers of a record: threshold (floats only), column, pair, payload. */
    public static final int RECORD = 4;

    /** The place of the column in a record, as the place of its first row in a block. */
    public static final int COLUMN = 1;

    /** The place of the first child in a record, as a place in {@link #records}. */
    public static final int PAIR = 2;

    /** The place of the leaf in a record; -1 for comparisons. */
    public static final int LEAF = 3;

    /** The layouts of a forest for floats and for doubles. */
    static final class Both {
        private final Forest forest;
        private volatile TreeLayout floats;
        private volatile TreeLayout doubles;

        Both(Forest forest) {
            this.forest = forest;
        }

        TreeLayout of(boolean wide) {
            TreeLayout layout = wide ? doubles : floats;
            if (layout == null) {
                layout = new TreeLayout(forest, wide);
                if (wide) {
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

    /** The thresholds of the records in the order of doubles; null for floats. */
    public final long[] thresholds;

    /** The place in {@link #records} where each tree begins. */
    public final int[] roots;

    /** The number of steps after which every walk through a tree is at a leaf. */
    public final int[] depths;

    /** The feature that each column holds. */
    public final int[] columnFeatures;

    /** Whether NaN is the least integer of a column, at which every comparison holds, or the greatest. */
    public final boolean[] columnNanYes;

    /** The first weight of each leaf, and one more. */
    public final int[] leafStarts;

    /** The target of each weight. */
    public final int[] targets;

    /** The weights rounded to float. */
    public final float[] floatWeights;

    /** The weights. */
    public final double[] doubleWeights;

    private TreeLayout(Forest f, boolean doubles) {
        TreeComparisons nodes = new TreeComparisons(f, doubles);
        int n = nodes.count();
        int trees = f.trees();
        int count = Math.addExact(Math.multiplyExact(2, n), trees);
        records = new int[Math.multiplyExact(RECORD, count)];
        thresholds = doubles ? new long[count] : null;
        int[] columnOf = new int[n];
        int[][] used = columns(nodes, columnOf);
        columnFeatures = used[0];
        columnNanYes = new boolean[columnFeatures.length];
        for (int c = 0; c < columnNanYes.length; c++) {
            columnNanYes[c] = used[1][c] != 0;
        }
        int[] heights = heights(nodes);
        for (int i = 0; i < n; i++) {
            record(2 * i, nodes.yes[i], nodes, columnOf);
            record(2 * i + 1, nodes.no[i], nodes, columnOf);
        }
        roots = new int[trees];
        depths = new int[trees];
        for (int t = 0; t < trees; t++) {
            int root = f.root(t);
            int at = 2 * n + t;
            roots[t] = RECORD * at;
            depths[t] = root < 0 ? 0 : heights[root];
            record(at, root, nodes, columnOf);
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
     * The layout of a forest, made once.
     *
     * @param f the forest
     * @param doubles whether features are double rather than float
     * @return its layout
     */
    public static TreeLayout of(Forest f, boolean doubles) {
        return f.derived(Both.class, Both::new).of(doubles);
    }

    private void record(int at, int child, TreeComparisons nodes, int[] columnOf) {
        boolean leaf = child < 0;
        int first = RECORD * at;
        records[first + COLUMN] = leaf ? 0 : BLOCK * columnOf[child];
        records[first + PAIR] = leaf ? first : 2 * RECORD * child;
        records[first + LEAF] = leaf ? ~child : -1;
        if (thresholds == null) {
            records[first] = leaf
                    ? Integer.MAX_VALUE
                    : nodes.never[child] ? Integer.MIN_VALUE : key((float) nodes.thresholds[child]);
        } else {
            thresholds[at] = leaf ? Long.MAX_VALUE : nodes.never[child] ? Long.MIN_VALUE : key(nodes.thresholds[child]);
        }
    }

    /** The pairs of feature and way of NaN that occur, ascending, and for each comparison which of them it has. */
    private static int[][] columns(TreeComparisons nodes, int[] columnOf) {
        int n = nodes.count();
        long[] keys = new long[n];
        for (int i = 0; i < n; i++) {
            keys[i] = 2L * nodes.features[i] + (nodes.nanYes[i] ? 1 : 0);
        }
        long[] distinct = Arrays.stream(keys).sorted().distinct().toArray();
        for (int i = 0; i < n; i++) {
            columnOf[i] = Arrays.binarySearch(distinct, keys[i]);
        }
        int[][] used = new int[2][distinct.length];
        for (int c = 0; c < distinct.length; c++) {
            used[0][c] = (int) (distinct[c] >> 1);
            used[1][c] = (int) (distinct[c] & 1);
        }
        return used;
    }

    /** The longest way from each comparison to a leaf, by a walk without recursion. */
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
                int y = nodes.yes[at];
                int m = nodes.no[at];
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
     * The place of a float in the order of floats, both zeros being one.
     *
     * @param x a number, not NaN
     * @return an integer above the least and below the greatest
     */
    public static int key(float x) {
        int bits = Float.floatToRawIntBits(x + 0.0f);
        return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    }

    /**
     * The place of a double in the order of doubles, both zeros being one.
     *
     * @param x a number, not NaN
     * @return an integer above the least and below the greatest
     */
    public static long key(double x) {
        long bits = Double.doubleToRawLongBits(x + 0.0);
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }
}

package dev.tenon.compression.trees;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * The second moments of what trees give for rows, summed over targets. With C the results of all trees, one column a tree, a
 * change d of the factors of trees changes the scores by C d, whose squared length is {@code d^T H d}. Memory does not grow with
 * the number of rows.
 *
 * <p>The means of targets are put right afterwards, so they are taken out here. Votes for classes have fixed sums instead: their
 * means count. Rows may count more where two classes are close, since there a small change gives another class.
 */
final class TreeGram {
    private static final int ROWS = 64;

    /** The distance of two classes, as a share of all votes, that halves the weight of a row. */
    private static final double NEAR = 0.1;

    private final TreeTable table;
    private final int trees;
    private final int targets;
    private final boolean isVoting;
    private final boolean countsNear;
    private final double[] products;
    private final double[] sums;
    private final double[] buffer;
    private int buffered;
    private long rows;

    /**
     * A matrix of no rows.
     *
     * @param table the trees
     * @param targets the number of targets
     * @param isVoting whether scores are votes for classes
     * @param countsNear whether rows count more where two classes are close
     */
    TreeGram(TreeTable table, int targets, boolean isVoting, boolean countsNear) {
        this.countsNear = countsNear;
        this.table = table;
        this.isVoting = isVoting;
        this.trees = table.trees();
        this.targets = targets;
        this.products = new double[Math.multiplyExact(trees, trees)];
        this.sums = new double[Math.multiplyExact(trees, targets)];
        this.buffer = new double[Math.multiplyExact(ROWS, trees)];
    }

    /**
     * Adds rows.
     *
     * @param x features, [rows, features] or [features]
     */
    void add(Tensor x) {
        int features = (int) x.dim(x.rank() - 1);
        double[] all = x.toDoubleArray();
        // The operator compares integers as floats.
        boolean isWide = x.dtype() == DType.FLOAT64;
        double[] row = new double[features];
        double[] scores = new double[Math.multiplyExact(trees, targets)];
        for (int r = 0; r < all.length / Math.max(1, features); r++) {
            for (int f = 0; f < features; f++) {
                double v = all[r * features + f];
                row[f] = isWide ? v : (float) v;
            }
            addRow(row, scores);
        }
    }

    private void addRow(double[] row, double[] scores) {
        Arrays.fill(scores, 0);
        for (int t = 0; t < trees; t++) {
            int leaf = table.leaf(t, row);
            for (int w = 0; w < table.weights[leaf].length; w++) {
                scores[table.targets[leaf][w] * trees + t] += table.weights[leaf][w];
            }
        }
        double weight = countsNear ? closeness(scores) : 1;
        for (int k = 0; k < targets; k++) {
            for (int t = 0; t < trees; t++) {
                sums[k * trees + t] += scores[k * trees + t];
                buffer[buffered * trees + t] = scores[k * trees + t] * weight;
            }
            if (++buffered == ROWS) {
                flush();
            }
        }
        rows++;
    }

    /** How near a row is to another class: more where the two classes with the most votes are close. */
    private double closeness(double[] scores) {
        double first = 0;
        double second = 0;
        double all = 0;
        for (int k = 0; k < targets; k++) {
            double votes = 0;
            for (int t = 0; t < trees; t++) {
                votes += scores[k * trees + t];
            }
            all += votes;
            second = Math.max(second, Math.min(first, votes));
            first = Math.max(first, votes);
        }
        return 1 / ((first - second) / all + NEAR);
    }

    /** Adds the products of the buffered rows to the upper half. */
    private void flush() {
        for (int i = 0; i < trees; i++) {
            for (int r = 0; r < buffered; r++) {
                double a = buffer[r * trees + i];
                if (a != 0) {
                    for (int j = i; j < trees; j++) {
                        products[i * trees + j] += a * buffer[r * trees + j];
                    }
                }
            }
        }
        buffered = 0;
    }

    /** The number of rows. */
    long rows() {
        return rows;
    }

    /** The mean result of a tree for a target. */
    double mean(int tree, int target) {
        return rows == 0 ? 0 : sums[target * trees + tree] / rows;
    }

    /** The moments, [trees, trees], symmetric. */
    double[][] moments() {
        flush();
        double[][] h = new double[trees][trees];
        double n = Math.max(1, rows);
        for (int i = 0; i < trees; i++) {
            for (int j = i; j < trees; j++) {
                double h0 = products[i * trees + j];
                for (int k = 0; k < targets && !isVoting; k++) {
                    h0 -= sums[k * trees + i] * sums[k * trees + j] / n;
                }
                h[i][j] = h0 / n;
                h[j][i] = h[i][j];
            }
        }
        return h;
    }
}

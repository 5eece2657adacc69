package dev.tenon.compression.trees;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * The second moments of what trees give for rows: the covariance of each pair of trees, summed over targets. With C the
 * results of all trees, one column a tree, a change d of the factors of trees changes the scores by C d, whose squared length,
 * after the mean of each target is put right, is {@code d^T H d}. Memory does not grow with the number of rows.
 */
final class TreeGram {
    private static final int ROWS = 64;

    private final TreeTable table;
    private final int trees;
    private final int targets;
    private final double[] products;
    private final double[] sums;
    private final double[] buffer;
    private int buffered;
    private long rows;

    TreeGram(TreeTable table, int targets) {
        this.table = table;
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
        java.util.Arrays.fill(scores, 0);
        for (int t = 0; t < trees; t++) {
            int leaf = table.leaf(t, row);
            for (int w = 0; w < table.weights[leaf].length; w++) {
                scores[table.targets[leaf][w] * trees + t] += table.weights[leaf][w];
            }
        }
        for (int k = 0; k < targets; k++) {
            for (int t = 0; t < trees; t++) {
                sums[k * trees + t] += scores[k * trees + t];
            }
            System.arraycopy(scores, k * trees, buffer, buffered * trees, trees);
            if (++buffered == ROWS) {
                flush();
            }
        }
        rows++;
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

    /** The covariances, [trees, trees], symmetric. */
    double[][] covariances() {
        flush();
        double[][] h = new double[trees][trees];
        double n = Math.max(1, rows);
        for (int i = 0; i < trees; i++) {
            for (int j = i; j < trees; j++) {
                double h0 = products[i * trees + j];
                for (int k = 0; k < targets; k++) {
                    h0 -= sums[k * trees + i] * sums[k * trees + j] / n;
                }
                h[i][j] = h0 / n;
                h[j][i] = h[i][j];
            }
        }
        return h;
    }
}

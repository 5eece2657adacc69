package dev.tenon.compression.prune;

import dev.tenon.compression.algebra.Dense;

/**
 * Chooses the weights to remove by SparseGPT (Frantar and Alistarh, 2023), for layers that are too large for {@link ObsMask}:
 * columns are done from left to right in blocks, with the inverse of the columns that are left from one Cholesky factor
 * U of {@code H^-1}, so that all rows share it. In a block the least {@code w^2 / U_jj^2} are removed; the error of a
 * column is spread over the columns after it.
 */
final class BlockMask {
    private static final int BLOCK = 128;
    private static final double LEAST_DAMPING = 1e-9;

    private final MaskRule rule;
    private final int terms;

    /** Lower triangular; its transpose is U. */
    private final double[] factor;

    /**
     * A choice.
     *
     * @param rule how many weights are removed
     * @param inverse the inverse of the damped second moments, [terms, terms], finite
     * @param terms the terms of a row
     */
    BlockMask(MaskRule rule, double[] inverse, int terms) {
        this.rule = rule;
        this.terms = terms;
        // H^-1 = L L^T, and U = L^T.
        double[] l = Dense.cholesky(inverse, terms);
        double more = LEAST_DAMPING * Dense.meanDiagonal(inverse, terms);
        for (; l == null; more *= 10) {
            l = Dense.cholesky(Dense.damped(inverse, terms, more), terms);
        }
        this.factor = Dense.transposed(l, terms, terms);
    }

    /**
     * Chooses and corrects.
     *
     * @param weights the weights, [rows, terms]; replaced with the corrected ones
     * @return true for each weight that becomes 0
     */
    boolean[] mask(double[] weights) {
        boolean[] pruned = new boolean[weights.length];
        int rows = weights.length / terms;
        int block = rule.isPattern() ? Math.max(1, BLOCK / rule.m()) * rule.m() : BLOCK;
        for (int from = 0; from < terms; from += block) {
            int to = Math.min(terms, from + block);
            if (!rule.isPattern()) {
                choose(weights, rows, from, to, pruned);
            }
            for (int j = from; j < to; j++) {
                if (rule.isPattern() && j % rule.m() == 0) {
                    int size = Math.min(rule.m(), terms - j);
                    for (int row = 0; row < rows; row++) {
                        chooseGroup(weights, row * terms, j, size, pruned);
                    }
                }
                for (int row = 0; row < rows; row++) {
                    if (pruned[row * terms + j]) {
                        remove(weights, row * terms, j);
                    }
                }
            }
        }
        return pruned;
    }

    private void choose(double[] weights, int rows, int from, int to, boolean[] pruned) {
        int width = to - from;
        double[] scores = new double[rows * width];
        for (int row = 0; row < rows; row++) {
            for (int j = from; j < to; j++) {
                scores[row * width + j - from] = score(weights[row * terms + j], j);
            }
        }
        // The weights removed so far decide how much this block loses, so that the shares add up.
        int wanted = (int) (Math.round(rule.share() * rows * to) - Math.round(rule.share() * rows * from));
        boolean[] chosen = new boolean[scores.length];
        MaskRule.prune(scores, 0, scores.length, wanted, chosen);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(chosen, row * width, pruned, row * terms + from, width);
        }
    }

    private void chooseGroup(double[] weights, int row, int from, int size, boolean[] pruned) {
        double[] scores = new double[size];
        for (int i = 0; i < size; i++) {
            scores[i] = score(weights[row + from + i], from + i);
        }
        boolean[] chosen = new boolean[size];
        MaskRule.prune(scores, 0, size, rule.prunedOf(size), chosen);
        System.arraycopy(chosen, 0, pruned, row + from, size);
    }

    private double score(double weight, int j) {
        double u = factor[j * terms + j];
        return weight * weight / (u * u);
    }

    /** Sets a weight to 0 and corrects those after it. */
    private void remove(double[] weights, int row, int j) {
        int at = j * terms;
        double error = weights[row + j] / factor[at + j];
        weights[row + j] = 0;
        for (int k = j + 1; k < terms; k++) {
            weights[row + k] -= error * factor[at + k];
        }
    }
}

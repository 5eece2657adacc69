package dev.tenon.compression.prune;

import dev.tenon.compression.algebra.Dense;

/**
 * Given which weights are 0, finds the others: the minimum of {@code (w - t) A (w - t)^T} over rows w that are 0 where the
 * mask is. It solves {@code A[S, S] w_S = (A t)_S}, by Cholesky where that is cheap, else by conjugate gradients from
 * given weights.
 */
final class SupportFit {
    private static final double EXACT_WORK = 4e9;
    private static final int ROUNDS = 20;
    private static final double TOLERANCE = 1e-8;

    private SupportFit() {}

    /**
     * Fits all rows.
     *
     * @param target the weights without a mask, [rows, terms]
     * @param start weights to start from that are 0 where the mask is, [rows, terms]
     * @param pruned the mask, true for weights that are 0
     * @param a a symmetric positive definite matrix, [terms, terms]
     * @param terms the terms of a row
     * @return the weights, [rows, terms]
     */
    static double[] fit(double[] target, double[] start, boolean[] pruned, double[] a, int terms) {
        int rows = target.length / terms;
        double[] right = Dense.product(target, a, rows, terms, terms);
        int most = 0;
        for (int row = 0; row < rows; row++) {
            most = Math.max(most, support(pruned, row * terms, terms).length);
        }
        if ((double) rows * most * most * most / 3 > EXACT_WORK) {
            return conjugateGradients(right, start, pruned, a, terms);
        }
        double[] w = new double[target.length];
        for (int row = 0; row < rows; row++) {
            exact(right, row * terms, support(pruned, row * terms, terms), a, w);
        }
        return w;
    }

    private static int[] support(boolean[] pruned, int at, int terms) {
        int count = 0;
        for (int i = 0; i < terms; i++) {
            count += pruned[at + i] ? 0 : 1;
        }
        int[] support = new int[count];
        int next = 0;
        for (int i = 0; i < terms; i++) {
            if (!pruned[at + i]) {
                support[next++] = i;
            }
        }
        return support;
    }

    private static void exact(double[] right, int at, int[] support, double[] a, double[] w) {
        int size = support.length;
        int terms = (int) Math.round(Math.sqrt(a.length));
        double[] part = new double[size * size];
        double[] b = new double[size];
        for (int i = 0; i < size; i++) {
            b[i] = right[at + support[i]];
            for (int j = 0; j < size; j++) {
                part[i * size + j] = a[support[i] * terms + support[j]];
            }
        }
        if (size == 0) {
            return;
        }
        double[] x = Dense.solve(part, size, b, 1);
        for (int i = 0; i < size; i++) {
            w[at + support[i]] = x[i];
        }
    }

    /** Conjugate gradients with the diagonal as preconditioner, all rows side by side. */
    static double[] conjugateGradients(double[] right, double[] start, boolean[] pruned, double[] a, int terms) {
        int rows = right.length / terms;
        double[] w = start.clone();
        double[] residual = Dense.product(w, a, rows, terms, terms);
        for (int i = 0; i < residual.length; i++) {
            residual[i] = pruned[i] ? 0 : right[i] - residual[i];
        }
        double[] z = preconditioned(residual, a, terms);
        double[] direction = z.clone();
        double[] rz = dots(residual, z, rows, terms);
        double[] least = rz.clone();
        for (int round = 0; round < ROUNDS; round++) {
            double[] product = Dense.product(direction, a, rows, terms, terms);
            double[] curvature = dots(direction, product, rows, terms);
            for (int row = 0; row < rows; row++) {
                double alpha = rz[row] <= TOLERANCE * TOLERANCE * least[row] ? 0 : rz[row] / curvature[row];
                for (int i = row * terms; i < (row + 1) * terms; i++) {
                    w[i] += alpha * direction[i];
                    residual[i] = pruned[i] ? 0 : residual[i] - alpha * product[i];
                }
            }
            z = preconditioned(residual, a, terms);
            double[] next = dots(residual, z, rows, terms);
            for (int row = 0; row < rows; row++) {
                double beta = rz[row] == 0 ? 0 : next[row] / rz[row];
                for (int i = row * terms; i < (row + 1) * terms; i++) {
                    direction[i] = z[i] + beta * direction[i];
                }
            }
            rz = next;
        }
        return w;
    }

    private static double[] preconditioned(double[] residual, double[] a, int terms) {
        double[] z = new double[residual.length];
        for (int i = 0; i < z.length; i++) {
            int j = i % terms;
            z[i] = residual[i] / a[j * terms + j];
        }
        return z;
    }

    private static double[] dots(double[] a, double[] b, int rows, int terms) {
        double[] sums = new double[rows];
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = row * terms; i < (row + 1) * terms; i++) {
                sum += a[i] * b[i];
            }
            sums[row] = sum;
        }
        return sums;
    }
}

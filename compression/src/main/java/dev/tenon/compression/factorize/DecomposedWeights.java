package dev.tenon.compression.factorize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.algebra.Dense;
import dev.tenon.compression.algebra.Dense.Svd;

/** The weights of a layer with the second moments of its inputs, and the decomposition that both give. */
final class DecomposedWeights {
    /** The share by which sums of many squares are rounded. */
    private static final double ROUNDING = 1e-12;

    private final LinearLayer layer;
    private final int outputs;
    private final int terms;
    private final double[] w;
    private final double[] h;
    private final double energy;
    private final Svd svd;

    /**
     * Decomposes {@code W S} with {@code S S^T = H + lambda I}: the squared error of the outputs that the r largest singular
     * values leave is the sum of the squares of the others.
     *
     * @param layer the layer, of one group
     * @param h the second moments of its inputs, [terms, terms], finite
     * @param damping lambda as a share of the mean of the diagonal of H
     */
    DecomposedWeights(LinearLayer layer, double[] h, double damping) {
        this.layer = layer;
        this.outputs = layer.outputs();
        this.terms = layer.terms();
        this.h = h;
        float[] matrix = layer.matrix();
        this.w = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            w[i] = matrix[i];
        }
        this.energy = Dense.dot(Dense.product(w, h, outputs, terms, terms), w);
        this.svd = Dense.svd(Dense.product(w, root(h, terms, damping), outputs, terms, terms), outputs, terms);
    }

    /** A matrix whose product with its transpose is the damped matrix; more damping where it is not positive definite. */
    private static double[] root(double[] h, int n, double damping) {
        double mean = Dense.meanDiagonal(h, n);
        double lambda = mean > 0 ? damping * mean : 1;
        double[] root = Dense.cholesky(Dense.damped(h, n, lambda), n);
        while (root == null) {
            lambda = Math.max(lambda * 10, 1e-12 * mean);
            root = Dense.cholesky(Dense.damped(h, n, lambda), n);
        }
        return root;
    }

    LinearLayer layer() {
        return layer;
    }

    int outputs() {
        return outputs;
    }

    int terms() {
        return terms;
    }

    /** The weights, [outputs, terms]. */
    double[] matrix() {
        return w;
    }

    /** The second moments, [terms, terms]. */
    double[] moments() {
        return h;
    }

    Svd svd() {
        return svd;
    }

    /** The squared outputs over all samples. */
    double energy() {
        return energy;
    }

    /** The squared error of the outputs for other weights. */
    double error(double[] other) {
        double[] d = w.clone();
        for (int i = 0; i < d.length; i++) {
            d[i] -= other[i];
        }
        return Math.max(0, Dense.dot(Dense.product(d, h, outputs, terms, terms), d));
    }

    /** The least rank whose singular values have a share of the energy. */
    int rank(double share) {
        return rank(svd.sigma(), share);
    }

    /** The least number of singular values, from the largest on, that have a share of the sum of the squares of all; at least 1. */
    static int rank(double[] sigma, double share) {
        double all = Dense.dot(sigma, sigma);
        double sum = 0;
        for (int r = 0; r < sigma.length; r++) {
            sum += sigma[r] * sigma[r];
            if (sum >= share * all * (1 - ROUNDING)) {
                return r + 1;
            }
        }
        return sigma.length;
    }

    /**
     * Weights V with the least error of {@code V Q} for inputs of the layer: {@code W H Q^T (Q H Q^T)^-1}.
     *
     * @param q a map of the inputs, [rank, terms]
     * @param rank the rows of q
     * @return V, [outputs, rank]
     */
    double[] fitted(double[] q, int rank) {
        double[] qh = Dense.product(q, h, rank, terms, terms);
        double[] qhq = Dense.product(qh, Dense.transposed(q, rank, terms), rank, terms, rank);
        double[] right = Dense.product(qh, Dense.transposed(w, outputs, terms), rank, terms, outputs);
        double mean = Dense.meanDiagonal(qhq, rank);
        double lambda = mean > 0 ? 1e-9 * mean : 1;
        double[] v = null;
        while (v == null) {
            v = Dense.solve(Dense.damped(qhq, rank, lambda), rank, right, outputs);
            lambda *= 10;
        }
        return Dense.transposed(v, rank, outputs);
    }
}

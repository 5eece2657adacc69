package dev.tenon.op.tabular;

import dev.tenon.op.Operands;

/**
 * Probabilities of classes from the probabilities of one class against another: T.-F. Wu, C.-J. Lin, R. C. Weng,
 * Probability Estimates for Multi-class Classification by Pairwise Coupling (2004), algorithm 2, with the bound on the
 * error at which LIBSVM stops.
 */
final class PairwiseProbabilities {
    private static final int ROUNDS = 100;
    private static final double ERROR = 0.005f;

    private PairwiseProbabilities() {}

    /** The number of elements of memory that the iteration needs. */
    static int workSize(int classes) {
        return classes * classes + classes;
    }

    /**
     * Fills p.
     *
     * @param k the number of classes
     * @param r at i * k + j the probability of class i against class j, j not i
     * @param at the start of r in its array
     * @param q memory to work in
     * @param qAt the start of that memory
     * @param p the probabilities of the classes
     */
    static void couple(int k, double[] r, int at, double[] q, int qAt, double[] p) {
        int qp = qAt + k * k;
        for (int i = 0; i < k; i++) {
            p[i] = 1.0 / k;
            double sum = 0;
            for (int j = 0; j < k; j++) {
                if (j != i) {
                    double ji = r[at + j * k + i];
                    sum += ji * ji;
                    q[qAt + i * k + j] = -ji * r[at + i * k + j];
                }
            }
            q[qAt + i * k + i] = sum;
        }
        for (int round = 0; round < ROUNDS; round++) {
            Operands.work(2L * k * k);
            double pqp = products(k, q, qAt, p);
            double worst = 0;
            for (int i = 0; i < k; i++) {
                worst = Math.max(worst, Math.abs(q[qp + i] - pqp));
            }
            if (worst < ERROR / k) {
                break;
            }
            for (int i = 0; i < k; i++) {
                pqp = improve(k, i, q, qAt, p, pqp);
            }
        }
    }

    private static double products(int k, double[] q, int qAt, double[] p) {
        int qp = qAt + k * k;
        double pqp = 0;
        for (int i = 0; i < k; i++) {
            q[qp + i] = 0;
            for (int j = 0; j < k; j++) {
                q[qp + i] += q[qAt + i * k + j] * p[j];
            }
            pqp += p[i] * q[qp + i];
        }
        return pqp;
    }

    private static double improve(int k, int i, double[] q, int qAt, double[] p, double pqp) {
        int qp = qAt + k * k;
        double own = q[qAt + i * k + i];
        double step = (pqp - q[qp + i]) / own;
        double scale = 1 + step;
        p[i] += step;
        double next = (pqp + step * (step * own + 2 * q[qp + i])) / (scale * scale);
        for (int j = 0; j < k; j++) {
            q[qp + j] = (q[qp + j] + step * q[qAt + i * k + j]) / scale;
            p[j] /= scale;
        }
        return next;
    }
}

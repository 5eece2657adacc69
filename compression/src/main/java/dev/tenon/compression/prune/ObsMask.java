package dev.tenon.compression.prune;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Chooses the weights to remove by ExactOBS (Frantar and Alistarh, 2022): each row removes the weight with the least
 * {@code w_p^2 / [H^-1]_pp}, corrects the others by {@code -w_p / [H^-1]_pp H^-1[:, p]}, and eliminates p from
 * {@code H^-1}. Without a pattern, rows compete for what may be removed by the losses of their steps.
 */
final class ObsMask {
    private final MaskRule rule;
    private final double[] inverse;
    private final int terms;

    /** The inverse, the weights, and what is left of one row. */
    private final double[] h;

    private final double[] w;
    private final boolean[] isGone;

    /**
     * A choice.
     *
     * @param rule how many weights are removed
     * @param inverse the inverse of the damped second moments, [terms, terms]
     * @param terms the terms of a row
     */
    ObsMask(MaskRule rule, double[] inverse, int terms) {
        this.rule = rule;
        this.inverse = inverse;
        this.terms = terms;
        this.h = new double[inverse.length];
        this.w = new double[terms];
        this.isGone = new boolean[terms];
    }

    /** The multiply-adds that a choice takes. */
    static double work(int rows, int terms) {
        return (double) rows * terms * terms * terms;
    }

    /**
     * Chooses.
     *
     * @param weights the weights, [rows, terms]
     * @return true for each weight that becomes 0
     */
    boolean[] mask(double[] weights) {
        int rows = weights.length / terms;
        boolean[] pruned = new boolean[weights.length];
        int[][] orders = new int[rows][];
        double[][] losses = new double[rows][];
        for (int row = 0; row < rows; row++) {
            int steps = rule.isPattern() ? rule.prunedOfRow(terms) : Math.min(terms, steps());
            orders[row] = new int[steps];
            losses[row] = new double[steps];
            run(weights, row, orders[row], losses[row]);
        }
        if (rule.isPattern()) {
            for (int row = 0; row < rows; row++) {
                for (int p : orders[row]) {
                    pruned[row * terms + p] = true;
                }
            }
            return pruned;
        }
        compete(orders, losses, (int) Math.round(rule.share() * weights.length), pruned);
        return pruned;
    }

    /** The steps of a row that rows compete with: more than the share of a row. */
    private int steps() {
        return (int) Math.ceil(terms * Math.min(1, rule.share() + (1 - rule.share()) / 2));
    }

    private void compete(int[][] orders, double[][] losses, int count, boolean[] pruned) {
        int[] done = new int[orders.length];
        PriorityQueue<Integer> queue =
                new PriorityQueue<>(Comparator.<Integer>comparingDouble(row -> losses[row][done[row]])
                        .thenComparing(row -> row));
        for (int row = 0; row < orders.length; row++) {
            queue.add(row);
        }
        for (int i = 0; i < count && !queue.isEmpty(); i++) {
            int row = queue.poll();
            pruned[row * terms + orders[row][done[row]]] = true;
            if (++done[row] < orders[row].length) {
                queue.add(row);
            }
        }
    }

    /** Removes weights of a row until the order is full. */
    private void run(double[] weights, int row, int[] order, double[] losses) {
        System.arraycopy(inverse, 0, h, 0, h.length);
        System.arraycopy(weights, row * terms, w, 0, terms);
        Arrays.fill(isGone, false);
        int groups = rule.isPattern() ? (terms + rule.m() - 1) / rule.m() : 0;
        int[] left = new int[groups];
        for (int g = 0; g < groups; g++) {
            left[g] = rule.prunedOf(Math.min(rule.m(), terms - g * rule.m()));
        }
        for (int step = 0; step < order.length; step++) {
            int p = next(left);
            order[step] = p;
            losses[step] = w[p] * w[p] / h[p * terms + p];
            isGone[p] = true;
            if (groups > 0) {
                left[p / rule.m()]--;
            }
            eliminate(p);
        }
    }

    /** The weight with the least loss that may be removed; the first of equal ones. */
    private int next(int[] left) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < terms; i++) {
            if (isGone[i] || left.length > 0 && left[i / rule.m()] == 0) {
                continue;
            }
            double loss = w[i] * w[i] / h[i * terms + i];
            if (best < 0 || loss < least) {
                least = loss;
                best = i;
            }
        }
        return best;
    }

    private void eliminate(int p) {
        double pivot = h[p * terms + p];
        double factor = w[p] / pivot;
        int at = p * terms;
        for (int j = 0; j < terms; j++) {
            w[j] -= factor * h[at + j];
        }
        w[p] = 0;
        double[] column = Arrays.copyOfRange(h, at, at + terms);
        for (int i = 0; i < terms; i++) {
            if (!isGone[i] && column[i] != 0) {
                subtract(i * terms, column[i] / pivot, column);
            }
        }
    }

    private void subtract(int to, double factor, double[] column) {
        for (int j = 0; j < terms; j++) {
            h[to + j] -= factor * column[j];
        }
    }
}

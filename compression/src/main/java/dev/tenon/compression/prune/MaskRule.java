package dev.tenon.compression.prune;

import java.util.Arrays;

/**
 * How many weights become 0: a share of a layer's, or all but n of each m neighbours of an output's terms.
 *
 * @param share the share in [0, 1) of the weights that become 0; of no account if there is a pattern
 * @param n the weights of each m that may stay, 0 if there is no pattern
 * @param m the size of a group of neighbours; the last group of an output may be smaller
 */
record MaskRule(double share, int n, int m) {
    boolean isPattern() {
        return n > 0;
    }

    /** The weights that become 0 in a group of some size. */
    int prunedOf(int size) {
        return Math.max(0, size - n);
    }

    /** The weights of a row that become 0. */
    int prunedOfRow(int terms) {
        if (!isPattern()) {
            return (int) Math.round(share * terms);
        }
        return terms / m * prunedOf(m) + prunedOf(terms % m);
    }

    String text() {
        return isPattern() ? n + ":" + m : Math.round(share * 100) + " %";
    }

    /**
     * The weights with the least scores.
     *
     * @param scores a score for each weight, [rows, terms]
     * @param terms the terms of a row
     * @param isByRow whether each row loses the same share; otherwise rows compete
     * @return true for each weight that becomes 0
     */
    boolean[] mask(double[] scores, int terms, boolean isByRow) {
        boolean[] pruned = new boolean[scores.length];
        int rows = scores.length / terms;
        if (isPattern()) {
            for (int row = 0; row < rows; row++) {
                for (int from = 0; from < terms; from += m) {
                    int size = Math.min(m, terms - from);
                    prune(scores, row * terms + from, size, prunedOf(size), pruned);
                }
            }
        } else if (isByRow) {
            for (int row = 0; row < rows; row++) {
                prune(scores, row * terms, terms, prunedOfRow(terms), pruned);
            }
        } else {
            prune(scores, 0, scores.length, (int) Math.round(share * scores.length), pruned);
        }
        return pruned;
    }

    /** Marks the least scores of a range; of equal ones the first. */
    static void prune(double[] scores, int from, int size, int count, boolean[] pruned) {
        if (count == 0) {
            return;
        }
        double[] sorted = Arrays.copyOfRange(scores, from, from + size);
        Arrays.sort(sorted);
        double threshold = sorted[count - 1];
        int left = count;
        for (int i = from; i < from + size; i++) {
            if (scores[i] < threshold) {
                pruned[i] = true;
                left--;
            }
        }
        for (int i = from; i < from + size && left > 0; i++) {
            if (scores[i] == threshold) {
                pruned[i] = true;
                left--;
            }
        }
    }
}

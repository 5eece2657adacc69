package dev.tenon.compression.calibrate;

import java.util.Arrays;

/**
 * Searches the limit of absolute values whose quantised distribution is nearest to the distribution of the values, by the
 * Kullback-Leibler divergence KL(P || Q). P are the bins below the limit, and the values above are added to its last bin. Q
 * are the same bins, without those values, merged to as many groups as there are levels, each spread evenly over its bins
 * that are not empty.
 */
final class EntropySearch {
    static final int BINS = 2048;

    /** A bin that is empty in one distribution and not in the other gets this share of a value. */
    private static final double SMALL = 1e-4;

    /**
     * A limit clips at most this share of the values. Without it a distribution with a single high peak, such as that of
     * images with a uniform background, would be cut at the peak: the values beyond are added to its bin and hide in it.
     */
    private static final double MOST_CLIPPED = 1e-3;

    private EntropySearch() {}

    /**
     * The limit.
     *
     * @param h the values, not all zero
     * @param levels the levels of absolute values, at least 2
     */
    static double limit(Histogram h, int levels) {
        double largest = h.range().magnitude();
        double[] bins = magnitudes(h, largest);
        double[] sums = new double[BINS + 1];
        for (int i = 0; i < BINS; i++) {
            sums[i + 1] = sums[i] + bins[i];
        }
        double best = Double.POSITIVE_INFINITY;
        int at = BINS;
        double mostClipped = MOST_CLIPPED * (sums[BINS] + h.zeros());
        for (int end = Math.min(BINS, levels); end <= BINS; end++) {
            if (sums[BINS] - sums[end] > mostClipped) {
                continue;
            }
            double divergence = divergence(bins, end, sums[BINS] - sums[end], levels);
            if (divergence < best) {
                best = divergence;
                at = end;
            }
        }
        return at * (largest / BINS);
    }

    /** The histogram of the absolute values from 0 to the largest. A bin is divided where it spans two. */
    static double[] magnitudes(Histogram h, double largest) {
        double[] bins = new double[BINS];
        double ratio = h.width() * BINS / largest;
        for (int i = 0; i < Histogram.BINS; i++) {
            double n = h.below(i) + h.above(i);
            if (n == 0) {
                continue;
            }
            double from = Math.min(BINS, i * ratio);
            double to = Math.min(BINS, (i + 1) * ratio);
            if (to <= from) {
                bins[BINS - 1] += n;
                continue;
            }
            for (int b = (int) from; b < to; b++) {
                bins[b] += n * (Math.min(b + 1, to) - Math.max(b, from)) / (to - from);
            }
        }
        return bins;
    }

    private static double divergence(double[] bins, int end, double outside, int levels) {
        double[] q = new double[end];
        for (int level = 0; level < levels; level++) {
            int from = (int) ((long) level * end / levels);
            int to = (int) ((level + 1L) * end / levels);
            double sum = 0;
            int used = 0;
            for (int i = from; i < to; i++) {
                sum += bins[i];
                used += bins[i] > 0 ? 1 : 0;
            }
            double mean = used == 0 ? 0 : sum / used;
            for (int i = from; i < to; i++) {
                q[i] = bins[i] > 0 ? mean : 0;
            }
        }
        double[] p = Arrays.copyOf(bins, end);
        p[end - 1] += outside;
        double pSum = smoothed(p);
        double qSum = smoothed(q);
        if (pSum == 0 || qSum == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double divergence = 0;
        for (int i = 0; i < end; i++) {
            divergence += p[i] == 0 ? 0 : p[i] / pSum * Math.log(p[i] / pSum * (qSum / q[i]));
        }
        return divergence;
    }

    /** Gives empty bins a small share, which it takes from the others. Returns the sum; 0 if all bins are empty. */
    private static double smoothed(double[] bins) {
        int empty = 0;
        double sum = 0;
        for (double b : bins) {
            empty += b == 0 ? 1 : 0;
            sum += b;
        }
        if (empty == bins.length) {
            return 0;
        }
        double taken = SMALL * empty / (bins.length - empty);
        for (int i = 0; i < bins.length; i++) {
            bins[i] = bins[i] == 0 ? SMALL : Math.max(SMALL, bins[i] - taken);
        }
        return Math.max(sum, SMALL);
    }
}

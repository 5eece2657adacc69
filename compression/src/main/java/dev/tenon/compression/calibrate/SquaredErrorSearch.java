package dev.tenon.compression.calibrate;

import java.util.function.UnaryOperator;

/**
 * Searches the range with the least sum of {@code h(x) (f(x) - f(Q(x)))^2} over the bins of a histogram, where f is what the
 * values go through. First come limits of absolute values. If there is a function, each end is searched by itself then: the
 * function may make all numbers beyond one of them equal.
 */
final class SquaredErrorSearch {
    static final int CLIPS = 100;

    private static final int ROUNDS = 2;

    private final Histogram h;
    private final int levels;
    private final boolean isSymmetric;
    /** f at the bounds of the bins, from the least to the greatest; null if f changes nothing. */
    private final float[] curve;

    /**
     * A search.
     *
     * @param h the values, not all zero
     * @param levels the number of integers
     * @param isSymmetric whether zero is the middle of the integers
     * @param after f; null if it changes nothing
     */
    SquaredErrorSearch(Histogram h, int levels, boolean isSymmetric, UnaryOperator<float[]> after) {
        this.h = h;
        this.levels = levels;
        this.isSymmetric = isSymmetric;
        this.curve = after == null ? null : after.apply(bounds(h));
    }

    private static float[] bounds(Histogram h) {
        float[] bounds = new float[2 * Histogram.BINS + 1];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = (float) ((i - Histogram.BINS) * h.width());
        }
        return bounds;
    }

    /** The best range, within that of the values. */
    Range range() {
        double least = h.range().low();
        double greatest = h.range().high();
        double low = Math.min(0, least);
        double high = Math.max(0, greatest);
        double best = Double.POSITIVE_INFINITY;
        double largest = h.range().magnitude();
        for (int clip = CLIPS; clip >= 1; clip--) {
            double limit = largest * clip / CLIPS;
            double error = error(Math.min(0, Math.max(least, -limit)), Math.max(0, Math.min(greatest, limit)));
            if (error < best) {
                best = error;
                low = Math.min(0, Math.max(least, -limit));
                high = Math.max(0, Math.min(greatest, limit));
            }
        }
        for (int round = 0; round < ROUNDS && curve != null && !isSymmetric && least < 0 && greatest > 0; round++) {
            for (int clip = CLIPS; clip >= 0; clip--) {
                double candidate = least * clip / CLIPS;
                double error = error(candidate, high);
                if (error < best) {
                    best = error;
                    low = candidate;
                }
            }
            for (int clip = CLIPS; clip >= 0; clip--) {
                double candidate = greatest * clip / CLIPS;
                double error = error(low, candidate);
                if (error < best) {
                    best = error;
                    high = candidate;
                }
            }
        }
        return new Range((float) Math.max(least, low), (float) Math.min(greatest, high));
    }

    /** The sum of squared errors of a range, where all values of a bin are taken to be in its middle. */
    private double error(double from, double to) {
        double limit = Math.max(-from, to);
        double low = isSymmetric ? -limit : from;
        double high = isSymmetric ? limit : to;
        if (low == high) {
            return Double.POSITIVE_INFINITY;
        }
        int steps = isSymmetric ? (levels - 1) / 2 * 2 : levels - 1;
        double scale = (high - low) / steps;
        double least = Math.rint(low / scale);
        double most = least + steps;
        double sum = 0;
        for (int i = 0; i < Histogram.BINS; i++) {
            long above = h.above(i);
            long below = h.below(i);
            if (above + below == 0) {
                continue;
            }
            double x = (i + 0.5) * h.width();
            sum += above * squared(x, scale, least, most) + below * squared(-x, scale, least, most);
        }
        return sum;
    }

    private double squared(double x, double scale, double least, double most) {
        double rounded = Math.min(most, Math.max(least, Math.rint(x / scale))) * scale;
        double error = curve == null ? x - rounded : at(x) - at(rounded);
        return error * error;
    }

    /** f, linear within a bin. */
    private double at(double x) {
        double bin = Math.clamp(x / h.width() + Histogram.BINS, 0, 2 * Histogram.BINS);
        int below = (int) Math.min(2 * Histogram.BINS - 1, bin);
        return curve[below] + (bin - below) * (curve[below + 1] - curve[below]);
    }
}

package dev.tenon.compression.calibrate;

/** Searches the limit of absolute values with the least sum of {@code h(x) (x - Q(x))^2} over the bins of a histogram. */
final class SquaredErrorSearch {
    static final int CLIPS = 100;

    private final Histogram h;
    private final int levels;
    private final boolean isSymmetric;

    /**
     * A search.
     *
     * @param h the values, not all zero
     * @param levels the number of integers
     * @param isSymmetric whether zero is the middle of the integers
     */
    SquaredErrorSearch(Histogram h, int levels, boolean isSymmetric) {
        this.h = h;
        this.levels = levels;
        this.isSymmetric = isSymmetric;
    }

    double limit() {
        double largest = h.range().magnitude();
        double best = Double.POSITIVE_INFINITY;
        double limit = largest;
        for (int clip = CLIPS; clip >= 1; clip--) {
            double candidate = largest * clip / CLIPS;
            double error = error(candidate);
            if (error < best) {
                best = error;
                limit = candidate;
            }
        }
        return limit;
    }

    /** The sum of squared errors of a limit, where all values of a bin are taken to be in its middle. */
    double error(double limit) {
        double low = isSymmetric ? -limit : Math.min(0, Math.max(h.range().low(), -limit));
        double high = isSymmetric ? limit : Math.max(0, Math.min(h.range().high(), limit));
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

    private static double squared(double x, double scale, double least, double most) {
        double rounded = Math.min(most, Math.max(least, Math.rint(x / scale))) * scale;
        return (x - rounded) * (x - rounded);
    }
}

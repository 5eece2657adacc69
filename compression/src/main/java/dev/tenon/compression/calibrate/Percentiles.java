package dev.tenon.compression.calibrate;

/** Finds the ends of a distribution between which all but a share of the values lie. */
final class Percentiles {
    private Percentiles() {}

    /**
     * The range without both tails. An end is the outer edge of a bin, so a tail is cut by at most the share.
     *
     * @param h the values, at least one
     * @param tail the share of values in each tail, in [0, 0.25]
     */
    static Range range(Histogram h, double tail) {
        Range all = h.range();
        double most = tail * h.count();
        float low = (float) Math.max(all.low(), lower(h, most, -1));
        float high = (float) Math.min(all.high(), -lower(h, most, 1));
        return new Range(Math.min(low, high), Math.max(low, high));
    }

    /** The lower end; of the distribution of the negated values for the sign 1. */
    private static double lower(Histogram h, double most, int sign) {
        long cut = 0;
        for (int i = Histogram.BINS - 1; i >= 0; i--) {
            cut += sign < 0 ? h.below(i) : h.above(i);
            if (cut > most) {
                return -(i + 1) * h.width();
            }
        }
        cut += h.zeros();
        if (cut > most) {
            return 0;
        }
        for (int i = 0; i < Histogram.BINS; i++) {
            cut += sign < 0 ? h.above(i) : h.below(i);
            if (cut > most) {
                return i * h.width();
            }
        }
        return 0;
    }
}

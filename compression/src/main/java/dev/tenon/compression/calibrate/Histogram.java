package dev.tenon.compression.calibrate;

import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * How often values of a tensor lie in equal bins from {@code -limit} to {@code limit}. When a value lies outside, the limit
 * is doubled and neighbouring bins are merged, so that a histogram has a fixed size however many values it sees, and each
 * side has at least half of its bins in use. Zeros are counted apart, since every quantisation represents them exactly.
 * Infinities and NaNs are counted and otherwise left out. Confined to one thread.
 */
public final class Histogram {
    /** The bins of each side. */
    static final int BINS = 4096;

    private final long[] negative = new long[BINS];
    private final long[] positive = new long[BINS];
    private float limit;
    private float min = Float.POSITIVE_INFINITY;
    private float max = Float.NEGATIVE_INFINITY;
    private long zeros;
    private long count;
    private long nonFinite;

    /** A histogram of no values. */
    public Histogram() {}

    /**
     * Adds all elements of a tensor.
     *
     * @param tensor a tensor of floating-point numbers
     */
    public void add(Tensor tensor) {
        add(tensor.toFloatArray());
    }

    /**
     * Adds values.
     *
     * @param values the values; not changed
     */
    public void add(float[] values) {
        float low = min;
        float high = max;
        long skipped = 0;
        for (float v : values) {
            if (Float.isFinite(v)) {
                low = Math.min(low, v);
                high = Math.max(high, v);
            } else {
                skipped++;
            }
        }
        nonFinite += skipped;
        count += values.length - skipped;
        if (low > high) {
            return;
        }
        min = low;
        max = high;
        grow(Math.max(-low, high));
        double bins = BINS / (double) limit;
        for (float v : values) {
            if (v == 0) {
                zeros++;
            } else if (Float.isFinite(v)) {
                int bin = (int) Math.min(BINS - 1, Math.abs(v) * bins);
                (v < 0 ? negative : positive)[bin]++;
            }
        }
    }

    private void grow(float largest) {
        if (limit == 0) {
            limit = largest;
            return;
        }
        while (largest > limit) {
            if (limit > Float.MAX_VALUE / 2) {
                limit = Float.MAX_VALUE;
                return;
            }
            limit *= 2;
            merge(negative);
            merge(positive);
        }
    }

    private static void merge(long[] bins) {
        for (int i = 0; i < BINS / 2; i++) {
            bins[i] = bins[2 * i] + bins[2 * i + 1];
        }
        Arrays.fill(bins, BINS / 2, BINS, 0);
    }

    /** {@return the number of finite values} */
    public long count() {
        return count;
    }

    /** {@return the number of infinities and NaNs} */
    public long nonFinite() {
        return nonFinite;
    }

    /** {@return the number of zeros} */
    public long zeros() {
        return zeros;
    }

    /** {@return the least and the greatest value, exactly; [0, 0] if there are no values} */
    public Range range() {
        return count == 0 ? new Range(0, 0) : new Range(min, max);
    }

    /**
     * The number of finite values outside a range. A bin is outside if its middle is; no value is taken to be beyond the
     * least or the greatest one.
     *
     * @param low the least value of the range
     * @param high the greatest value of the range
     * @return the number
     */
    public long outside(double low, double high) {
        long outside = low > 0 || high < 0 ? zeros : 0;
        for (int i = 0; i < BINS; i++) {
            double above = Math.min(max, (i + 0.5) * width());
            double below = Math.max(min, -(i + 0.5) * width());
            outside += above > high || above < low ? positive[i] : 0;
            outside += below > high || below < low ? negative[i] : 0;
        }
        return outside;
    }

    /**
     * How many values are in equal parts of the range from the least to the greatest value. A bin counts for the part that its
     * middle is in.
     *
     * @param parts the number of parts, at least 1
     * @return the number of finite values in each part
     */
    public long[] counts(int parts) {
        long[] counts = new long[parts];
        if (count == 0) {
            return counts;
        }
        counts[part(0, parts)] += zeros;
        for (int i = 0; i < BINS; i++) {
            double middle = (i + 0.5) * width();
            counts[part(middle, parts)] += positive[i];
            counts[part(-middle, parts)] += negative[i];
        }
        return counts;
    }

    private int part(double value, int parts) {
        double share = (value - min) / Math.max((double) max - min, Float.MIN_VALUE);
        return Math.clamp((long) Math.floor(share * parts), 0, parts - 1);
    }

    /** {@return the width of a bin} */
    double width() {
        return limit / (double) BINS;
    }

    /** The number of values between {@code -(bin + 1)} and {@code -bin} widths. */
    long below(int bin) {
        return negative[bin];
    }

    /** The number of values between {@code bin} and {@code bin + 1} widths. */
    long above(int bin) {
        return positive[bin];
    }
}

package dev.tenon.statistics;

/**
 * Finds changes of the mean of a series, as ADWIN does (Bifet and Gavaldà, Learning from Time-Changing Data with Adaptive
 * Windowing, 2007). It keeps a window of the latest numbers in buckets of growing size. When the means of an older and a
 * newer part of the window differ by more than chance allows, the older part is dropped. Memory grows with the logarithm
 * of the window. For one thread at a time.
 */
public final class AdaptiveWindow {
    private static final int BUCKETS_OF_A_SIZE = 5;
    private static final int SIZES = 48;
    private static final int STEP = 32;
    private static final int SMALLEST_PART = 32;

    private final double delta;
    /**
     * Counts, sums and sums of squared deviations of buckets: bucket {@code b} of size {@code 2^s} at {@code s, b}; the
     * oldest first.
     */
    private final double[][] sums = new double[SIZES][BUCKETS_OF_A_SIZE + 1];

    private final double[][] squares = new double[SIZES][BUCKETS_OF_A_SIZE + 1];
    private final int[] counts = new int[SIZES];
    private long size;
    private double sum;
    private double square;
    private int sinceCheck;
    private double difference;
    private double limit;

    /**
     * A window without numbers.
     *
     * @param delta the confidence: about the probability of a change that is none, at each number
     */
    public AdaptiveWindow(double delta) {
        this.delta = delta;
    }

    /** {@return how many numbers the window has} */
    public long size() {
        return size;
    }

    /** {@return the mean of the window} */
    public double mean() {
        return size == 0 ? 0 : sum / size;
    }

    /** {@return the difference of the means of the last change that was found} */
    public double difference() {
        return difference;
    }

    /** {@return the difference that chance would have allowed then} */
    public double limit() {
        return limit;
    }

    /**
     * Adds a number.
     *
     * @param x the number, 0 to 1; others are cut to this range
     * @return whether the mean has changed. It is looked for at every 32nd number
     */
    public boolean add(double x) {
        double value = Math.min(1, Math.max(0, x));
        if (size > 0) {
            double d = value - mean();
            square += d * d * size / (size + 1);
        }
        size++;
        sum += value;
        append(0, value, 0);
        sinceCheck++;
        if (sinceCheck < STEP) {
            return false;
        }
        sinceCheck = 0;
        boolean changed = false;
        while (shrink()) {
            changed = true;
        }
        return changed;
    }

    /** Adds the newest bucket of a size, and joins the two oldest of it if there are too many. */
    private void append(int s, double bucketSum, double bucketSquare) {
        sums[s][counts[s]] = bucketSum;
        squares[s][counts[s]] = bucketSquare;
        counts[s]++;
        if (counts[s] > BUCKETS_OF_A_SIZE && s + 1 < SIZES) {
            double n = Math.scalb(1.0, s);
            double d = (sums[s][0] - sums[s][1]) / n;
            double joined = squares[s][0] + squares[s][1] + d * d * n / 2;
            double both = sums[s][0] + sums[s][1];
            dropOldest(s, 2);
            append(s + 1, both, joined);
        }
    }

    private void dropOldest(int s, int number) {
        counts[s] -= number;
        System.arraycopy(sums[s], number, sums[s], 0, counts[s]);
        System.arraycopy(squares[s], number, squares[s], 0, counts[s]);
    }

    /** Looks for a place where the means differ, and drops the oldest bucket if there is one. */
    private boolean shrink() {
        double oldCount = 0;
        double oldSum = 0;
        double variance = square / size;
        for (int s = SIZES - 1; s >= 0; s--) {
            for (int b = 0; b < counts[s]; b++) {
                oldCount += Math.scalb(1.0, s);
                oldSum += sums[s][b];
                double newCount = size - oldCount;
                if (newCount < SMALLEST_PART) {
                    return false;
                }
                if (oldCount >= SMALLEST_PART && differs(oldCount, oldSum, newCount, variance)) {
                    drop();
                    return true;
                }
            }
        }
        return false;
    }

    private boolean differs(double oldCount, double oldSum, double newCount, double variance) {
        double d = Math.abs(oldSum / oldCount - (sum - oldSum) / newCount);
        double harmonic = 1 / (1 / oldCount + 1 / newCount);
        double log = Math.log(2 * Math.log(size) / delta);
        double allowed = Math.sqrt(2 / harmonic * variance * log) + 2 / (3 * harmonic) * log;
        if (d <= allowed) {
            return false;
        }
        difference = d;
        limit = allowed;
        return true;
    }

    /** Drops the oldest bucket. */
    private void drop() {
        int s = SIZES - 1;
        while (counts[s] == 0) {
            s--;
        }
        double n = Math.scalb(1.0, s);
        double rest = size - n;
        double d = sums[s][0] / n - (sum - sums[s][0]) / rest;
        square = Math.max(0, square - squares[s][0] - d * d * n * rest / size);
        sum -= sums[s][0];
        size -= (long) n;
        dropOldest(s, 1);
    }
}

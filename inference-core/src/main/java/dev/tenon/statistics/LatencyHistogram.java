package dev.tenon.statistics;

/**
 * Counts of times, in buckets that are at most 1/32 of their value wide. For one thread at a time.
 */
public final class LatencyHistogram {
    private static final int PRECISION = 5;
    private static final int BUCKETS = (Long.SIZE - PRECISION) << PRECISION;

    private final long[] counts = new long[BUCKETS];
    private long total;

    /** A histogram without times. */
    public LatencyHistogram() {}

    /** {@return how many times were added} */
    public long total() {
        return total;
    }

    /**
     * Adds a time.
     *
     * @param nanos the time; negative ones count as 0
     */
    public void add(long nanos) {
        counts[bucket(Math.max(0, nanos))]++;
        total++;
    }

    private static int bucket(long value) {
        int shift = Math.max(0, Long.SIZE - 1 - PRECISION - Long.numberOfLeadingZeros(value | 1));
        return (shift << PRECISION) + (int) (value >>> shift);
    }

    private static long upper(int bucket) {
        int shift = Math.max(0, (bucket >>> PRECISION) - 1);
        return ((long) bucket - ((long) shift << PRECISION) + 1 << shift) - 1;
    }

    /**
     * A time by its rank.
     *
     * @param rank how many times are at most as long, at least 1
     * @return the largest time of its bucket, 0 without times
     */
    public long atRank(long rank) {
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts[i];
            if (seen >= rank) {
                return upper(i);
            }
        }
        return 0;
    }

    /**
     * A percentile.
     *
     * @param share the share of times that are at most as long, 0 to 1
     * @return the time, 0 without times
     */
    public long percentile(double share) {
        return total == 0 ? 0 : atRank(Math.max(1, (long) Math.ceil(share * total)));
    }

    /** Halves all counts, so that old times weigh less. */
    public void age() {
        total = 0;
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] /= 2;
            total += counts[i];
        }
    }
}

package dev.tenon.benchmarks;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.util.Statistics;

/** The times of single calls, of one fork or of several together. */
final class Samples {
    /** Thousand millions in a second are so many in a millisecond. */
    private static final double GIGA_A_MILLISECOND = 1e6;

    private final TreeMap<Double, Long> counts = new TreeMap<>();
    private long total;

    /**
     * Adds times.
     *
     * @param statistics milliseconds with how often each occurred
     */
    void add(Statistics statistics) {
        for (Iterator<Map.Entry<Double, Long>> i = statistics.getRawData(); i.hasNext(); ) {
            Map.Entry<Double, Long> e = i.next();
            add(e.getKey(), e.getValue());
        }
    }

    /**
     * Adds one time.
     *
     * @param millis milliseconds
     * @param count how often it occurred, at least 1
     */
    void add(double millis, long count) {
        counts.merge(millis, count, Long::sum);
        total += count;
    }

    /**
     * Adds the times of others.
     *
     * @param other samples
     */
    void add(Samples other) {
        other.counts.forEach(this::add);
    }

    /**
     * Whether there is none.
     *
     * @return true if nothing was added
     */
    boolean isEmpty() {
        return total == 0;
    }

    /**
     * How many there are.
     *
     * @return calls
     */
    long count() {
        return total;
    }

    /**
     * The shortest time.
     *
     * @return milliseconds, NaN if there is none
     */
    double min() {
        return quantile(0);
    }

    /**
     * The least time that at least a share of all calls did not exceed.
     *
     * @param share from 0 to 1, 0.5 for the median
     * @return milliseconds, NaN if there is none
     */
    double quantile(double share) {
        double wanted = share * total;
        long seen = 0;
        for (Map.Entry<Double, Long> e : counts.entrySet()) {
            seen += e.getValue();
            if (seen >= wanted) {
                return e.getKey();
            }
        }
        return Double.NaN;
    }

    /**
     * The speed of a call.
     *
     * @param count what it did, such as operations or bytes
     * @param millis milliseconds that it took
     * @return thousand millions in a second
     */
    static double giga(double count, double millis) {
        return count / GIGA_A_MILLISECOND / millis;
    }
}

package dev.tenon.benchmarks.ceiling;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.util.Statistics;

/** The times of single calls, from one fork or from several. */
public final class Samples {
    /** A rate of 10<sup>9</sup> per second, as a rate per millisecond. */
    private static final double GIGA_A_MILLISECOND = 1e6;

    private final TreeMap<Double, Long> counts = new TreeMap<>();
    private long total;

    /**
     * Adds times.
     *
     * @param statistics times in milliseconds, with their numbers of occurrences
     */
    public void add(Statistics statistics) {
        for (Iterator<Map.Entry<Double, Long>> i = statistics.getRawData(); i.hasNext(); ) {
            Map.Entry<Double, Long> e = i.next();
            add(e.getKey(), e.getValue());
        }
    }

    /**
     * Adds one time.
     *
     * @param millis the time in milliseconds
     * @param count its number of occurrences, at least 1
     */
    public void add(double millis, long count) {
        counts.merge(millis, count, Long::sum);
        total += count;
    }

    /**
     * Adds other samples.
     *
     * @param other the samples
     */
    public void add(Samples other) {
        other.counts.forEach(this::add);
    }

    /**
     * Whether there are no times.
     *
     * @return true if nothing was added
     */
    public boolean isEmpty() {
        return total == 0;
    }

    /**
     * The number of calls.
     *
     * @return at least 0
     */
    public long count() {
        return total;
    }

    /**
     * The shortest time.
     *
     * @return milliseconds; NaN if there are no times
     */
    public double min() {
        return quantile(0);
    }

    /**
     * A quantile: the least time that at least a share of all calls did not exceed.
     *
     * @param share from 0 to 1, 0.5 for the median
     * @return milliseconds; NaN if there are no times
     */
    public double quantile(double share) {
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
     * @param count its operations or bytes
     * @param millis its time in milliseconds
     * @return 10<sup>9</sup> operations or bytes per second
     */
    public static double giga(double count, double millis) {
        return count / GIGA_A_MILLISECOND / millis;
    }
}

package dev.tenon.benchmarks.ceiling;

/**
 * The times of the copies of {@link CopyPeakBenchmark} in the rounds of a case.
 *
 * @param bytes the bytes that one copy reads and writes; 0 if the traffic of the case is unknown and nothing is
 *     measured
 * @param core the times of copies by one core
 */
public record CopyCeiling(long bytes, Samples core) {
    /** The least bytes: two vectors. */
    private static final long MIN_BYTES = 128;

    /**
     * A ceiling without measurements.
     *
     * @param bytes the memory traffic of a call of the case; NaN if it is unknown
     */
    public static CopyCeiling of(double bytes) {
        return new CopyCeiling(Double.isNaN(bytes) ? 0 : Math.max(MIN_BYTES, (long) bytes), new Samples());
    }

    /** Whether copies are measured. */
    public boolean known() {
        return bytes > 0;
    }

    /**
     * The highest bandwidth of one core.
     *
     * @return GB/s; NaN if it was not measured
     */
    public double gigabytes() {
        return core.isEmpty() ? Double.NaN : gigabytes(core.min());
    }

    /**
     * The bandwidth of a call.
     *
     * @param millis milliseconds of one call of {@link CopyPeakBenchmark}
     * @return GB/s
     */
    public double gigabytes(double millis) {
        return Samples.giga(CopyPeak.callBytes(bytes), millis);
    }
}

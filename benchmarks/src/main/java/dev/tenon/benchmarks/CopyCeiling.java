package dev.tenon.benchmarks;

/**
 * What the copies of {@link CopyPeakBenchmark} reached beside a case.
 *
 * @param bytes what one copy reads and writes together, 0 if the bytes of the case are not known and nothing is measured
 * @param core times of the copies by one core
 */
record CopyCeiling(long bytes, Samples core) {
    /** Those of two vectors. */
    private static final long LEAST = 128;

    /**
     * A ceiling of which nothing is measured yet.
     *
     * @param bytes what a call of the case moves, NaN if that is not known
     */
    static CopyCeiling of(double bytes) {
        return new CopyCeiling(Double.isNaN(bytes) ? 0 : Math.max(LEAST, (long) bytes), new Samples());
    }

    /** Whether there is something to measure. */
    boolean known() {
        return bytes > 0;
    }

    /**
     * The peak of one core.
     *
     * @return GB/s, NaN if it was not measured
     */
    double gigabytes() {
        return core.isEmpty() ? Double.NaN : gigabytes(core.min());
    }

    /**
     * The speed of a call.
     *
     * @param millis milliseconds of one call of {@link CopyPeakBenchmark}
     * @return GB/s
     */
    double gigabytes(double millis) {
        return Samples.giga(CopyPeak.callBytes(bytes), millis);
    }
}

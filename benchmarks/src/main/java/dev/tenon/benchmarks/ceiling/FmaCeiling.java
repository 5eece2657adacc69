package dev.tenon.benchmarks.ceiling;

/**
 * The times of the loop of {@link FmaPeakBenchmark} in the rounds of a case.
 *
 * @param threads the threads of the case
 * @param core the times of the loop on one thread
 * @param cores the times of the loop on the threads of the case; the same as {@code core} for one thread
 */
public record FmaCeiling(int threads, Samples core, Samples cores) {
    /** A ceiling without measurements. */
    public static FmaCeiling of(int threads) {
        Samples core = new Samples();
        return new FmaCeiling(threads, core, threads == 1 ? core : new Samples());
    }

    /**
     * The peak of all threads together.
     *
     * @return GFLOP/s; NaN if it was not measured
     */
    public double gflops() {
        return gflops(threads, cores.min());
    }

    /**
     * The peak of all threads divided by the peak of one thread.
     *
     * @return near the number of threads if each has a core of its own; 1 for one thread; NaN if it was not measured
     */
    public double speedUp() {
        return gflops() / gflops(1, core.min());
    }

    /**
     * The speed of a call.
     *
     * @param threads threads of the loop
     * @param millis milliseconds of one call of {@link FmaPeakBenchmark}
     * @return GFLOP/s
     */
    public static double gflops(int threads, double millis) {
        return Samples.giga(threads * FmaPeakBenchmark.FLOPS, millis);
    }
}

package dev.tenon.benchmarks;

/**
 * What the loop of {@link FmaPeakBenchmark} reached beside a case.
 *
 * @param threads the threads of the case
 * @param core times of the loop on one thread
 * @param cores times of the loop on as many threads as the case has, the same as {@code core} for one
 */
record FmaCeiling(int threads, Samples core, Samples cores) {
    /** A ceiling of which nothing is measured yet. */
    static FmaCeiling of(int threads) {
        Samples core = new Samples();
        return new FmaCeiling(threads, core, threads == 1 ? core : new Samples());
    }

    /**
     * The peak of all threads together.
     *
     * @return GFLOP/s, NaN if it was not measured
     */
    double gflops() {
        return gflops(threads, cores.min());
    }

    /**
     * How many times the peak of one thread that of all of them is.
     *
     * @return near the number of threads where each has a core of its own, 1 for one thread, NaN if it was not measured
     */
    double speedUp() {
        return gflops() / gflops(1, core.min());
    }

    /**
     * The speed of a call.
     *
     * @param threads threads of the loop
     * @param millis milliseconds of one call of {@link FmaPeakBenchmark}
     * @return GFLOP/s
     */
    static double gflops(int threads, double millis) {
        return Samples.giga(threads * FmaPeakBenchmark.FLOPS, millis);
    }
}

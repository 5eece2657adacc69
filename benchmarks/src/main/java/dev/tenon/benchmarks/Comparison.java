package dev.tenon.benchmarks;

/**
 * What was measured of one case.
 *
 * @param benchmark the case
 * @param ours times of this library, none if it was not asked for
 * @param peer times of the peer, none if it was not asked for
 * @param peak times of {@link FmaPeakBenchmark} between them
 * @param agreement how near the outputs are
 */
record Comparison(BenchmarkCase benchmark, Samples ours, Samples peer, Samples peak, Agreement agreement) {
    private static final double FLOPS_A_MILLISECOND = 1e6;

    /**
     * Our time over the peer's at a quantile, 0 for the minima.
     *
     * @param share from 0 to 1
     * @return below 1 if this library is faster, NaN if one was not measured
     */
    double ratio(double share) {
        return ours.quantile(share) / peer.quantile(share);
    }

    /**
     * The speed of our fastest call.
     *
     * @return GFLOP/s, NaN if it was not measured
     */
    double gflops() {
        return benchmark.flops() / FLOPS_A_MILLISECOND / ours.min();
    }

    /**
     * The speed of our fastest call against the peak of as many cores as there were threads.
     *
     * @return a share of 1, NaN if it was not measured
     */
    double shareOfPeak() {
        return gflops() / (peakGflops(peak.min()) * benchmark.threads());
    }

    /**
     * The speed of a core.
     *
     * @param millis milliseconds of one call of {@link FmaPeakBenchmark}
     * @return GFLOP/s
     */
    static double peakGflops(double millis) {
        return FmaPeakBenchmark.FLOPS / FLOPS_A_MILLISECOND / millis;
    }
}

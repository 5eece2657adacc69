package dev.tenon.benchmarks;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was measured of one case.
 *
 * @param benchmark the case
 * @param parameters the values of JMH's parameters beside the engine
 * @param times times of the engines that were measured
 * @param agreements how near the outputs of each peer are to this library's
 * @param ceiling what the loop of {@link FmaPeakBenchmark} reached between them
 * @param copies what the copies of {@link CopyPeakBenchmark} reached between them
 * @param tiers what the measured forks of this library had
 * @param apart whether the case is told apart from the others and is in no mean
 */
record Comparison(
        BenchmarkCase benchmark,
        Map<String, String> parameters,
        Map<String, Samples> times,
        Map<String, Agreement> agreements,
        FmaCeiling ceiling,
        CopyCeiling copies,
        ForkTiers tiers,
        boolean apart) {
    /**
     * The times of an engine.
     *
     * @param engine its name
     * @return times, none if it was not measured
     */
    Samples times(String engine) {
        return times.getOrDefault(engine, new Samples());
    }

    /** The times of this library, none if it was not asked for. */
    Samples ours() {
        return times(Engines.TENON);
    }

    /**
     * Our time over a peer's at a quantile, 0 for the minima.
     *
     * @param peer its name
     * @param share from 0 to 1
     * @return below 1 if this library is faster, NaN if one was not measured
     */
    double ratio(String peer, double share) {
        return ours().quantile(share) / times(peer).quantile(share);
    }

    /** The ratio of minima to the peer that counts, ONNX Runtime. */
    double ratio() {
        return ratio(Engines.ONNXRUNTIME, 0);
    }

    /** Whether the outputs of all peers are near enough to this library's. */
    boolean agrees() {
        return agreements.values().stream().allMatch(a -> a.holds(benchmark));
    }

    /**
     * The speed of our fastest call.
     *
     * @return GFLOP/s, NaN if it was not measured
     */
    double gflops() {
        return Samples.giga(benchmark.flops(), ours().min());
    }

    /**
     * The speed of our fastest call against the peak of as many threads, measured in the same run.
     *
     * @return a share of 1, NaN if it was not measured
     */
    double shareOfPeak() {
        return gflops() / ceiling.gflops();
    }

    /**
     * The bytes that our fastest call moved in its time.
     *
     * @return GB/s, NaN if it was not measured or the bytes are not known
     */
    double gigabytes() {
        return Samples.giga(benchmark.bytes(), ours().min());
    }

    /**
     * The bytes that our fastest call moved against copies of as many bytes by one core, measured in the same run.
     *
     * @return a share of 1, NaN if it was not measured or the bytes are not known
     */
    double shareOfCopies() {
        return gigabytes() / copies.gigabytes();
    }

    /**
     * How many times faster an engine's fastest call is on this case's threads than on one.
     *
     * @param engine its name
     * @param all what was measured in the same run
     * @return NaN for one thread, or if the case was not measured on one
     */
    double speedUp(String engine, Collection<Comparison> all) {
        if (benchmark.threads() == 1) {
            return Double.NaN;
        }
        return all.stream()
                .filter(c -> c.benchmark.threads() == 1 && c.beyondThreads().equals(beyondThreads()))
                .mapToDouble(c -> c.times(engine).min() / times(engine).min())
                .findFirst()
                .orElse(Double.NaN);
    }

    private Map<String, String> beyondThreads() {
        Map<String, String> others = new HashMap<>(parameters);
        others.remove("threads");
        return others;
    }

    /**
     * The geometric mean of the ratios of minima to ONNX Runtime.
     *
     * @param comparisons what was measured; what has no ratio, or is told apart, is left out
     * @param threads the threads of the cases that count
     * @return NaN if no case counts
     */
    static double geometricMean(List<Comparison> comparisons, int threads) {
        return Math.exp(counting(comparisons, threads).stream()
                .mapToDouble(c -> Math.log(c.ratio()))
                .average()
                .orElse(Double.NaN));
    }

    /**
     * The cases that a mean is made of.
     *
     * @param comparisons what was measured
     * @param threads the threads of the cases that count
     * @return those that have a ratio and are not told apart
     */
    static List<Comparison> counting(List<Comparison> comparisons, int threads) {
        return comparisons.stream()
                .filter(c -> !c.apart && c.benchmark.threads() == threads && !Double.isNaN(c.ratio()))
                .toList();
    }
}

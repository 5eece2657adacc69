package dev.tenon.benchmarks.results;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.cases.Kind;
import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.ceiling.CopyCeiling;
import dev.tenon.benchmarks.ceiling.FmaCeiling;
import dev.tenon.benchmarks.ceiling.InstructionCeiling;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.forks.ForkMemory;
import dev.tenon.benchmarks.forks.ForkTiers;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The measurements of one case.
 *
 * @param benchmark the case
 * @param parameters the values of JMH's parameters, without the engine
 * @param times the times of the engines that were measured
 * @param agreements the similarity of the output of each peer to that of Tenon
 * @param ceiling the speed of {@code FmaPeakBenchmark} in the same rounds
 * @param own the speed of {@code InstructionPeakBenchmark} in the same rounds, for the instruction of the kernel
 * @param copies the speed of {@code CopyPeakBenchmark} in the same rounds
 * @param tiers the tiers that were active in the forks of Tenon
 * @param memory the memory of the forks of each engine
 */
public record Comparison(
        BenchmarkCase benchmark,
        Map<String, String> parameters,
        Map<String, Samples> times,
        Map<String, Agreement> agreements,
        FmaCeiling ceiling,
        InstructionCeiling own,
        CopyCeiling copies,
        ForkTiers tiers,
        Map<String, List<ForkMemory>> memory) {
    /**
     * Cases that have a mean of their own.
     *
     * @param kind their kind
     * @param threads the threads of a call
     * @param terms the terms of the comparison
     */
    record Group(Kind kind, int threads, Terms terms) {
        /** The things that the cases have in common, beside the threads. */
        String title() {
            return Stream.of(kind.title(), terms.title(), terms.hugePages() ? "large pages for all" : "")
                    .filter(t -> !t.isEmpty())
                    .collect(Collectors.joining(", "));
        }
    }

    /**
     * The groups of a run.
     *
     * @param comparisons the comparisons
     * @return the groups by kind, then by threads, then in the order of the terms in the run
     */
    static List<Group> groups(List<Comparison> comparisons) {
        return comparisons.stream()
                .map(Comparison::group)
                .distinct()
                .sorted(Comparator.comparing(Group::kind).thenComparingInt(Group::threads))
                .toList();
    }

    /** The group of this case. */
    Group group() {
        return new Group(Kind.of(parameters), benchmark.threads(), Terms.of(parameters));
    }

    /**
     * The memory of a fork of an engine.
     *
     * @param engine its name
     * @return the median of all forks; unknown if it was not measured
     */
    ForkMemory memory(String engine) {
        return ForkMemory.median(memory.getOrDefault(engine, List.of()));
    }

    /** The resident memory of a fork of Tenon divided by that of a fork of ONNX Runtime; NaN if one is unknown. */
    double memoryRatio() {
        return memory(Engines.TENON).resident() / memory(Engines.ONNXRUNTIME).resident();
    }

    /**
     * The times of an engine.
     *
     * @param engine its name
     * @return times; empty if it was not measured
     */
    Samples times(String engine) {
        return times.getOrDefault(engine, new Samples());
    }

    /** The times of Tenon; empty if it was not measured. */
    Samples ours() {
        return times(Engines.TENON);
    }

    /**
     * The time of Tenon divided by that of a peer, at a quantile.
     *
     * @param peer the name of the peer
     * @param share the quantile, from 0 for the minima to 1
     * @return below 1 if Tenon is faster; NaN if one of them was not measured
     */
    double ratio(String peer, double share) {
        return ours().quantile(share) / times(peer).quantile(share);
    }

    /** The ratio of minima to ONNX Runtime, the main peer. */
    double ratio() {
        return ratio(Engines.ONNXRUNTIME, 0);
    }

    /**
     * The ratio of minima to the fastest peer.
     *
     * @return below 1 if Tenon is faster than every peer; NaN if none was measured
     */
    double ratioToBest() {
        return ours().min()
                / times.keySet().stream()
                        .filter(e -> !e.equals(Engines.TENON))
                        .mapToDouble(e -> times(e).min())
                        .filter(x -> !Double.isNaN(x))
                        .min()
                        .orElse(Double.NaN);
    }

    /** Whether the outputs of all peers agree with those of Tenon. */
    public boolean agrees() {
        return agreements.values().stream().allMatch(a -> a.holds(benchmark));
    }

    /**
     * The speed of the fastest call of Tenon.
     *
     * @return GFLOP/s; NaN if it was not measured
     */
    double gflops() {
        return Samples.giga(benchmark.flops(), ours().min());
    }

    /**
     * The speed of the fastest call of Tenon as a share of the FMA peak of the same threads in the same run.
     *
     * @return a share of 1; NaN if it was not measured
     */
    double shareOfPeak() {
        return gflops() / ceiling.gflops();
    }

    /**
     * The speed of the fastest call of Tenon as a share of the peak of its kernel's own instruction in the same run.
     *
     * @return a share of 1; NaN if it was not measured or the instruction is unknown
     */
    double shareOfInstruction() {
        return gflops() / own.gigaops();
    }

    /**
     * The bandwidth of the fastest call of Tenon.
     *
     * @return GB/s; NaN if it was not measured or the memory traffic is unknown
     */
    double gigabytes() {
        return Samples.giga(benchmark.bytes(), ours().min());
    }

    /**
     * The bandwidth of the fastest call of Tenon as a share of the bandwidth of copies of the same size in the same
     * run.
     *
     * @return a share of 1; NaN if it was not measured or the memory traffic is unknown
     */
    double shareOfCopies() {
        return gigabytes() / copies.gigabytes();
    }

    /**
     * The speed-up of the fastest call of an engine over its fastest call on one thread.
     *
     * @param engine the name of the engine
     * @param all all comparisons of the same run
     * @return the speed-up; NaN for one thread, or if the case was not measured on one thread
     */
    double speedUp(String engine, Collection<Comparison> all) {
        if (benchmark.threads() == 1) {
            return Double.NaN;
        }
        return all.stream()
                .filter(c -> c.benchmark.threads() == 1 && c.without("threads").equals(without("threads")))
                .mapToDouble(c -> c.times(engine).min() / times(engine).min())
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The parameters without one of them. */
    Map<String, String> without(String parameter) {
        Map<String, String> others = new HashMap<>(parameters);
        others.remove(parameter);
        return others;
    }

    /**
     * The geometric mean of the ratios of minima to ONNX Runtime.
     *
     * @param comparisons the comparisons; those without a ratio are left out
     * @param group the group of the cases to include
     * @return the mean; NaN if no case is included
     */
    static double geometricMean(List<Comparison> comparisons, Group group) {
        return Math.exp(counting(comparisons, group).stream()
                .mapToDouble(c -> Math.log(c.ratio()))
                .average()
                .orElse(Double.NaN));
    }

    /**
     * The cases that a mean includes.
     *
     * @param comparisons the comparisons
     * @param group the group of the cases to include
     * @return those that have a ratio
     */
    static List<Comparison> counting(List<Comparison> comparisons, Group group) {
        return in(comparisons, group).stream()
                .filter(c -> !Double.isNaN(c.ratio()))
                .toList();
    }

    /** The cases of a group. */
    static List<Comparison> in(List<Comparison> comparisons, Group group) {
        return comparisons.stream().filter(c -> c.group().equals(group)).toList();
    }
}

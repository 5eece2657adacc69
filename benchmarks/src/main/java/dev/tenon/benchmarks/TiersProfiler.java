package dev.tenon.benchmarks;

import dev.tenon.kernel.table.Tiers;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.TextResult;

/** Lets a fork tell which tiers of kernels it had, after each iteration: its flags may be others than this JVM's. */
public final class TiersProfiler implements InternalProfiler {
    private static final String LABEL = "tiers";

    /** A profiler, made by JMH in each fork. */
    public TiersProfiler() {}

    @Override
    public String getDescription() {
        return "the tiers of kernels that are active";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

    @Override
    public Collection<TextResult> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        Tiers tiers = Tiers.detect();
        return List.of(new TextResult(names(tiers) + "\n" + tiers.describe(), LABEL));
    }

    /** The active tiers, best first, that of vectors with their width as ids of kernels have it. */
    static String names(Tiers tiers) {
        return tiers.tiers().stream()
                .filter(Tiers.Status::active)
                .map(t -> t.name().equals("vector")
                        ? t.name() + tiers.capabilities().vectorBits()
                        : t.name())
                .collect(Collectors.joining(" "));
    }

    /**
     * What a fork told.
     *
     * @param result the fork's result
     * @return the tiers
     * @throws IllegalStateException if it told nothing
     */
    static ForkTiers of(RunResult result) {
        if (!(result.getSecondaryResults().get(LABEL) instanceof TextResult text)) {
            throw new IllegalStateException("a fork has not told its tiers; it told "
                    + result.getSecondaryResults().keySet());
        }
        // Iterations tell the same, one behind the other.
        List<String> lines = text.extendedInfo().lines().distinct().toList();
        return new ForkTiers(List.of(lines.getFirst().split(" ")), String.join("\n", lines.subList(1, lines.size())));
    }
}

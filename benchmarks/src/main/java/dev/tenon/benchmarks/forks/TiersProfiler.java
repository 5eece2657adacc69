package dev.tenon.benchmarks.forks;

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

/**
 * Reports the active kernel tiers of a fork after each iteration. The flags of a fork may differ from those of this
 * JVM.
 */
public final class TiersProfiler implements InternalProfiler {
    private static final String LABEL = "tiers";

    /** Makes a profiler. JMH calls it in each fork. */
    public TiersProfiler() {}

    @Override
    public String getDescription() {
        return "the active kernel tiers";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

    @Override
    public Collection<TextResult> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        Tiers tiers = Tiers.detect();
        return List.of(new TextResult(names(tiers) + "\n" + tiers.describe(), LABEL));
    }

    /** The active tiers, best first. The vector tier has its width, as in ids of kernels. */
    static String names(Tiers tiers) {
        return tiers.tiers().stream()
                .filter(Tiers.Status::active)
                .map(t -> t.name().equals("vector")
                        ? t.name() + tiers.capabilities().vectorBits()
                        : t.name())
                .collect(Collectors.joining(" "));
    }

    /**
     * Reads the report of a fork.
     *
     * @param result the result of the fork
     * @return the tiers
     * @throws IllegalStateException if there is no report
     */
    static ForkTiers of(RunResult result) {
        if (!(result.getSecondaryResults().get(LABEL) instanceof TextResult text)) {
            throw new IllegalStateException("a fork did not report its tiers, but "
                    + result.getSecondaryResults().keySet());
        }
        // All iterations report the same.
        List<String> lines = text.extendedInfo().lines().distinct().toList();
        return new ForkTiers(List.of(lines.getFirst().split(" ")), String.join("\n", lines.subList(1, lines.size())));
    }
}

package dev.tenon.benchmarks.results;

import dev.tenon.benchmarks.cases.ChainCase;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import java.util.List;
import java.util.Locale;

/** The time of one step, from the times of {@link ChainCase chains} of several lengths. */
public final class StepTimes {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double P50 = 0.5;

    private StepTimes() {}

    /**
     * The time of one more step: the slope from the shortest chain to the longest.
     *
     * @param comparisons the comparisons of chains
     * @return a line for each engine that ran; empty if there is only one length
     */
    public static String lines(List<Comparison> comparisons) {
        Comparison few = comparisons.getFirst();
        Comparison many = few;
        for (Comparison c : comparisons) {
            few = length(c) < length(few) ? c : few;
            many = length(c) > length(many) ? c : many;
        }
        int more = length(many) - length(few);
        return more == 0
                ? ""
                : line(Engines.TENON, few.ours(), many.ours(), more)
                        + line(
                                Engines.ONNXRUNTIME,
                                few.times(Engines.ONNXRUNTIME),
                                many.times(Engines.ONNXRUNTIME),
                                more);
    }

    private static int length(Comparison comparison) {
        return ((ChainCase) comparison.benchmark()).steps();
    }

    private static String line(String engine, Samples few, Samples many, int more) {
        return few.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%s: %.1f ns a step by the fastest calls, %.1f by the median ones%n",
                        engine,
                        (many.min() - few.min()) * NANOS_PER_MILLI / more,
                        (many.quantile(P50) - few.quantile(P50)) * NANOS_PER_MILLI / more);
    }
}

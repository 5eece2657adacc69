package dev.tenon.benchmarks.load;

import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;

/** Begins calls at the times of a Poisson process, on one thread, and measures their latency. */
final class OpenLoop {
    private static final int DIGITS = 3;
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final double MILLI = 1e6;

    private final List<Map<String, Tensor>> inputs;
    private final double seconds;
    /** The latency within which a call counts as good, in nanoseconds. */
    private final long objective;

    OpenLoop(List<Map<String, Tensor>> inputs, double seconds, long objective) {
        this.inputs = inputs;
        this.seconds = seconds;
        this.objective = objective;
    }

    /** One run. Runs with equal seeds have equal arrivals. */
    LoadResult run(LoadTarget target, double rate, long seed) {
        ConcurrentHistogram latencies = new ConcurrentHistogram(LONGEST_NANOS, DIGITS);
        List<CompletableFuture<Boolean>> calls = new ArrayList<>();
        Arrivals arrivals = new Arrivals(rate, seed);
        long sent = 0;
        while (arrivals.seconds() < seconds) {
            long intended = arrivals.next();
            Arrivals.await(intended);
            calls.add(target.begin(inputs.get((int) (sent % inputs.size()))).handle((y, e) -> {
                if (e == null) {
                    latencies.recordValue(Math.min(LONGEST_NANOS, Math.max(0, System.nanoTime() - intended)));
                }
                return e == null;
            }));
            sent++;
        }
        long failed = 0;
        for (CompletableFuture<Boolean> call : calls) {
            failed += call.join() ? 0 : 1;
        }
        double time = arrivals.secondsUntilNow();
        long good =
                objective == Long.MAX_VALUE ? latencies.getTotalCount() : latencies.getCountBetweenValues(0, objective);
        return new LoadResult(
                target.name(),
                rate,
                sent,
                failed,
                latencies.getValueAtPercentile(50) / MILLI,
                latencies.getValueAtPercentile(99) / MILLI,
                latencies.getValueAtPercentile(99.9) / MILLI,
                good / Math.max(seconds, time),
                target.callsARun());
    }
}

package dev.tenon.benchmarks.load;

import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.batch.Batcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;

/** The latency of a lane beside one that sends ten times as many calls, against its latency alone. */
final class FairnessFigures {
    private static final String MODEL = "char_gru";
    private static final int QUEUE = 256;
    /** The load of the quiet lane, as a part of the capacity of calls one by one. */
    private static final double QUIET = 0.15;

    private static final int FLOOD = 10;
    private static final double MOST_RATIO = 2;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final String BAR = "p99 <= 2 x alone";

    private FairnessFigures() {}

    static List<Figure> measure(ServingRun.Effort effort) {
        List<Figure> figures = new ArrayList<>();
        try (ServedModel model = ServedModel.named(MODEL)) {
            if (model == null) {
                return List.of(ServingRun.missing("fairness, " + MODEL, BAR, "the model is missing"));
            }
            double rate = QUIET / model.secondsOfACall(effort.seconds());
            figures.add(measure(model, "unbatched", BatchOptions.standard().maxRows(1), rate, effort));
            figures.add(measure(model, "batched", BatchOptions.standard(), rate, effort));
        } catch (NotBatchableException e) {
            figures.add(ServingRun.missing("fairness, " + MODEL + ", batched", BAR, e.found()));
        }
        return figures;
    }

    private static Figure measure(
            ServedModel model, String how, BatchOptions options, double rate, ServingRun.Effort effort) {
        Batcher batcher = model.batcher(options.queueRows(QUEUE));
        double[] ratios = new double[effort.runs()];
        double alone = 0;
        double beside = 0;
        for (int i = -1; i < effort.runs(); i++) {
            alone = p99(model, batcher, rate, 0, i, effort.seconds());
            beside = p99(model, batcher, rate, FLOOD, i, effort.seconds());
            if (i >= 0) {
                ratios[i] = beside / alone;
            }
        }
        return new Figure(
                "a lane beside one with 10 x its calls, " + MODEL + ", " + how,
                BAR,
                LatencyFigures.interval(ratios) + String.format(Locale.ROOT, " x; %.0f and %.0f us", alone, beside),
                LatencyFigures.median(ratios) <= MOST_RATIO);
    }

    /** The 99th percentile of the quiet lane in microseconds, beside a lane with so many times its calls. */
    private static double p99(ServedModel model, Batcher batcher, double rate, int flood, long seed, double seconds) {
        ConcurrentHistogram latencies = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
        Call quiet = Call.standard().lane("quiet");
        Call loud = Call.standard().lane("loud");
        Arrivals calls = new Arrivals(rate, seed);
        Arrivals others = flood == 0 ? null : new Arrivals(flood * rate, seed + 1);
        List<CompletableFuture<?>> all = new ArrayList<>();
        long next = calls.next();
        long other = others == null ? 0 : others.next();
        for (long sent = 0; calls.seconds() < seconds; sent++) {
            if (others != null && other - next < 0) {
                Arrivals.await(other);
                all.add(batcher.submit(model.input(sent), loud));
                other = others.next();
                continue;
            }
            long intended = next;
            Arrivals.await(intended);
            all.add(batcher.submit(model.input(sent), quiet)
                    .thenRun(() -> latencies.recordValue(Math.max(0, System.nanoTime() - intended))));
            next = calls.next();
        }
        for (CompletableFuture<?> call : all) {
            // Calls of the loud lane may be refused.
            call.handle((y, e) -> e).join();
        }
        return latencies.getValueAtPercentile(99) / NANOS_PER_MICRO;
    }
}

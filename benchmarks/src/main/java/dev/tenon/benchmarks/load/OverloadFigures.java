package dev.tenon.benchmarks.load;

import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.batch.Batcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/** Twice as many calls as can be computed: what still ends in time, how soon the others are refused, and the memory. */
final class OverloadFigures {
    private static final String MODEL = "char_gru";
    private static final int QUEUE = 256;
    private static final double[] LOADS = {0.7, 0.8, 0.9, 1, 1.1};
    private static final double OVERLOAD = 2;
    private static final double SHARE = 0.95;
    private static final double MOST_MICROS = 100;
    private static final double MOST_GROWTH = 1.05;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final Duration DEADLINE = Duration.ofMillis(20);
    private static final String WHAT = "2 x overload, " + MODEL + ": ";

    private OverloadFigures() {}

    /**
     * A run under load.
     *
     * @param good calls a second that ended before their deadline
     * @param rejects how long it took to refuse a call, nanoseconds
     * @param growth the resident memory at the end over that after a fifth of the run; NaN where it is not known
     */
    private record Result(double good, Histogram rejects, double growth) {}

    static List<Figure> measure(ServingRun.Effort effort) {
        try (ServedModel model = ServedModel.named(MODEL)) {
            return model == null
                    ? List.of(ServingRun.missing(WHAT + "goodput", ">= 0.95 of the peak", "the model is missing"))
                    : measure(model, effort);
        } catch (NotBatchableException e) {
            return List.of(ServingRun.missing(WHAT + "goodput", ">= 0.95 of the peak", e.found()));
        }
    }

    private static List<Figure> measure(ServedModel model, ServingRun.Effort effort) {
        double capacity = model.rates(
                        model.batcher(BatchOptions.standard().queueRows(LoadTarget.LONG_QUEUE)),
                        2,
                        effort.seconds() / 2)
                .batched();
        Batcher batcher = model.batcher(BatchOptions.standard().queueRows(QUEUE));
        double peak = 0;
        for (double load : LOADS) {
            peak = Math.max(
                    peak, run(model, batcher, load * capacity, effort.seconds()).good());
        }
        Result over = run(model, batcher, OVERLOAD * capacity, effort.overloadSeconds());
        double share = over.good() / peak;
        double p99 = over.rejects().getValueAtPercentile(99) / NANOS_PER_MICRO;
        return List.of(
                new Figure(
                        WHAT + "goodput",
                        ">= 0.95 of the peak",
                        String.format(Locale.ROOT, "%.3f of %.0f/s", share, peak),
                        share >= SHARE),
                new Figure(
                        WHAT + "time to refuse a call",
                        "p99 <= 100 us",
                        String.format(
                                Locale.ROOT,
                                "%.1f us, %d refused",
                                p99,
                                over.rejects().getTotalCount()),
                        p99 <= MOST_MICROS && over.rejects().getTotalCount() > 0),
                new Figure(
                        String.format(Locale.ROOT, "%smemory after %.0f s", WHAT, effort.overloadSeconds()),
                        "<= 1.05 x that after a fifth",
                        String.format(Locale.ROOT, "%.3f x", over.growth()),
                        over.growth() <= MOST_GROWTH));
    }

    private static Result run(ServedModel model, Batcher batcher, double rate, double seconds) {
        Histogram rejects = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        LongAdder good = new LongAdder();
        LongAdder open = new LongAdder();
        Call call = Call.standard().within(DEADLINE);
        Arrivals arrivals = new Arrivals(rate, 1);
        double before = Double.NaN;
        CompletableFuture<?> last = null;
        for (long sent = 0; arrivals.seconds() < seconds; sent++) {
            long intended = arrivals.next();
            Arrivals.await(intended);
            long begin = System.nanoTime();
            CompletableFuture<?> answer = batcher.submit(model.input(sent), call);
            if (answer.isCompletedExceptionally() && answer.exceptionNow() instanceof OverloadedException) {
                rejects.recordValue(System.nanoTime() - begin);
            } else {
                open.increment();
                last = answer.whenComplete((y, e) -> {
                    if (e == null && System.nanoTime() - intended <= DEADLINE.toNanos()) {
                        good.increment();
                    }
                    open.decrement();
                });
            }
            if (Double.isNaN(before) && arrivals.seconds() > seconds / 5) {
                before = resident();
            }
        }
        double time = arrivals.secondsUntilNow();
        while (open.sum() > 0 && last != null) {
            last.handle((y, e) -> e).join();
            Thread.onSpinWait();
        }
        return new Result(good.sum() / time, rejects, resident() / before);
    }

    /** The memory of this process, kB; NaN where the system does not tell. */
    private static double resident() {
        Path status = Path.of("/proc/self/status");
        try {
            for (String line : Files.exists(status) ? Files.readAllLines(status) : List.<String>of()) {
                if (line.startsWith("VmRSS:")) {
                    return Double.parseDouble(line.replaceAll("[^0-9]", ""));
                }
            }
            return Double.NaN;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.tenon.serving.batch;

import dev.tenon.Outputs;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.run.Engine;
import dev.tenon.serving.run.RowGroups;
import dev.tenon.serving.run.Rows;
import dev.tenon.serving.run.Served;
import dev.tenon.serving.threads.Deadlines;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.IntToLongFunction;

/**
 * A batcher under load, in simulated time: one slot, an executor of one thread, calls that come as Poisson processes, and
 * runs that take a given time. Nothing in it depends on the machine, so its latencies are exact.
 */
final class SimulatedLoad implements Engine {
    /** Longer than any run of a test. */
    private static final long SECOND = 1_000_000_000;

    private final IntToLongFunction nanosOfRun;
    private final SplittableRandom random;
    private final PriorityQueue<Stream> streams = new PriorityQueue<>((a, b) -> Long.compare(a.next, b.next));
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private long clock = SECOND;
    private final Deadlines deadlines = new Deadlines(() -> clock, false);
    private final Batcher batcher;

    /** Calls of one lane. */
    final class Stream {
        private final Call call;
        private final double meanGap;
        private final long end;
        private long next;
        final List<Long> latencies = new ArrayList<>();
        int refused;
        int expired;

        private Stream(Call call, double meanGap, long end) {
            this.call = call;
            this.meanGap = meanGap;
            this.end = end;
            this.next = clock;
            goOn();
        }

        private void goOn() {
            next += (long) (-Math.log1p(-random.nextDouble()) * meanGap);
        }

        private void submit() {
            long intended = next;
            var _ = batcher.submit(Map.of("x", Tensor.of(new float[1], 1, 1)), call)
                    .whenComplete((y, e) -> {
                        switch (e) {
                            case null -> latencies.add(clock - intended);
                            case OverloadedException o -> refused++;
                            default -> expired++;
                        }
                    });
        }

        /** A percentile of the latencies of the calls that got outputs, in nanoseconds. */
        long percentile(double p) {
            return latencies.stream()
                    .sorted()
                    .skip((long) (p * (latencies.size() - 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    SimulatedLoad(BatchOptions options, IntToLongFunction nanosOfRun, long seed) {
        this.nanosOfRun = nanosOfRun;
        this.random = new SplittableRandom(seed);
        BatchOptions all = options.withinNumerics().executor(tasks::add);
        RowGroups groups = new RowGroups(new Rows(List.of("x"), null), all);
        this.batcher = new Batcher(new BatchCore(new Served("simulated", this, groups), all, 1, deadlines));
    }

    /** Adds calls of a lane: so many for the time of a run with one row, for so many of these times. */
    Stream add(Call call, double load, int runs) {
        long one = nanosOfRun.applyAsLong(1);
        Stream stream = new Stream(call, one / load, clock + runs * one);
        streams.add(stream);
        return stream;
    }

    /** Goes on until no call comes or waits. */
    SimulatedLoad run() {
        while (!tasks.isEmpty() || !streams.isEmpty()) {
            if (tasks.isEmpty()) {
                passTo(streams.element().next);
            } else {
                tasks.remove().run();
            }
        }
        return this;
    }

    BatchStatistics statistics() {
        return batcher.statistics();
    }

    /** Lets time pass, and makes the calls that come in it. */
    private void passTo(long end) {
        while (!streams.isEmpty() && streams.element().next - end <= 0) {
            Stream stream = streams.remove();
            clock = Math.max(clock, stream.next);
            deadlines.doDue();
            stream.submit();
            stream.goOn();
            if (stream.next < stream.end) {
                streams.add(stream);
            }
        }
        clock = end;
        deadlines.doDue();
    }

    @Override
    public void check(Map<String, ? extends Datum> inputs) {
        // All inputs are right.
    }

    @Override
    public Outputs run(Map<String, ? extends Datum> inputs, BooleanSupplier stop) {
        int rows = (int) ((Tensor) inputs.get("x")).dim(0);
        passTo(clock + nanosOfRun.applyAsLong(rows));
        return Outputs.of(Map.of("y", Tensor.allocate(DType.FLOAT32, rows, 1)));
    }
}

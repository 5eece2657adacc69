package dev.tenon.serving.bulk;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.serving.BulkException;
import dev.tenon.serving.BulkReport;
import dev.tenon.serving.run.ListRun;
import dev.tenon.serving.run.Outcome;
import dev.tenon.tensor.Datum;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Supplier;

/** One run of {@link Bulk}. For one thread, which it may give helpers. */
final class BulkRun<T> {
    private static final int CHUNKS_AHEAD = 2;
    private static final int KEPT_FAILURES = 100;
    private static final double NANOS = 1e9;
    /** The weight of the time since the last report in the speed of late. */
    private static final double WEIGHT = 0.3;

    private final ListRun runs;
    private final Bulk.Values settings;
    private final Function<? super T, ? extends Map<String, ? extends Datum>> toInputs;
    private final BulkSink<? super T> sink;
    private final Checkpoint checkpoint;
    private final long began;
    private final List<BulkReport.Failure> failures = new ArrayList<>();
    private long next;
    private long read;
    private long done;
    private long failed;
    private long reported;
    private long reportedItems;
    private double speed;

    BulkRun(
            ListRun runs,
            Bulk.Values settings,
            Function<? super T, ? extends Map<String, ? extends Datum>> toInputs,
            BulkSink<? super T> sink) {
        this.runs = runs;
        this.settings = settings;
        this.toInputs = toInputs;
        this.sink = sink;
        this.checkpoint = new Checkpoint(settings.checkpoint);
        this.began = System.nanoTime();
        this.reported = began;
    }

    /** Items that are computed by one thread. An item whose inputs could not be made throws the reason. */
    private final class Chunk implements Callable<List<Outcome>> {
        private final List<T> items = new ArrayList<>();
        private final List<Supplier<Map<String, ? extends Datum>>> inputs = new ArrayList<>();

        private void add(T item) {
            items.add(item);
            try {
                Map<String, ? extends Datum> made = toInputs.apply(item);
                if (made == null) {
                    throw new InvalidInputException(
                            "inputs of " + item, "null", "a map with a value for each input", null);
                }
                inputs.add(() -> made);
            } catch (RuntimeException e) {
                inputs.add(() -> {
                    throw e;
                });
            }
        }

        @Override
        public List<Outcome> call() {
            return runs.compute(inputs);
        }
    }

    /** A chunk and its results to come. */
    private final class Task extends FutureTask<List<Outcome>> {
        private final Chunk chunk;

        private Task(Chunk chunk) {
            super(chunk);
            this.chunk = chunk;
        }
    }

    /** Computes a series when its results are asked for, a chunk at a time. */
    private final class Results implements Iterator<BulkResult<T>> {
        private final Iterator<? extends T> items;
        /** Null before the first. Its outcomes are null if an interrupt came before they were computed. */
        private Chunk chunk;

        private List<Outcome> outcomes = List.of();
        private int at;
        private boolean ended;

        private Results(Iterator<? extends T> items) {
            this.items = items;
        }

        @Override
        public boolean hasNext() {
            boolean has = outcomes == null || at < outcomes.size() || items.hasNext();
            if (!has && !ended) {
                ended = true;
                report();
            }
            return has;
        }

        @Override
        public BulkResult<T> next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the series has " + next + " items");
            }
            if (outcomes != null && at == outcomes.size()) {
                chunk = read(items);
                outcomes = null;
                at = 0;
            }
            if (outcomes == null) {
                outcomes = chunk.call();
            }
            T item = chunk.items.get(at);
            Outcome outcome = outcomes.get(at++);
            long index = next++;
            boolean isDone = outcome.failure() == null;
            done += isDone ? 1 : 0;
            failed += isDone ? 0 : 1;
            // The source is not asked for more here: it may wait for this result.
            if (System.nanoTime() - reported >= settings.pauseNanos) {
                report();
            }
            if (outcome.failure() instanceof Error e) {
                throw e;
            }
            return new BulkResult<>(index, item, isDone ? outcome.get() : null, (RuntimeException) outcome.failure());
        }
    }

    Iterator<BulkResult<T>> results(Iterator<? extends T> items) {
        skip(items);
        return new Results(items);
    }

    private void skip(Iterator<? extends T> items) {
        next = Math.max(settings.startAt, checkpoint.read());
        while (read < next && items.hasNext()) {
            items.next();
            read++;
        }
    }

    BulkReport run(Iterator<? extends T> items) {
        skip(items);
        ExecutorService helpers = settings.parallel == 1
                ? null
                : Executors.newFixedThreadPool(
                        settings.parallel,
                        Thread.ofPlatform().daemon().name("tenon-bulk-", 1).factory());
        Throwable failure = null;
        try {
            compute(items, helpers);
        } catch (Throwable e) {
            failure = e;
            throw e;
        } finally {
            if (helpers != null) {
                helpers.shutdownNow();
            }
            saveAfter(failure);
        }
        report();
        return summary();
    }

    /** Saves at the end of a run. A sink that has failed may fail again: the first failure is the one that is told. */
    private void saveAfter(Throwable failure) {
        try {
            save();
        } catch (RuntimeException e) {
            if (failure == null) {
                throw e;
            }
            if (!failure.equals(e)) {
                failure.addSuppressed(e);
            }
        }
    }

    private void compute(Iterator<? extends T> items, ExecutorService helpers) {
        ArrayDeque<Task> tasks = new ArrayDeque<>();
        int ahead = helpers == null ? 1 : CHUNKS_AHEAD * settings.parallel;
        while (true) {
            // The source is asked only when there is room: it may wait for results.
            while (tasks.size() < ahead && items.hasNext()) {
                Task task = new Task(read(items));
                tasks.addLast(task);
                if (helpers == null) {
                    task.run();
                } else {
                    helpers.execute(task);
                }
            }
            if (tasks.isEmpty()) {
                return;
            }
            Task first = tasks.removeFirst();
            handOver(first.chunk, outcomes(first));
            if (System.nanoTime() - reported >= settings.pauseNanos) {
                save();
                report();
            }
        }
    }

    private Chunk read(Iterator<? extends T> items) {
        Chunk chunk = new Chunk();
        while (chunk.items.size() < settings.rows && items.hasNext()) {
            chunk.add(items.next());
            read++;
        }
        return chunk;
    }

    private static <R> R outcomes(FutureTask<R> task) {
        try {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedPredictionException(
                    "Bulk.run", "the thread was interrupted", null, "start again at the checkpoint");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private void handOver(Chunk chunk, List<Outcome> outcomes) {
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome outcome = outcomes.get(i);
            if (outcome.failure() == null) {
                sink.accept(next, chunk.items.get(i), outcome.get());
                done++;
            } else {
                fail(outcome.failure());
            }
            next++;
        }
    }

    private void fail(Throwable failure) {
        boolean tooMany = failed >= settings.maxErrors;
        if (settings.onError == Bulk.OnError.FAIL || tooMany) {
            String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
            throw new BulkException(
                    "item " + next,
                    message,
                    tooMany ? "at most " + settings.maxErrors + " failures" : null,
                    failure,
                    summary());
        }
        failed++;
        if (failures.size() < KEPT_FAILURES) {
            failures.add(new BulkReport.Failure(next, String.valueOf(failure.getMessage())));
        }
    }

    private void save() {
        sink.flush(next);
        checkpoint.write(next);
    }

    private void report() {
        long now = System.nanoTime();
        long items = done + failed;
        if (now > reported) {
            double late = (items - reportedItems) * NANOS / (now - reported);
            speed = speed == 0 ? late : speed + (late - speed) * WEIGHT;
        }
        reported = now;
        reportedItems = items;
        Optional<Duration> left = settings.total < 0 || speed <= 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) (Math.max(0, settings.total - next) / speed * NANOS)));
        settings.progress.accept(new BulkProgress(next, done, failed, Duration.ofNanos(now - began), speed, left));
    }

    private BulkReport summary() {
        return new BulkReport(
                next, done, failed, runs.statistics().runs(), Duration.ofNanos(System.nanoTime() - began), failures);
    }
}

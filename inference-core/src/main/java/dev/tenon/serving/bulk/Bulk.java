package dev.tenon.serving.bulk;

import dev.tenon.Session;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BulkException;
import dev.tenon.serving.BulkReport;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.run.ListRun;
import dev.tenon.tensor.Datum;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Computes a long series of items, in order: a nightly run over a table, say. Items are read when they are needed, and
 * results go to a sink before more are read, so memory does not grow with the series. Rows run together; results have
 * the bits of single calls, as those of a {@link dev.tenon.serving.batch.Batcher Batcher} do. Immutable; each setter returns a new object.
 *
 * <pre>{@code
 * BulkReport report = Bulk.of(session).rows(64).onError(Bulk.OnError.SKIP).checkpoint(file)
 *         .run(items, item -> Map.of("x", item.features()), (index, item, outputs) -> write(item, outputs));
 * }</pre>
 */
public final class Bulk {
    private static final int STANDARD_ROWS = 64;
    private static final Duration STANDARD_PAUSE = Duration.ofSeconds(1);

    /** The fate of an item that fails. */
    public enum OnError {
        /** It ends with a {@link BulkException}, after the sink has got the results before the item. */
        FAIL,
        /** It leaves the item out, and reports it. */
        SKIP
    }

    /** How the run is read, merged and reported. Does not change once it is in a {@link Bulk}. */
    static final class Values extends Settings<Values> {
        int rows = STANDARD_ROWS;
        int parallel = 1;
        OnError onError = OnError.FAIL;
        long maxErrors = Long.MAX_VALUE;
        /** How many items there are, or -1. */
        long total = -1;

        long startAt;
        /** The file of the checkpoint, or null. */
        Path checkpoint;

        long pauseNanos = STANDARD_PAUSE.toNanos();
        Consumer<BulkProgress> progress = p -> {};
        BatchOptions batching = BatchOptions.standard();
    }

    private final Session session;
    private final Values settings;

    private Bulk(Session session, Values settings) {
        this.session = session;
        this.settings = settings;
    }

    /**
     * Runs of a session, with 64 rows together, that end at the first error.
     *
     * @param session computes the items
     * @return the runs
     */
    public static Bulk of(Session session) {
        return new Bulk(Objects.requireNonNull(session, "session"), new Values());
    }

    private Bulk with(Consumer<Values> change) {
        return new Bulk(session, settings.with(change));
    }

    private static void atLeast(long least, String option, long count) {
        if (count < least) {
            throw new InvalidOptionException("Bulk." + option, Long.toString(count), least + " or more", null);
        }
    }

    /**
     * Sets how many rows run together. 1 takes any model.
     *
     * @param count at least 1
     * @return a new object
     * @throws InvalidOptionException if the count is less than 1
     */
    public Bulk rows(int count) {
        atLeast(1, "rows", count);
        return with(s -> s.rows = count);
    }

    /**
     * Sets how many runs of the model go on at the same time, on threads that end with the run. More than 1 pays for
     * small models, with a session of one thread.
     *
     * @param count at least 1
     * @return a new object
     * @throws InvalidOptionException if the count is less than 1
     */
    public Bulk parallel(int count) {
        atLeast(1, "parallel", count);
        return with(s -> s.parallel = count);
    }

    /**
     * Sets what happens when an item fails: its inputs can't be made, or the model does not take them.
     *
     * @param policy the policy
     * @return a new object
     */
    public Bulk onError(OnError policy) {
        return onError(policy, Long.MAX_VALUE);
    }

    /**
     * Sets what happens when an item fails, and how many may.
     *
     * @param policy the policy
     * @param most how many items may fail before the run ends with a {@link BulkException}; holds for
     *     {@link OnError#SKIP}
     * @return a new object
     * @throws InvalidOptionException if the number is negative
     */
    public Bulk onError(OnError policy, long most) {
        Objects.requireNonNull(policy, "policy");
        atLeast(0, "onError", most);
        return with(s -> {
            s.onError = policy;
            s.maxErrors = most;
        });
    }

    /**
     * Sets how many items there are, for {@link BulkProgress#timeLeft}.
     *
     * @param count at least 0
     * @return a new object
     * @throws InvalidOptionException if the count is negative
     */
    public Bulk total(long count) {
        atLeast(0, "total", count);
        return with(s -> s.total = count);
    }

    /**
     * Sets the first item: those before are read and left out.
     *
     * @param index {@link BulkReport#next} of an earlier run, at least 0
     * @return a new object
     * @throws InvalidOptionException if the index is negative
     */
    public Bulk startAt(long index) {
        atLeast(0, "startAt", index);
        return with(s -> s.startAt = index);
    }

    /**
     * Keeps in a file how far the run is, and starts there if the file exists. It is written after
     * {@link BulkSink#flush}, at most once a second, and at the end, also at one by an exception. If the process is
     * killed, the next run repeats the results since the last checkpoint: at least once, never less.
     *
     * @param file the file. It is replaced as a whole, so that it is never half written
     * @return a new object
     */
    public Bulk checkpoint(Path file) {
        Objects.requireNonNull(file, "file");
        return with(s -> s.checkpoint = file);
    }

    /**
     * Sets who is told how far the run is: about once a second, and at the end, on the thread of the caller.
     *
     * @param listener is told
     * @return a new object
     */
    public Bulk progress(Consumer<BulkProgress> listener) {
        return progress(listener, STANDARD_PAUSE);
    }

    /**
     * Sets who is told how far the run is, and how often.
     *
     * @param listener is told, on the thread of the caller
     * @param every the least time between two reports and between two checkpoints, at least 0
     * @return a new object
     * @throws InvalidOptionException if the time is negative
     */
    public Bulk progress(Consumer<BulkProgress> listener, Duration every) {
        if (Objects.requireNonNull(every, "every").isNegative()) {
            throw new InvalidOptionException("Bulk.progress", every.toString(), "0 or more", null);
        }
        Objects.requireNonNull(listener, "listener");
        return with(s -> {
            s.progress = listener;
            s.pauseNanos = TimeUnit.NANOSECONDS.convert(every);
        });
    }

    /**
     * Sets how rows are merged: {@link BatchOptions#withinNumerics}, {@link BatchOptions#pad},
     * {@link BatchOptions#samples}. Other options do not matter.
     *
     * @param options the options
     * @return a new object
     */
    public Bulk batching(BatchOptions options) {
        Objects.requireNonNull(options, "options");
        return with(s -> s.batching = options);
    }

    /**
     * Computes a series.
     *
     * @param <T> the type of the items
     * @param items the items, read on the thread of the caller
     * @param toInputs makes the inputs of an item, with a row or more
     * @param sink takes the results
     * @return what was done
     * @throws NotBatchableException if rows can't be computed together; use {@link #rows rows(1)}
     * @throws BulkException if an item fails and the policy does not leave it out
     * @throws InterruptedPredictionException if the thread is interrupted; the checkpoint is written, and the thread
     *     stays interrupted
     * @throws dev.tenon.error.TenonException if the checkpoint can't be read or written
     */
    public <T> BulkReport run(
            Iterator<? extends T> items,
            Function<? super T, ? extends Map<String, ? extends Datum>> toInputs,
            BulkSink<? super T> sink) {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(toInputs, "toInputs");
        Objects.requireNonNull(sink, "sink");
        return new BulkRun<T>(runs(), settings, toInputs, sink).run(items);
    }

    /**
     * The results of a series, for where the caller asks for one after the other: in a stream, or in a partition of a data
     * set. Items are read and computed when a result is asked for that was not computed yet. An item that fails is a result
     * like the others, whatever {@link #onError} says.
     *
     * @param <T> the type of the items
     * @param items the items
     * @param toInputs makes the inputs of an item, with a row or more
     * @return the results in the order of the items, for one thread. Its {@code next} throws an
     *     {@link InterruptedPredictionException} if the thread is interrupted
     * @throws NotBatchableException if rows can't be computed together; use {@link #rows rows(1)}
     * @throws InvalidOptionException if there is a checkpoint, which needs a sink, or more than one run at a time
     */
    public <T> Iterator<BulkResult<T>> results(
            Iterator<? extends T> items, Function<? super T, ? extends Map<String, ? extends Datum>> toInputs) {
        Objects.requireNonNull(items, "items");
        Objects.requireNonNull(toInputs, "toInputs");
        if (settings.checkpoint != null) {
            throw new InvalidOptionException(
                    "Bulk.results", "a checkpoint", "none, since it can't know which results are safe", "use run");
        }
        if (settings.parallel != 1) {
            throw new InvalidOptionException(
                    "Bulk.results", "parallel " + settings.parallel, "1", "give each thread an iterator of its own");
        }
        return new BulkRun<T>(runs(), settings, toInputs, (index, item, outputs) -> {}).results(items);
    }

    private ListRun runs() {
        return new ListRun(session, settings.batching.maxRows(settings.rows));
    }
}

package dev.tenon.serving;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.tensor.Datum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Options of a {@link dev.tenon.serving.batch.Batcher Batcher}. Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * BatchOptions options = BatchOptions.standard().maxRows(16).queueRows(256).onFull(BatchOptions.OnFull.BLOCK);
 * }</pre>
 */
public final class BatchOptions {
    private static final int STANDARD_ROWS = 32;
    private static final int STANDARD_QUEUE = 1024;

    private static final BatchOptions STANDARD = new BatchOptions(
            "",
            new Limits(STANDARD_ROWS, 0, STANDARD_QUEUE, OnFull.REJECT, 0),
            new Merging(false, null, List.of()),
            command -> Thread.ofVirtual().name("tenon-submitted").start(command),
            List.of());

    /** The fate of a call when the queue is full. */
    public enum OnFull {
        /** It refuses the call with an {@link OverloadedException}. */
        REJECT,
        /**
         * {@link dev.tenon.serving.batch.Batcher#predict Batcher.predict} waits in the queue however long it is, since each call has a thread that waits.
         * {@link dev.tenon.serving.batch.Batcher#submit Batcher.submit} waits until the queue has room before it returns.
         */
        BLOCK
    }

    /**
     * How calls of different length are merged.
     *
     * @param axis the axis of the inputs that is padded, at least 1
     * @param values the value for padding of each input that has this axis, by name
     */
    public record Padding(int axis, Map<String, Double> values) {
        /** Checks the axis and copies the map. */
        public Padding {
            if (axis < 1) {
                throw new InvalidOptionException("BatchOptions.pad", "axis " + axis, "1 or more", null);
            }
            values.forEach((input, value) -> {
                if (input == null || value == null) {
                    throw new InvalidOptionException(
                            "BatchOptions.pad", value + " for input '" + input + "'", "a number for each name", null);
                }
            });
            values = Map.copyOf(values);
        }
    }

    private record Limits(int maxRows, long maxWaitNanos, int queueRows, OnFull onFull, int slots) {}

    private record Merging(boolean withinNumerics, Padding padding, List<Map<String, Datum>> samples) {}

    private final String name;
    private final Limits limits;
    private final Merging merging;
    private final Executor executor;
    private final List<PredictionListener> listeners;

    private BatchOptions(
            String name, Limits limits, Merging merging, Executor executor, List<PredictionListener> listeners) {
        this.name = name;
        this.limits = limits;
        this.merging = merging;
        this.executor = executor;
        this.listeners = listeners;
    }

    /**
     * The standard options: at most 32 rows, no wait, 1,024 rows in the queue, {@link OnFull#REJECT}, results to the
     * bit, as many slots as the session leaves processors for.
     *
     * @return the options
     */
    public static BatchOptions standard() {
        return STANDARD;
    }

    private BatchOptions with(Limits changed) {
        return new BatchOptions(name, changed, merging, executor, listeners);
    }

    private BatchOptions with(Merging changed) {
        return new BatchOptions(name, limits, changed, executor, listeners);
    }

    private static int atLeastOne(String option, int count) {
        if (count < 1) {
            throw new InvalidOptionException("BatchOptions." + option, Integer.toString(count), "1 or more", null);
        }
        return count;
    }

    /**
     * Sets how many rows run together at most. With 1 nothing is merged, and any model is accepted: deadlines, lanes and
     * back-pressure still hold. A call that has more rows itself runs alone.
     *
     * @param count at least 1
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public BatchOptions maxRows(int count) {
        return with(new Limits(
                atLeastOne("maxRows", count), limits.maxWaitNanos, limits.queueRows, limits.onFull, limits.slots));
    }

    /**
     * Sets how long a call may wait for mates although a slot is free. It only does so while another slot is busy: a
     * batcher that is idle runs a call at once. Zero, the standard, merges only what waits while all slots are busy.
     *
     * @param limit at least zero; more than 73 years counts as so long
     * @return new options
     * @throws InvalidOptionException if the time is negative
     */
    public BatchOptions maxWait(Duration limit) {
        if (Objects.requireNonNull(limit, "limit").isNegative()) {
            throw new InvalidOptionException("BatchOptions.maxWait", limit.toString(), "0 or more", null);
        }
        return with(new Limits(limits.maxRows, Call.nanos(limit), limits.queueRows, limits.onFull, limits.slots));
    }

    /**
     * Sets how many rows may wait.
     *
     * @param count at least 1
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public BatchOptions queueRows(int count) {
        return with(new Limits(
                limits.maxRows, limits.maxWaitNanos, atLeastOne("queueRows", count), limits.onFull, limits.slots));
    }

    /**
     * Sets what happens to a call when the queue is full.
     *
     * @param policy the policy
     * @return new options
     */
    public BatchOptions onFull(OnFull policy) {
        return with(new Limits(
                limits.maxRows,
                limits.maxWaitNanos,
                limits.queueRows,
                Objects.requireNonNull(policy, "policy"),
                limits.slots));
    }

    /**
     * Sets how many runs may go on at the same time. Unless it is set, it is the number of processors divided by the
     * threads of the session, at least 1.
     *
     * @param count at least 1
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public BatchOptions slots(int count) {
        return with(new Limits(
                limits.maxRows, limits.maxWaitNanos, limits.queueRows, limits.onFull, atLeastOne("slots", count)));
    }

    /**
     * Accepts models whose rows differ in the last places when they are computed together, as far as the accuracy of the
     * model's operators allows it. The bound is relative to the largest element of an output: the sum of the errors that
     * the operators of the model state, as if each of them was passed on to the output once. When the batcher is made,
     * samples are compared under this bound.
     *
     * @return new options
     */
    public BatchOptions withinNumerics() {
        return with(new Merging(true, merging.padding, merging.samples));
    }

    /**
     * Merges calls whose inputs differ in one dimension. Inputs are padded to the longest of a batch. Outputs that have
     * the padded dimension are cut to the length of their call. Padding needs {@link #withinNumerics}.
     *
     * @param axis the axis of the inputs that is padded, at least 1
     * @param values the value for padding of each input that has this axis, by name
     * @return new options
     * @throws InvalidOptionException if the axis is less than 1
     */
    public BatchOptions pad(int axis, Map<String, Double> values) {
        return with(new Merging(merging.withinNumerics, new Padding(axis, values), merging.samples));
    }

    /**
     * Sets the inputs with which the batcher proves that the model is batchable. Unless they are set, it makes random
     * ones: normally distributed numbers, and 0 and 1 for integers. Dimensions that the model leaves open get small
     * sizes.
     *
     * @param inputs calls with one row or more, as for {@link dev.tenon.Session#predict(Map)}; eight rows that differ
     *     prove more than one
     * @return new options
     * @throws InvalidOptionException if there is none
     */
    public BatchOptions samples(List<? extends Map<String, ? extends Datum>> inputs) {
        if (inputs.isEmpty()) {
            throw new InvalidOptionException("BatchOptions.samples", "no sample", "1 or more", null);
        }
        List<Map<String, Datum>> copied = new ArrayList<>();
        for (Map<String, ? extends Datum> sample : inputs) {
            if (sample == null) {
                throw new InvalidOptionException(
                        "BatchOptions.samples", "null as sample " + copied.size(), "inputs by name", null);
            }
            sample.forEach((name, value) -> {
                if (name == null || value == null) {
                    throw new InvalidOptionException(
                            "BatchOptions.samples",
                            (value == null ? "null" : value.type()) + " for input '" + name + "' of sample "
                                    + copied.size(),
                            "a value for each name",
                            null);
                }
            });
            copied.add(Map.copyOf(sample));
        }
        return with(new Merging(merging.withinNumerics, merging.padding, List.copyOf(copied)));
    }

    /**
     * Sets the threads that compute batches in which no caller waits, because all calls in them came by
     * {@link dev.tenon.serving.batch.Batcher#submit Batcher.submit}, and actions that depend on futures. The standard is a new virtual thread for each such batch;
     * it is used too where the threads refuse one, or have not begun it after a second: an executor that drops tasks holds no
     * call up for longer, and a call that nothing depends on ends by its deadline in any case.
     *
     * @param threads runs batches
     * @return new options
     */
    public BatchOptions executor(Executor threads) {
        return new BatchOptions(name, limits, merging, Objects.requireNonNull(threads, "threads"), listeners);
    }

    /**
     * Adds a listener.
     *
     * @param listener is told about calls, batches and refusals
     * @return new options
     */
    public BatchOptions listener(PredictionListener listener) {
        List<PredictionListener> all = new ArrayList<>(listeners);
        all.add(Objects.requireNonNull(listener, "listener"));
        return new BatchOptions(name, limits, merging, executor, List.copyOf(all));
    }

    /**
     * Sets the name in messages, events and reports. Unless it is set, it is the name of the model.
     *
     * @param text the name
     * @return new options
     */
    public BatchOptions name(String text) {
        return new BatchOptions(Objects.requireNonNull(text, "text"), limits, merging, executor, listeners);
    }

    /** {@return how many rows run together at most} */
    public int maxRows() {
        return limits.maxRows;
    }

    /** {@return how long a call may wait for mates although a slot is free} */
    public Duration maxWait() {
        return Duration.ofNanos(limits.maxWaitNanos);
    }

    /** {@return how many rows may wait} */
    public int queueRows() {
        return limits.queueRows;
    }

    /** {@return what happens when the queue is full} */
    public OnFull onFull() {
        return limits.onFull;
    }

    /** {@return how many runs may go on at the same time; 0 if the session decides it} */
    public int slots() {
        return limits.slots;
    }

    /** {@return whether results may differ within the accuracy of the operators} */
    public boolean isWithinNumerics() {
        return merging.withinNumerics;
    }

    /** {@return how calls of different length are merged, empty if they are not} */
    public Optional<Padding> padding() {
        return Optional.ofNullable(merging.padding);
    }

    /** {@return the samples of the proof; empty if they are random} */
    public List<Map<String, Datum>> samples() {
        return merging.samples;
    }

    /** {@return the threads for batches in which no caller waits} */
    public Executor executor() {
        return executor;
    }

    /** {@return the listeners} */
    public List<PredictionListener> listeners() {
        return listeners;
    }

    /** {@return the name in messages, events and reports; empty for that of the model} */
    public String name() {
        return name;
    }
}

package dev.tenon.samples.kafka;

import dev.tenon.Outputs;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.Datum;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.Sensor.RecordingLevel;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/**
 * Replaces the value of a record by the scores of a model; key, timestamp and headers stay. A record without value, which
 * deletes a key, is forwarded as it is.
 *
 * <p>All processors of an application share one {@link Batcher}. Each stream thread computes one record at a time; records
 * of threads that wait for a slot run together. So more stream threads than slots make batches, and no record is kept
 * after {@link #process} has returned, when its offset may be committed.
 *
 * <p>A record that the model does not take ends in a {@link PoisonRecordException}, which {@link DeadLetters} sends to the
 * topic of dead letters. Its batch mates do not notice. {@link OnLimit} says whether one that exceeds a limit does so, too.
 * Other exceptions are faults of the application: they end the stream thread before the offset is committed, and the record
 * is processed again later.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 * @param <R> the type of the scores
 */
public final class ScoringProcessor<K, V, R> implements FixedKeyProcessor<K, V, R> {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Scorer<V, R> scorer;
    private FixedKeyProcessorContext<K, R> context;
    private Sensor latency;

    private ScoringProcessor(Scorer<V, R> scorer) {
        this.scorer = scorer;
    }

    /** The fate of a record whose prediction exceeds a limit: of memory, of a tensor, of time or of iterations. */
    public enum OnLimit {
        /** It is a dead letter, because it would end the application at each start. */
        DEAD_LETTER,
        /** It ends the stream thread, and is processed again later: the application may have lacked memory. */
        FAIL
    }

    /**
     * How a value becomes scores. Safe for any number of threads if its functions are.
     *
     * @param <V> the type of the values
     * @param <R> the type of the scores
     * @param batcher runs the model. Give it {@link dev.tenon.serving.BatchOptions.OnFull#BLOCK}: a stream thread should
     *     wait, not fail
     * @param toInputs makes the inputs of a value, with one row or more. A {@link TenonException} and a
     *     {@link SerializationException} are the record's fault
     * @param toScores makes the scores
     * @param onLimit the fate of a record whose prediction exceeds a limit
     */
    public record Scorer<V, R>(
            Batcher batcher,
            Function<? super V, ? extends Map<String, ? extends Datum>> toInputs,
            Function<? super Outputs, ? extends R> toScores,
            OnLimit onLimit) {
        /** Checks that no component is null. */
        public Scorer {
            Objects.requireNonNull(batcher, "batcher");
            Objects.requireNonNull(toInputs, "toInputs");
            Objects.requireNonNull(toScores, "toScores");
            Objects.requireNonNull(onLimit, "onLimit");
        }

        /**
         * A scorer for which records that exceed a limit are dead letters.
         *
         * @param batcher runs the model
         * @param toInputs makes the inputs of a value
         * @param toScores makes the scores
         */
        public Scorer(
                Batcher batcher,
                Function<? super V, ? extends Map<String, ? extends Datum>> toInputs,
                Function<? super Outputs, ? extends R> toScores) {
            this(batcher, toInputs, toScores, OnLimit.DEAD_LETTER);
        }
    }

    /**
     * Processors that share a scorer, one for each task.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @param <R> the type of the scores
     * @param scorer scores the values
     * @return an argument of {@code KStream.processValues}
     */
    public static <K, V, R> FixedKeyProcessorSupplier<K, V, R> of(Scorer<V, R> scorer) {
        Objects.requireNonNull(scorer, "scorer");
        return () -> new ScoringProcessor<>(scorer);
    }

    @Override
    public void init(FixedKeyProcessorContext<K, R> processorContext) {
        context = processorContext;
        // Sensors are shared by thread, entity and operation: without its task, those of a thread would have only one,
        // which
        // ends with the first of them.
        String task = context.taskId().toString();
        latency = context.metrics()
                .addLatencyRateTotalSensor(
                        "tenon", scorer.batcher().name() + "." + task, "predict", RecordingLevel.INFO, "task-id", task);
    }

    @Override
    public void process(FixedKeyRecord<K, V> record) {
        R scores = record.value() == null ? null : scores(record.value());
        context.forward(record.withValue(scores));
    }

    private R scores(V value) {
        long begin = System.nanoTime();
        Outputs outputs;
        try {
            outputs = scorer.batcher().predict(inputs(value));
        } catch (InvalidInputException | InvalidOperandException e) {
            throw new PoisonRecordException(e);
        } catch (ResourceLimitException e) {
            throw scorer.onLimit() == OnLimit.DEAD_LETTER ? new PoisonRecordException(e) : e;
        }
        latency.record((System.nanoTime() - begin) / NANOS_PER_MILLI);
        return scorer.toScores().apply(outputs);
    }

    private Map<String, ? extends Datum> inputs(V value) {
        try {
            return scorer.toInputs().apply(value);
        } catch (TenonException | SerializationException e) {
            throw new PoisonRecordException(e);
        }
    }

    @Override
    public void close() {
        context.metrics().removeSensor(latency);
    }
}

package dev.tenon.samples.flink;

import dev.tenon.Outputs;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.serving.Call;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.Datum;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * Scores records. Records of all tasks of a task manager that wait at the same time run together.
 *
 * <p>The operator around it keeps the records that have no result yet: up to its capacity, after which the source waits. A
 * checkpoint has them, and after a restart they are scored again, so that each has one result. Scores do not depend on the
 * records that run together.
 *
 * <p>A record that the model does not take, or that is late, gets a result that says so. Other exceptions are faults, of the model
 * or of the machine: they fail the job, which starts again from its last checkpoint.
 *
 * @param <I> the type of the records
 * @param <O> the type of the results
 */
public final class ScoringFunction<I, O> extends RichAsyncFunction<I, O> {
    private static final long serialVersionUID = 1L;

    private final ModelFile model;
    private final Scorer<I, O> scorer;
    private final Duration deadline;

    private transient Batcher batcher;
    private transient Call call;

    /**
     * Makes a function.
     *
     * @param model the model
     * @param scorer makes inputs and results
     * @param deadline how long a record may take. Give the operator no time-out of its own: it would fail the job
     */
    public ScoringFunction(ModelFile model, Scorer<I, O> scorer, Duration deadline) {
        this.model = Objects.requireNonNull(model, "model");
        this.scorer = Objects.requireNonNull(scorer, "scorer");
        this.deadline = Objects.requireNonNull(deadline, "deadline");
    }

    @Override
    public void open(OpenContext context) {
        batcher = model.batcher();
        call = Call.standard().within(deadline);
    }

    @Override
    public void asyncInvoke(I element, ResultFuture<O> result) {
        Map<String, ? extends Datum> inputs;
        try {
            inputs = scorer.inputs(element);
        } catch (TenonException e) {
            result.complete(List.of(scorer.refused(element, e.getMessage())));
            return;
        }
        var _ = batcher.submit(inputs, call).whenComplete((outputs, failure) -> end(element, outputs, failure, result));
    }

    private void end(I element, Outputs outputs, Throwable failure, ResultFuture<O> result) {
        try {
            switch (failure) {
                case null -> result.complete(List.of(scorer.scored(element, outputs)));
                case InvalidInputException e -> result.complete(List.of(scorer.refused(element, e.getMessage())));
                case InvalidOperandException e -> result.complete(List.of(scorer.refused(element, e.getMessage())));
                case DeadlineExceededException e -> result.complete(List.of(scorer.refused(element, e.getMessage())));
                default -> result.completeExceptionally(failure);
            }
        } catch (RuntimeException | Error e) {
            // Flink would wait for ever for a record without result.
            result.completeExceptionally(e);
        }
    }
}

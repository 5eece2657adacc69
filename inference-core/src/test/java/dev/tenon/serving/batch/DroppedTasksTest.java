package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Executors of users that do not run what they get: every call ends all the same, and the batcher goes on. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DroppedTasksTest {
    private static final Map<String, Tensor> INPUTS = Map.of("x", SmallModels.random(2, 16));
    private static final long PATIENCE_SECONDS = 30;

    /** An executor and its name. */
    private record Threads(String name, Executor executor) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Threads> executors() {
        return List.of(
                new Threads("drops", task -> {}),
                new Threads("refuses", task -> {
                    throw new RejectedExecutionException("full");
                }),
                new Threads("runs twice", task -> {
                    Thread.ofVirtual().start(task);
                    Thread.ofVirtual().start(task);
                }),
                new Threads("runs and throws", task -> {
                    Thread.ofVirtual().start(task);
                    throw new RejectedExecutionException("too late");
                }));
    }

    private static Batcher batcher(Executor executor) {
        Session session = SmallModels.perceptron().session();
        return Batcher.of(session, BatchOptions.standard().slots(1).maxRows(4).executor(executor));
    }

    @ParameterizedTest
    @MethodSource("executors")
    void everySubmittedCallEndsOnce(Threads threads) throws Exception {
        Batcher batcher = batcher(threads.executor());
        AtomicInteger ends = new AtomicInteger();
        CompletableFuture<Outputs> plain = batcher.submit(INPUTS, Call.standard());
        CompletableFuture<Outputs> followed = batcher.submit(INPUTS, Call.standard());
        CompletableFuture<Outputs> after = followed.whenComplete((y, e) -> ends.incrementAndGet());
        Tensor expected = batcher.predict(INPUTS).tensor();
        for (CompletableFuture<Outputs> call : List.of(plain, followed, after)) {
            assertThat(call.get(PATIENCE_SECONDS, TimeUnit.SECONDS).tensor().contentEquals(expected))
                    .isTrue();
        }
        assertThat(ends).hasValue(1);
        while (!batcher.isIdle()) {
            Thread.sleep(1);
        }
        assertThat(batcher.statistics().calls()).isEqualTo(3);
    }

    @Test
    void aDeadlineEndsACallWhoseTaskWasDropped() {
        Batcher batcher = batcher(task -> {});
        CompletableFuture<Outputs> call = batcher.submit(INPUTS, Call.standard().within(Duration.ofMillis(20)));
        assertThatThrownBy(() -> call.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
        CompletableFuture<String> followed = batcher.submit(
                        INPUTS, Call.standard().within(Duration.ofMillis(20)))
                .handle((y, e) -> e == null ? "done" : e.getClass().getSimpleName());
        assertThat(followed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join())
                .isEqualTo(DeadlineExceededException.class.getSimpleName());
        assertThat(batcher.predict(INPUTS).tensor().size()).isEqualTo(16);
    }
}

package dev.tenon.serving.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.batch.Calls;
import dev.tenon.tensor.Tensor;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls that {@code Models.submit} makes: versions, routes, canaries, shadows and ends are those of {@code Models.predict}. */
@Tag("short")
class SubmittedCallsTest {
    private static final Map<String, Tensor> ONE = Map.of("x", Tensor.of(new float[] {1, 1}, 1, 2));
    private static final Call CALL = Call.standard();
    private static final int CALLS = 10;
    /** The least number of calls after which a canary is given up: checks come after every 16, the first needs 20 calls. */
    private static final int CANARY_CALLS = 32;

    /** Keeps tasks until the test runs them. */
    private static final class HeldTasks implements Executor {
        private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }

    private final HeldTasks held = new HeldTasks();
    private final List<PredictionListener.CallReport> calls = Collections.synchronizedList(new ArrayList<>());
    private final List<PredictionListener.SwapReport> swaps = Collections.synchronizedList(new ArrayList<>());
    private final List<PredictionListener.ShadowReport> shadows = Collections.synchronizedList(new ArrayList<>());
    private final Models models = Models.create(
            SessionOptions.standard().threads(1),
            BatchOptions.standard().maxRows(1).slots(1).executor(held).listener(new PredictionListener() {
                @Override
                public void onCall(CallReport report) {
                    calls.add(report);
                }

                @Override
                public void onSwap(SwapReport report) {
                    swaps.add(report);
                }

                @Override
                public void onShadow(ShadowReport report) {
                    shadows.add(report);
                }
            }));

    private static Model times(int factor) {
        return SmallModels.model("graph times(%x: f32[n,2]) {\n  %f = const f32[1] {" + factor
                + "}\n  %y = Mul(%x, %f)\n  return %y\n}\n");
    }

    /** Its calls fail: 1 is no index of a table with one row. */
    private static Model failing() {
        return SmallModels.model("""
            graph failing(%x: f32[n,2]) {
              %i = Cast<to=7>(%x)
              %table = const f32[1] {0}
              %y = Gather<axis=0>(%table, %i)
              return %y
            }
            """);
    }

    private WeakReference<Model> promoted(String version, int factor) {
        Model model = times(factor);
        models.load("m", version, model, Trial.none());
        models.promote("m", version);
        return new WeakReference<>(model);
    }

    private List<CompletableFuture<Outputs>> submitted(int count) {
        List<CompletableFuture<Outputs>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            futures.add(models.submit("m", ONE, CALL));
        }
        return futures;
    }

    private static float y(CompletableFuture<Outputs> future) {
        Calls.await(future::isDone);
        return future.join().tensor("y").getFloat(0);
    }

    /** The failure of a future. A thread that waits in it would count as an action, which needs a thread of the executor. */
    private static Throwable failure(CompletableFuture<Outputs> future) {
        Calls.await(future::isDone);
        return future.exceptionNow();
    }

    /** A route whose calls all get the failing version 2, until it is given up. */
    private void canary() {
        promoted("1", 1);
        models.load("m", "2", failing(), Trial.none());
        models.route("m", Route.weighted(Map.of("1", 0, "2", 1)).abortIf(Route.errorRate(0.1)));
    }

    private boolean isGivenUp() {
        return models.route("m").orElseThrow().weights().size() == 1;
    }

    @Test
    void promotionsLoseNoCallAndCallsKeepTheirVersion() {
        promoted("1", 1);
        List<CompletableFuture<Outputs>> first = submitted(CALLS);
        promoted("2", 2);
        List<CompletableFuture<Outputs>> second = submitted(CALLS);
        promoted("3", 3);
        assertThat(models.versions("m")).extracting(Models.Status::version).containsExactly("2", "3");
        List<CompletableFuture<Outputs>> third = submitted(CALLS);
        models.unload("m");
        assertThat(failure(models.submit("m", ONE, CALL))).isInstanceOf(UnknownModelException.class);
        assertThat(first).noneMatch(CompletableFuture::isDone);
        System.gc();
        held.run();
        for (int i = 0; i < CALLS; i++) {
            assertThat(y(first.get(i))).isEqualTo(1);
            assertThat(y(second.get(i))).isEqualTo(2);
            assertThat(y(third.get(i))).isEqualTo(3);
        }
        assertThat(calls).hasSize(3 * CALLS).allMatch(c -> c.outcome() == PredictionListener.Outcome.DONE);
        assertThat(calls).filteredOn(c -> c.name().equals("m:1")).hasSize(CALLS);
    }

    /** Futures that are kept for long do not keep the version that answered, whether it was watched or not. */
    @Test
    void aVersionIsCollectedWhenItsCallsHaveEnded() {
        WeakReference<Model> model = promoted("1", 1);
        List<CompletableFuture<Outputs>> futures = submitted(CALLS);
        models.route("m", Route.to("1").abortIf(Route.errorRate(1)));
        futures.addAll(submitted(CALLS));
        CompletableFuture<Outputs> cancelled = models.submit("m", ONE, CALL);
        assertThat(cancelled.cancel(true)).isTrue();
        promoted("2", 2);
        promoted("3", 3);
        System.gc();
        assertThat(model.get()).as("the model of calls that wait").isNotNull();
        held.run();
        for (CompletableFuture<Outputs> future : futures) {
            assertThat(y(future)).isEqualTo(1);
        }
        calls.clear();
        Calls.await(() -> {
            System.gc();
            return model.get() == null;
        });
        assertThat(futures).hasSize(2 * CALLS);
        assertThat(cancelled).isCancelled();
    }

    @Test
    void aCanaryThatFailsIsGivenUpBeforeItsLastCallIsHeardOf() {
        canary();
        for (int i = 1; i <= CANARY_CALLS; i++) {
            assertThat(isGivenUp()).as("after %s calls", i - 1).isFalse();
            CompletableFuture<Outputs> future = models.submit("m", ONE, CALL);
            held.run();
            assertThat(failure(future)).hasMessageContaining("Gather");
        }
        assertThat(isGivenUp()).isTrue();
        assertThat(swaps.getLast().reason()).contains(CANARY_CALLS + " of " + CANARY_CALLS + " calls failed");
    }

    /** Calls that their caller ended, or that do not fit, say nothing of the version: they are neither failures nor successes. */
    @Test
    void callsThatTheirCallerEndsDoNotCountForACanary() {
        canary();
        Cancellation cancellation = new Cancellation();
        for (int i = 0; i < CANARY_CALLS; i++) {
            assertThat(failure(models.submit("m", Map.of(), CALL))).isInstanceOf(InvalidInputException.class);
            CompletableFuture<Outputs> cancelled = models.submit("m", ONE, CALL);
            assertThat(cancelled.cancel(false)).isTrue();
            assertThatThrownBy(cancelled::join).isInstanceOf(CancellationException.class);
            assertThat(models.submit("m", ONE, CALL).completeExceptionally(new IllegalStateException("late")))
                    .isTrue();
            assertThat(models.submit("m", ONE, CALL).complete(null)).isTrue();
            CompletableFuture<Outputs> ended = models.submit("m", ONE, CALL.cancelledBy(cancellation));
            cancellation.cancel();
            assertThat(failure(ended)).isInstanceOf(CancelledPredictionException.class);
        }
        held.run();
        assertThat(isGivenUp()).isFalse();
        failures(CANARY_CALLS, () -> models.submit("m", ONE, CALL));
        assertThat(swaps.getLast().reason()).contains(CANARY_CALLS + " of " + CANARY_CALLS + " calls failed");
    }

    private void failures(int count, Supplier<CompletableFuture<Outputs>> submit) {
        for (int i = 0; i < count; i++) {
            CompletableFuture<Outputs> future = submit.get();
            held.run();
            assertThat(failure(future)).isNotNull();
        }
    }

    @Test
    void callsPastTheirDeadlineCountAsFailures() {
        canary();
        for (int i = 0; i < CANARY_CALLS; i++) {
            assertThat(failure(models.submit("m", ONE, CALL.within(Duration.ofNanos(1)))))
                    .isInstanceOf(DeadlineExceededException.class);
            // Frees the slot.
            held.run();
        }
        assertThat(isGivenUp()).isTrue();
        assertThat(swaps.getLast().reason()).contains(CANARY_CALLS + " of " + CANARY_CALLS + " calls failed");
        assertThat(calls).hasSize(CANARY_CALLS).allMatch(c -> c.outcome() == PredictionListener.Outcome.EXPIRED_QUEUED);
    }

    @Test
    void refusedCallsCountAsFailures() {
        Models full = Models.create(
                SessionOptions.standard().threads(1),
                BatchOptions.standard().maxRows(1).slots(1).queueRows(1).executor(held));
        full.load("m", "1", times(1), Trial.none());
        full.load("m", "2", times(2), Trial.none());
        full.promote("m", "1");
        full.route("m", Route.weighted(Map.of("1", 0, "2", 1)).abortIf(Route.errorRate(0.1)));
        CompletableFuture<Outputs> runs = full.submit("m", ONE, CALL);
        CompletableFuture<Outputs> waits = full.submit("m", ONE, CALL);
        for (int i = 0; i < CANARY_CALLS; i++) {
            assertThat(failure(full.submit("m", ONE, CALL))).isInstanceOf(OverloadedException.class);
        }
        assertThat(full.route("m").orElseThrow().weights()).containsOnlyKeys("1");
        held.run();
        assertThat(runs.join().tensor("y").getFloat(0)).isEqualTo(2);
        assertThat(waits.join().tensor("y").getFloat(0)).isEqualTo(2);
    }

    @Test
    void keysGetTheVersionThatPredictGivesThem() {
        promoted("1", 1);
        models.load("m", "2", times(2), Trial.none());
        models.route("m", Route.weighted(Map.of("1", 1, "2", 1)).byKey().abortIf(Route.errorRate(0.5)));
        int second = 0;
        for (int i = 0; i < 100; i++) {
            Call call = CALL.key("user" + i);
            CompletableFuture<Outputs> future = models.submit("m", ONE, call);
            held.run();
            float y = y(future);
            assertThat(y).isEqualTo(models.predict("m", ONE, call).tensor("y").getFloat(0));
            second += y == 2 ? 1 : 0;
        }
        assertThat(second).isBetween(30, 70);
        assertThat(failure(models.submit("m", ONE, CALL)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("Call.key");
    }

    @Test
    void aShadowRepeatsSubmittedCalls() {
        promoted("1", 1);
        models.load("m", "2", times(2), Trial.none());
        models.route("m", Route.shadow("1", "2", 1, Compare.tolerance(1e-3)));
        Tensor x = Tensor.of(new float[] {1, 1}, 1, 2);
        CompletableFuture<Outputs> future = models.submit("m", Map.of("x", x), CALL);
        held.run();
        // Inputs may be written to from now on: the shadow has its own.
        x.setDouble(0, 5);
        assertThat(y(future)).isEqualTo(1);
        Calls.await(() -> !shadows.isEmpty());
        assertThat(shadows.getFirst().agreed()).isFalse();
        assertThat(shadows.getFirst().difference()).isEqualTo(1);
    }

    @Test
    void failuresOfTheRegistryComeByTheFuture() {
        assertThat(failure(models.submit("other", ONE, CALL)))
                .isInstanceOf(UnknownModelException.class)
                .hasMessageContaining("'other'");
        models.load("m", "1", times(1), Trial.none());
        assertThat(failure(models.submit("m", ONE, CALL)))
                .isInstanceOf(UnknownModelException.class)
                .hasMessageContaining("promote");
    }

    @Test
    void aRouteThatHasEndedIsNotEndedAgain() {
        canary();
        List<CompletableFuture<Outputs>> waiting = submitted(CANARY_CALLS);
        models.promote("m", "1");
        int before = swaps.size();
        held.run();
        for (CompletableFuture<Outputs> future : waiting) {
            assertThat(failure(future)).hasMessageContaining("Gather");
        }
        assertThat(swaps).hasSize(before);
        CompletableFuture<Outputs> good = models.submit("m", ONE, CALL);
        held.run();
        assertThat(y(good)).isEqualTo(1);
    }
}

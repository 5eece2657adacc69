package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Outputs;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.batch.Calls.Going;
import dev.tenon.serving.run.Gain;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Slots, batches, leaders, shapes, back-pressure and lanes, with an engine and a clock that tests hold. */
@Tag("short")
class BatcherTest {
    private static final Call CALL = Call.standard();

    private final FakeEngine engine = new FakeEngine();

    private static float doubled(Going going) throws Exception {
        return going.y()[0];
    }

    @Test
    void anIdleBatcherRunsACallAtOnceOnItsThread() throws Exception {
        Batcher batcher = engine.batcher(BatchOptions.standard());
        Outputs y = batcher.predict(FakeEngine.input(3, 4));
        assertThat(y.tensor("y").toFloatArray()).containsExactly(6, 8);
        FakeEngine.Run run = engine.next();
        assertThat(run.thread).isSameAs(Thread.currentThread());
        assertThat(run.rows).isOne();
        assertThat(batcher.statistics().mergedRuns()).isZero();
        assertThat(batcher.statistics().calls()).isOne();
    }

    @Test
    void callsThatWaitRunTogetherAndEachGetsItsOwnRow() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 2, 3, 4, 5, 6);
        engine.holdNoMore();
        running.letGo();
        assertThat(doubled(first)).isEqualTo(2);
        for (int i = 0; i < waiting.size(); i++) {
            assertThat(doubled(waiting.get(i))).isEqualTo(2 * (i + 2));
        }
        FakeEngine.Run together = engine.next();
        assertThat(together.rows).isEqualTo(5);
        assertThat(waiting.stream().map(w -> w.thread)).contains(together.thread);
        assertThat(batcher.statistics().mergedRuns()).isOne();
        assertThat(engine.unread()).isZero();
    }

    @Test
    void aBatchHasAtMostTheMostRows() throws Exception {
        engine.hold();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().maxRows(4));
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 2, 3, 4, 5, 6, 7, 8);
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        for (Going w : waiting) {
            doubled(w);
        }
        assertThat(List.of(engine.next().rows, engine.next().rows)).containsExactly(4, 3);
    }

    @Test
    void onlyEqualShapesRunTogether() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = new ArrayList<>();
        waiting.add(Calls.startWaiting(batcher, FakeEngine.input(1), CALL));
        waiting.add(Calls.startWaiting(batcher, FakeEngine.input(1, 2), CALL));
        waiting.add(Calls.startWaiting(batcher, FakeEngine.input(3), CALL));
        waiting.add(Calls.startWaiting(batcher, FakeEngine.input(3, 4), CALL));
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        for (Going w : waiting) {
            doubled(w);
        }
        FakeEngine.Run one = engine.next();
        FakeEngine.Run two = engine.next();
        assertThat(one.x.dims()).containsExactly(2, 1);
        assertThat(one.x.toFloatArray()).containsExactly(1, 3);
        assertThat(two.x.dims()).containsExactly(2, 2);
    }

    @Test
    void theCallerWithTheLatestDeadlineLeads() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        Going early = Calls.startWaiting(batcher, FakeEngine.input(1), CALL.within(Duration.ofNanos(500)));
        Going late = Calls.startWaiting(batcher, FakeEngine.input(2), CALL.within(Duration.ofNanos(900)));
        Going middle = Calls.startWaiting(batcher, FakeEngine.input(3), CALL.within(Duration.ofNanos(700)));
        engine.holdNoMore();
        running.letGo();
        for (Going w : List.of(first, early, late, middle)) {
            doubled(w);
        }
        assertThat(engine.next().thread).isSameAs(late.thread);
    }

    @Test
    void severalSlotsRunAtTheSameTime() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics(), 2);
        Going one = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run first = engine.next();
        Going two = Calls.start(batcher, FakeEngine.input(2), CALL);
        FakeEngine.Run second = engine.next();
        assertThat(batcher.statistics().running()).isEqualTo(2);
        Going three = Calls.startWaiting(batcher, FakeEngine.input(3), CALL);
        engine.holdNoMore();
        second.letGo();
        assertThat(doubled(two)).isEqualTo(4);
        assertThat(doubled(three)).isEqualTo(6);
        assertThat(one.isGoing()).isTrue();
        first.letGo();
        assertThat(doubled(one)).isEqualTo(2);
    }

    @Test
    void rowsWithOtherBitsAreNoticedAndNeverMergedAgain() throws Exception {
        engine.hold();
        engine.inexactAt = 3;
        Batcher batcher = engine.batcher(BatchOptions.standard());
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 2, 3, 4);
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        assertThat(doubled(waiting.get(0))).isEqualTo(4);
        assertThat(doubled(waiting.get(1))).isEqualTo(6);
        assertThat(doubled(waiting.get(2))).isEqualTo(8);
        assertThat(batcher.statistics().checkedRuns()).isOne();
        engine.inexactAt = 0;
        assertThat(together(batcher, 2)).isEqualTo(1);
    }

    /** The rows of the first run of some calls that wait together. */
    private int together(Batcher batcher, int calls) throws Exception {
        while (engine.unread() > 0) {
            engine.next();
        }
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            waiting.add(Calls.startWaiting(batcher, FakeEngine.input(i), CALL));
        }
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        for (Going w : waiting) {
            doubled(w);
        }
        return engine.next().rows;
    }

    @Test
    void aNumberOfRowsIsComparedOnce() throws Exception {
        Batcher batcher = engine.batcher(BatchOptions.standard());
        assertThat(together(batcher, 3)).isEqualTo(3);
        assertThat(together(batcher, 3)).isEqualTo(3);
        assertThat(batcher.statistics().checkedRuns()).isOne();
        assertThat(together(batcher, 2)).isEqualTo(2);
        assertThat(batcher.statistics().checkedRuns()).isEqualTo(2);
    }

    @Test
    void aFullQueueRefusesAtOnce() throws Exception {
        engine.hold();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().queueRows(2));
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 2, 3);
        assertThatThrownBy(() -> batcher.predict(FakeEngine.input(4)))
                .isInstanceOf(OverloadedException.class)
                .hasMessageContaining("2 rows wait");
        assertThat(batcher.submit(FakeEngine.input(4), CALL)).isCompletedExceptionally();
        assertThat(batcher.statistics().rejected()).isEqualTo(2);
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        assertThat(doubled(waiting.get(1))).isEqualTo(6);
    }

    @Test
    void aFullQueueMakesPlaceForALaneWithFewerCalls() throws Exception {
        engine.hold();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().queueRows(3));
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> flood = Calls.startWaiting(batcher, CALL.lane("flood"), 2, 3, 4);
        Going other = Calls.start(batcher, FakeEngine.input(5), CALL.lane("other"));
        assertThat(flood.get(2).failure()).isInstanceOf(OverloadedException.class);
        assertThatThrownBy(() -> batcher.predict(FakeEngine.input(4), CALL.lane("flood")))
                .isInstanceOf(OverloadedException.class);
        Calls.await(() -> batcher.statistics().queuedRows() == 3);
        engine.holdNoMore();
        running.letGo();
        assertThat(doubled(other)).isEqualTo(10);
        doubled(first);
        doubled(flood.get(0));
        doubled(flood.get(1));
    }

    @Test
    void aCallThatWouldWaitTooLongIsRefusedAtOnce() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());
        Going learning = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run slow = engine.next();
        engine.clock.addAndGet(1_000_000);
        slow.letGo();
        doubled(learning);
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 2, 3, 4);
        assertThatThrownBy(() -> batcher.predict(FakeEngine.input(9), CALL.within(Duration.ofMillis(2))))
                .isInstanceOf(OverloadedException.class)
                .hasMessageContaining("it would take 4500 microseconds");
        Going patient = Calls.startWaiting(batcher, FakeEngine.input(9), CALL.within(Duration.ofMillis(5)));
        engine.holdNoMore();
        running.letGo();
        assertThat(doubled(patient)).isEqualTo(18);
        doubled(first);
        for (Going w : waiting) {
            doubled(w);
        }
    }

    @Test
    void lanesTakeTurns() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().maxRows(1));
        Going first = Calls.start(batcher, FakeEngine.input(0), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> flood = Calls.startWaiting(batcher, CALL.lane("flood"), 1, 2, 3, 4, 5);
        List<Going> other = Calls.startWaiting(batcher, CALL.lane("other"), 10, 20);
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        for (Going w : flood) {
            doubled(w);
        }
        for (Going w : other) {
            doubled(w);
        }
        List<Float> order = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            order.add(engine.next().x.getFloat(0));
        }
        assertThat(order).containsExactly(1f, 10f, 2f, 20f, 3f, 4f, 5f);
    }

    @Test
    void aLaneWithManyRowsACallWaitsForOthers() throws Exception {
        engine.hold();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().maxRows(3));
        Going first = Calls.start(batcher, FakeEngine.input(0), CALL);
        FakeEngine.Run running = engine.next();
        Map<String, Tensor> three = Map.of("x", Tensor.of(new float[] {7, 7, 7}, 3, 1));
        List<Going> all = new ArrayList<>();
        all.add(Calls.startWaiting(batcher, three, CALL.lane("wide")));
        all.add(Calls.startWaiting(batcher, three, CALL.lane("wide")));
        all.addAll(Calls.startWaiting(batcher, CALL.lane("narrow"), 1, 2, 3, 4, 5));
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        for (Going w : all) {
            doubled(w);
        }
        // Three rows for one lane, three for the other, three and the rest.
        List<Integer> rows = new ArrayList<>();
        List<Float> heads = new ArrayList<>();
        while (engine.unread() > 0) {
            FakeEngine.Run run = engine.next();
            rows.add(run.rows);
            heads.add(run.x.getFloat(0));
        }
        assertThat(rows).containsExactly(3, 3, 3, 2);
        assertThat(heads).containsExactly(7f, 1f, 7f, 4f);
    }

    @Test
    void submittedCallsRunOnTheExecutorAndTogetherWithOthers() throws Exception {
        engine.hold();
        List<Thread> threads = new ArrayList<>();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().executor(command -> {
                    Thread thread = Thread.ofPlatform().daemon().unstarted(command);
                    threads.add(thread);
                    thread.start();
                }));
        CompletableFuture<Outputs> first = batcher.submit(FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        assertThat(threads).containsExactly(running.thread);
        CompletableFuture<Outputs> second = batcher.submit(FakeEngine.input(2), CALL);
        CompletableFuture<Outputs> third = batcher.submit(FakeEngine.input(3), CALL);
        engine.holdNoMore();
        running.letGo();
        assertThat(first.get().tensor("y").getFloat(0)).isEqualTo(2);
        assertThat(second.get().tensor("y").getFloat(0)).isEqualTo(4);
        assertThat(third.get().tensor("y").getFloat(0)).isEqualTo(6);
        assertThat(engine.next().rows).isEqualTo(2);
    }

    @Test
    void anExecutorThatRefusesDoesNotLoseCalls() throws Exception {
        Batcher batcher = engine.batcher(BatchOptions.standard().executor(command -> {
            throw new RejectedExecutionException("shut down");
        }));
        assertThat(batcher.submit(FakeEngine.input(1), CALL).get().tensor("y").getFloat(0))
                .isEqualTo(2);
        assertThat(batcher.statistics().running()).isZero();
        assertThat(engine.next().thread).isNotSameAs(Thread.currentThread());
    }

    @Test
    void anExecutorThatFailsRunsACallOnceAndLosesNone() throws Exception {
        Batcher broken = engine.batcher(BatchOptions.standard().executor(command -> {
            throw new OutOfMemoryError("no thread");
        }));
        assertThat(broken.submit(FakeEngine.input(1), CALL).get().tensor("y").getFloat(0))
                .isEqualTo(2);
        Batcher late = engine.batcher(BatchOptions.standard().executor(command -> {
            command.run();
            throw new IllegalStateException("after the task");
        }));
        assertThat(late.submit(FakeEngine.input(2), CALL).get().tensor("y").getFloat(0))
                .isEqualTo(4);
        Calls.await(() -> late.statistics().running() == 0);
        assertThat(late.statistics().runs()).isOne();
    }

    @Test
    void whereCallersBlockSubmitWaitsForRoom() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(
                BatchOptions.standard().withinNumerics().queueRows(1).maxRows(2).onFull(BatchOptions.OnFull.BLOCK));
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        CompletableFuture<Outputs> fits = batcher.submit(FakeEngine.input(2), CALL);
        CompletableFuture<CompletableFuture<Outputs>> blocked = new CompletableFuture<>();
        Thread submitter =
                Thread.ofPlatform().daemon().start(() -> blocked.complete(batcher.submit(FakeEngine.input(3), CALL)));
        Calls.await(() -> submitter.getState() == Thread.State.WAITING);
        assertThat(blocked).isNotDone();
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        assertThat(blocked.get().get().tensor("y").getFloat(0)).isEqualTo(6);
        assertThat(fits.get().tensor("y").getFloat(0)).isEqualTo(4);
    }

    @Test
    void anIdleBatcherNeverWaitsForMates() {
        engine.hold();
        engine.holdNoMore();
        Batcher batcher = engine.batcher(BatchOptions.standard().maxWait(Duration.ofHours(1)), 2);
        assertThat(batcher.predict(FakeEngine.input(1)).tensor("y").getFloat(0)).isEqualTo(2);
    }

    @Test
    void besideABusySlotACallMayWaitForMates() throws Exception {
        engine.hold();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().maxWait(Duration.ofNanos(400)), 2);
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> mates = Calls.startWaiting(batcher, CALL, 2, 3);
        assertThat(engine.unread()).isZero();
        engine.clock.addAndGet(399);
        engine.deadlines.doDue();
        assertThat(engine.unread()).isZero();
        engine.clock.addAndGet(1);
        engine.deadlines.doDue();
        FakeEngine.Run together = engine.next();
        assertThat(together.rows).isEqualTo(2);
        together.letGo();
        assertThat(doubled(mates.get(0))).isEqualTo(4);
        assertThat(doubled(mates.get(1))).isEqualTo(6);
        running.letGo();
        doubled(first);
    }

    @Test
    void callsAreCheckedBeforeTheyWait() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard());
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        assertThatThrownBy(() -> batcher.predict(Map.of())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> batcher.submit(Map.of(), CALL).get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InvalidInputException.class);
        assertThat(batcher.statistics().queuedRows()).isZero();
        engine.holdNoMore();
        running.letGo();
        doubled(first);
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        BatchOptions options = BatchOptions.standard();
        assertThatThrownBy(() -> options.maxRows(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options.queueRows(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options.slots(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options.maxWait(Duration.ofNanos(-1))).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options.pad(0, Map.of())).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> options.samples(List.of())).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> CALL.within(Duration.ZERO)).isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void callsWithoutInputsOrCallTakeNoSlot() {
        Batcher batcher = engine.batcher(BatchOptions.standard());
        assertThatThrownBy(() -> batcher.predict(null, CALL)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> batcher.predict(FakeEngine.input(1), null)).isInstanceOf(NullPointerException.class);
        assertThat(batcher.statistics().running()).isZero();
        assertThat(batcher.predict(FakeEngine.input(1)).tensor("y").getFloat(0)).isEqualTo(2);
    }

    @Test
    void callsWhoseValuesDecideHowManyRowsThereAreNeverShareOutputs() throws Exception {
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());
        engine.dropsZeros = true;
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 2, 0, 4);
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        assertThat(waiting.get(0).y()).containsExactly(4);
        assertThat(waiting.get(1).y()).isEmpty();
        assertThat(waiting.get(2).y()).containsExactly(8);
        assertThat(engine.next().rows).isEqualTo(3);
        assertThat(batcher.statistics().halvings()).isZero();
        engine.dropsZeros = false;
        assertThat(together(batcher, 2)).isOne();
    }

    /** Whether the caller that ends its run computes the calls that wait. */
    private boolean goesOn(Batcher batcher, int calls) throws Exception {
        while (engine.unread() > 0) {
            engine.next();
        }
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            waiting.add(Calls.startWaiting(batcher, FakeEngine.input(i), CALL));
        }
        engine.holdNoMore();
        running.letGo();
        doubled(first);
        for (Going w : waiting) {
            doubled(w);
        }
        FakeEngine.Run together = engine.next();
        assertThat(together.rows).isEqualTo(calls);
        return together.thread.equals(first.thread);
    }

    @Test
    void aCallerGoesOnWithShortBatches() throws Exception {
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());
        engine.nanosPerRun = 1000;
        assertThat(goesOn(batcher, 2)).as("a batch that was never measured").isFalse();
        assertThat(goesOn(batcher, 2)).isTrue();
        engine.nanosPerRun = 1_000_000;
        goesOn(batcher, 2);
        goesOn(batcher, 2);
        assertThat(goesOn(batcher, 2)).as("a long batch").isFalse();
    }

    @Test
    void aCallerDoesNotCompareForOthers() throws Exception {
        Batcher batcher = engine.batcher(BatchOptions.standard());
        engine.nanosPerRun = 300;
        assertThat(goesOn(batcher, 2)).isFalse();
        assertThat(goesOn(batcher, 3)).isFalse();
        engine.nanosPerRun = 1000;
        assertThat(goesOn(batcher, 4)).as("4 rows are not proven").isFalse();
        assertThat(goesOn(batcher, 4)).isTrue();
    }

    @Test
    void theTimeOfABatchIsLearnedOnlyIfAllItsRowsRan() throws Exception {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().executor(tasks::add));
        // Longer than a thread of the executor goes on.
        engine.nanosPerRun = 2_000_000;
        CompletableFuture<Outputs> first = batcher.submit(FakeEngine.input(1), CALL);
        List<CompletableFuture<Outputs>> waiting = new ArrayList<>();
        for (int i = 2; i <= 4; i++) {
            waiting.add(batcher.submit(FakeEngine.input(i), CALL));
        }
        tasks.remove().run();
        assertThat(first.get().tensor("y").getFloat(0)).isEqualTo(2);
        waiting.get(0).cancel(true);
        waiting.get(1).cancel(true);
        tasks.remove().run();
        assertThat(waiting.get(2).get().tensor("y").getFloat(0)).isEqualTo(8);
        Gain gain = engine.groups.recent(FakeEngine.input(1)).gain;
        assertThat(gain.nanos(1)).isEqualTo(2_000_000);
        assertThat(gain.nanos(3)).isZero();
    }

    @Test
    void theTimeOfComparisonsIsNotLearned() throws Exception {
        Batcher batcher = engine.batcher(BatchOptions.standard());
        engine.nanosPerRun = 300;
        assertThat(together(batcher, 2)).isEqualTo(2);
        assertThat(batcher.statistics().checkedRuns()).isOne();
        Gain gain = engine.groups.recent(FakeEngine.input(1)).gain;
        assertThat(gain.nanos(2)).isEqualTo(300);
        engine.inexactAt = 4;
        assertThat(together(batcher, 4)).as("4 rows, then each alone").isEqualTo(4);
        assertThat(gain.nanos(4)).isZero();
    }

    @Test
    void actionsOfFuturesRunBeforeTheBatchThatFollows() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().executor(tasks::add));
        engine.nanosPerRun = 100_000;
        List<Integer> acted = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int call = i;
            CompletableFuture<Void> acts =
                    batcher.submit(FakeEngine.input(i), CALL).thenRun(() -> acted.add(call));
            assertThat(acts).isNotDone();
        }
        tasks.remove().run();
        assertThat(engine.unread()).as("the thread does not go on").isOne();
        assertThat(tasks).as("actions, and the next batch").hasSize(2);
        tasks.remove().run();
        assertThat(acted).containsExactly(0);
        assertThat(engine.unread()).isOne();
        tasks.remove().run();
        tasks.remove().run();
        assertThat(acted).containsExactly(0, 1, 2);
        assertThat(tasks).isEmpty();
    }

    @Test
    void theEndOfASubmittedCallIsToldBeforeItsFutureIsComplete() throws Exception {
        engine.hold();
        Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());
        List<Object> told = new ArrayList<>();
        List<CompletableFuture<Outputs>> future = new ArrayList<>();
        BiConsumer<Outputs, Throwable> ended = (outputs, failure) -> {
            told.add(future.isEmpty() || !future.getFirst().isDone());
            told.add(failure == null ? outputs.tensor("y").getFloat(0) : failure.getClass());
        };
        future.add(batcher.submit(FakeEngine.input(1), CALL, ended));
        Calls.await(() -> engine.unread() > 0);
        assertThat(batcher.isIdle()).isFalse();
        CompletableFuture<Outputs> gone = batcher.submit(FakeEngine.input(2), CALL, ended);
        assertThat(gone.cancel(true)).isTrue();
        engine.next().letGo();
        assertThat(future.getFirst().join().tensor("y").getFloat(0)).isEqualTo(2);
        Calls.await(batcher::isIdle);
        assertThat(told).as("nothing of the call that its user ended").containsExactly(true, 2f);
        future.clear();
        assertThat(batcher.submit(Map.of(), CALL, ended)).isCompletedExceptionally();
        assertThat(told).containsExactly(true, 2f, true, InvalidInputException.class);
    }

    @Test
    void actionsOfACancellationRunOnceAndCanBeForgotten() {
        Cancellation cancellation = new Cancellation();
        Call call = CALL.cancelledBy(cancellation);
        List<String> ran = new ArrayList<>();
        Runnable kept = () -> ran.add("kept");
        Runnable forgotten = () -> ran.add("forgotten");
        call.whenCancelled(kept);
        call.whenCancelled(kept);
        call.whenCancelled(forgotten);
        call.forget(forgotten);
        CALL.whenCancelled(forgotten);
        assertThat(ran).isEmpty();
        cancellation.cancel();
        cancellation.cancel();
        assertThat(ran).containsExactly("kept");
        call.whenCancelled(forgotten);
        assertThat(ran).containsExactly("kept", "forgotten");
        assertThat(call.isCancelled() && call.mayEndEarly()).isTrue();
        assertThat(CALL.isCancelled() || CALL.mayEndEarly()).isFalse();
    }
}

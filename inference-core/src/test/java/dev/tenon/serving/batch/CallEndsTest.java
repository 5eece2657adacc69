package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Outputs;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.DeadlineExceededException.Phase;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.batch.Calls.Going;
import dev.tenon.serving.run.Outcome;
import dev.tenon.serving.run.Reports;
import dev.tenon.serving.threads.Tasks;
import dev.tenon.tensor.Tensor;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that end early or fail: deadlines, cancellation, interrupts, poison; and calls beside them, which do not notice. */
@Tag("short")
class CallEndsTest {
    private static final Call CALL = Call.standard();
    private static final Duration SHORT = Duration.ofNanos(500);

    private final FakeEngine engine = new FakeEngine();
    private final Batcher batcher = engine.batcher(BatchOptions.standard().withinNumerics());

    private void pass(long nanos) {
        engine.clock.addAndGet(nanos);
        engine.deadlines.doDue();
    }

    private static Phase phase(Going going) throws Exception {
        return ((DeadlineExceededException) going.failure()).phase();
    }

    @Test
    void aCallThatWaitsEndsAtItsDeadlineAndNeverRuns() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        Going waiting = Calls.startWaiting(batcher, FakeEngine.input(2), CALL.within(SHORT));
        pass(499);
        assertThat(waiting.isGoing()).isTrue();
        pass(1);
        assertThat(phase(waiting)).isEqualTo(Phase.QUEUED);
        assertThat(batcher.statistics().queuedRows()).isZero();
        running.letGo();
        assertThat(first.y()).containsExactly(2);
        assertThat(engine.unread()).isZero();
        assertThat(batcher.statistics().expiredQueued()).isOne();
        assertThat(engine.deadlines.size()).isZero();
    }

    @Test
    void aCallInABatchEndsAtItsDeadlineWhileTheBatchGoesOn() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        Going leader = Calls.startWaiting(batcher, FakeEngine.input(2), CALL);
        Going mate = Calls.startWaiting(batcher, FakeEngine.input(3), CALL.within(SHORT));
        running.letGo();
        assertThat(first.y()).containsExactly(2);
        FakeEngine.Run together = engine.next();
        assertThat(together.rows).isEqualTo(2);
        pass(500);
        assertThat(phase(mate)).isEqualTo(Phase.RUNNING);
        assertThat(leader.isGoing()).isTrue();
        together.letGo();
        assertThat(leader.y()).containsExactly(4);
        assertThat(batcher.statistics().expiredRunning()).isOne();
    }

    @Test
    void aBatchWithoutCallersStopsAndItsSlotIsFree() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        Going one = Calls.startWaiting(batcher, FakeEngine.input(2), CALL.within(SHORT));
        Going two = Calls.startWaiting(batcher, FakeEngine.input(3), CALL.within(SHORT));
        running.letGo();
        first.y();
        FakeEngine.Run together = engine.next();
        assertThat(together.rows).isEqualTo(2);
        pass(500);
        together.letGo();
        assertThat(phase(one)).isEqualTo(Phase.RUNNING);
        assertThat(phase(two)).isEqualTo(Phase.RUNNING);
        engine.holdNoMore();
        assertThat(batcher.predict(FakeEngine.input(7)).tensor("y").getFloat(0)).isEqualTo(14);
        assertThat(engine.next().rows).isOne();
        assertThat(batcher.statistics().running()).isZero();
    }

    @Test
    void aCallThatRunsAloneStopsAtItsDeadline() throws Exception {
        engine.hold();
        Going alone = Calls.start(batcher, FakeEngine.input(1), CALL.within(SHORT));
        FakeEngine.Run running = engine.next();
        pass(500);
        running.letGo();
        assertThat(phase(alone)).isEqualTo(Phase.RUNNING);
        assertThat(batcher.statistics().running()).isZero();
    }

    @Test
    void aLeaderWhoseDeadlinePassesServesItsMates() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        Going leader = Calls.startWaiting(batcher, FakeEngine.input(2), CALL.within(SHORT));
        CompletableFuture<Outputs> mate = batcher.submit(FakeEngine.input(3), CALL);
        running.letGo();
        first.y();
        FakeEngine.Run together = engine.next();
        assertThat(together.thread).isSameAs(leader.thread);
        pass(500);
        together.letGo();
        assertThat(mate.get().tensor("y").getFloat(0)).isEqualTo(6);
        assertThat(phase(leader)).isEqualTo(Phase.RUNNING);
    }

    @Test
    void cancellationEndsCallsThatWaitAndCallsThatRun() throws Exception {
        engine.hold();
        Cancellation cancellation = new Cancellation();
        Call call = CALL.cancelledBy(cancellation);
        Going alone = Calls.start(batcher, FakeEngine.input(1), call);
        FakeEngine.Run running = engine.next();
        Going waiting = Calls.startWaiting(batcher, FakeEngine.input(2), call);
        cancellation.cancel();
        assertThat(waiting.failure()).isInstanceOf(CancelledPredictionException.class);
        running.letGo();
        assertThat(alone.failure()).isInstanceOf(CancelledPredictionException.class);
        engine.holdNoMore();
        assertThatThrownBy(() -> batcher.predict(FakeEngine.input(1), call))
                .isInstanceOf(CancelledPredictionException.class);
        assertThat(batcher.statistics().cancelled()).isEqualTo(3);
        assertThat(batcher.predict(FakeEngine.input(7)).tensor("y").getFloat(0)).isEqualTo(14);
    }

    @Test
    void aCancelledFutureLeavesItsBatch() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        CompletableFuture<Outputs> waits = batcher.submit(FakeEngine.input(2), CALL);
        CompletableFuture<Outputs> stays = batcher.submit(FakeEngine.input(3), CALL);
        assertThat(waits.cancel(true)).isTrue();
        assertThat(batcher.statistics().queuedRows()).isOne();
        engine.holdNoMore();
        running.letGo();
        first.y();
        assertThat(stays.get().tensor("y").getFloat(0)).isEqualTo(6);
        assertThat(engine.next().rows).isOne();
    }

    @Test
    void anInterruptEndsACallThatWaits() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        Going waiting = Calls.startWaiting(batcher, FakeEngine.input(2), CALL);
        waiting.thread.interrupt();
        assertThat(waiting.failure()).isInstanceOf(InterruptedPredictionException.class);
        running.letGo();
        first.y();
        assertThat(batcher.statistics().queuedRows()).isZero();
    }

    @Test
    void anInterruptedLeaderLeavesItsMatesToAnother() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 2, 3, 4);
        running.letGo();
        first.y();
        FakeEngine.Run together = engine.next();
        Going leader = waiting.stream()
                .filter(w -> w.thread.equals(together.thread))
                .findFirst()
                .orElseThrow();
        leader.thread.interrupt();
        FakeEngine.Run again = engine.next();
        assertThat(again.rows).isEqualTo(2);
        assertThat(again.thread).isNotSameAs(leader.thread);
        again.letGo();
        assertThat(leader.failure()).isInstanceOf(InterruptedPredictionException.class);
        for (int i = 0; i < 3; i++) {
            if (waiting.get(i) != leader) {
                assertThat(waiting.get(i).y()).containsExactly(2 * (i + 2));
            }
        }
        assertThat(batcher.statistics().running()).isZero();
        assertThat(batcher.statistics().cancelled()).isOne();
    }

    @Test
    void poisonStandsAloneAndItsMatesDoNotNotice() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, 1, 2, 3, Float.NaN, 5, 6, 7, 8);
        engine.holdNoMore();
        running.letGo();
        first.y();
        for (int i = 0; i < 8; i++) {
            if (i == 3) {
                assertThat(waiting.get(i).failure()).isInstanceOf(InvalidOperandException.class);
            } else {
                assertThat(waiting.get(i).y()).containsExactly(2 * (i + 1));
            }
        }
        List<Integer> rows = new ArrayList<>();
        while (engine.unread() > 0) {
            rows.add(engine.next().rows);
        }
        assertThat(rows).containsExactly(8, 4, 2, 2, 1, 1, 4);
        BatchStatistics s = batcher.statistics();
        assertThat(s.halvings()).isEqualTo(3);
        assertThat(s.failed()).isOne();
        assertThat(s.calls()).isEqualTo(8);
    }

    @Test
    void aBatchOfPoisonFailsEachCallByItself() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(batcher, CALL, Float.NaN, Float.NaN, Float.NaN);
        engine.holdNoMore();
        running.letGo();
        first.y();
        assertThat(waiting.get(0).failure()).isNotSameAs(waiting.get(1).failure());
        assertThat(waiting.get(2).failure()).isInstanceOf(InvalidOperandException.class);
        assertThat(batcher.predict(FakeEngine.input(7)).tensor("y").getFloat(0)).isEqualTo(14);
    }

    @Test
    void listenersHearOfEverythingAndMayFail() throws Exception {
        List<Object> heard = new ArrayList<>();
        PredictionListener failing = new PredictionListener() {
            @Override
            public void onCall(CallReport report) {
                throw new IllegalStateException("listener");
            }
        };
        PredictionListener hearing = new PredictionListener() {
            @Override
            public void onCall(CallReport report) {
                heard.add(report);
            }

            @Override
            public void onBatch(BatchReport report) {
                heard.add(report);
            }
        };
        Batcher told = engine.batcher(
                BatchOptions.standard().name("told").listener(failing).listener(hearing));
        told.predict(FakeEngine.input(1), CALL.lane("a"));
        assertThatThrownBy(() -> told.predict(FakeEngine.input(Float.NaN))).isInstanceOf(InvalidOperandException.class);
        assertThat(heard)
                .containsExactly(
                        new PredictionListener.CallReport("fake", "a", 1, 0, 0, PredictionListener.Outcome.DONE),
                        new PredictionListener.BatchReport("fake", 1, 1, 0, 0, true),
                        new PredictionListener.CallReport("fake", "", 1, 0, 0, PredictionListener.Outcome.FAILED),
                        new PredictionListener.BatchReport("fake", 1, 1, 0, 0, true));
        assertThat(told.statistics().listenerFailures()).isEqualTo(2);
    }

    @Test
    void aFutureThatItsUserCompletesLeavesItsBatch() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        CompletableFuture<Outputs> fails = batcher.submit(FakeEngine.input(2), CALL);
        CompletableFuture<Outputs> ends = batcher.submit(FakeEngine.input(3), CALL);
        assertThat(fails.completeExceptionally(new IllegalStateException())).isTrue();
        assertThat(batcher.statistics().queuedRows()).isOne();
        assertThat(ends.complete(null)).isTrue();
        assertThat(batcher.statistics().queuedRows()).isZero();
        assertThat(batcher.statistics().cancelled()).isEqualTo(2);
        engine.holdNoMore();
        running.letGo();
        first.y();
        assertThat(engine.unread()).isZero();
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> void throwUnchecked(Exception e) throws E {
        throw (E) e;
    }

    @Test
    void noErrorOfAListenerLosesACall() throws Exception {
        PredictionListener failing = new PredictionListener() {
            @Override
            public void onCall(CallReport report) {
                throw new InternalError("listener");
            }

            @Override
            public void onBatch(BatchReport report) {
                CallEndsTest.<RuntimeException>throwUnchecked(new Exception("listener"));
            }
        };
        Batcher told = engine.batcher(BatchOptions.standard().withinNumerics().listener(failing));
        engine.hold();
        Going first = Calls.start(told, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<Going> waiting = Calls.startWaiting(told, CALL, 2, 3);
        engine.holdNoMore();
        running.letGo();
        assertThat(first.y()).containsExactly(2);
        assertThat(waiting.get(0).y()).containsExactly(4);
        assertThat(waiting.get(1).y()).containsExactly(6);
        Calls.await(() -> told.statistics().listenerFailures() == 5);
        assertThat(told.statistics().running()).isZero();
    }

    @Test
    void aCallThatFailsReportsHowLongItRan() {
        List<PredictionListener.CallReport> heard = new ArrayList<>();
        Batcher told = engine.batcher(BatchOptions.standard().listener(new PredictionListener() {
            @Override
            public void onCall(CallReport report) {
                heard.add(report);
            }
        }));
        engine.nanosPerRun = 70;
        assertThatThrownBy(() -> told.predict(FakeEngine.input(Float.NaN))).isInstanceOf(InvalidOperandException.class);
        assertThat(heard)
                .containsExactly(
                        new PredictionListener.CallReport("fake", "", 1, 0, 70, PredictionListener.Outcome.FAILED));
    }

    /** Ends a call that may have met the failure of the clock. Returns whether it did. */
    private static boolean hasMetFailure(Callable<Outputs> call, float expected) throws Exception {
        try {
            assertThat(call.call().tensor("y").toFloatArray()).containsExactly(expected);
            return false;
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(ResourceLimitException.class);
            return true;
        }
    }

    /** The clock stands for any step that may fail for want of memory, before, between and after hand-outs. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereverABatchFailsAllItsCallsEnd(boolean isPoisoned) throws Exception {
        int failed = 0;
        for (int reading = 1; reading <= 16; reading++) {
            FakeEngine fake = new FakeEngine();
            Batcher failing = fake.batcher(BatchOptions.standard().withinNumerics());
            fake.hold();
            Going first = Calls.start(failing, FakeEngine.input(1), CALL);
            FakeEngine.Run running = fake.next();
            List<Going> waiting = Calls.startWaiting(failing, CALL, 2, 3);
            if (isPoisoned) {
                waiting.add(Calls.startWaiting(failing, FakeEngine.input(Float.NaN), CALL));
            }
            Going last = Calls.startWaiting(failing, FakeEngine.input(4), CALL);
            CompletableFuture<Outputs> future = failing.submit(FakeEngine.input(5), CALL);
            fake.failingReading = reading;
            fake.holdNoMore();
            running.letGo();
            assertThat(first.y()).containsExactly(2);
            failed += hasMetFailure(waiting.get(0)::outputs, 4) ? 1 : 0;
            failed += hasMetFailure(waiting.get(1)::outputs, 6) ? 1 : 0;
            failed += hasMetFailure(last::outputs, 8) ? 1 : 0;
            failed += hasMetFailure(() -> future.get(1, TimeUnit.MINUTES), 10) ? 1 : 0;
            if (isPoisoned) {
                assertThat(waiting.get(2).failure())
                        .isInstanceOfAny(InvalidOperandException.class, ResourceLimitException.class);
            }
            Calls.await(() -> failing.statistics().running() == 0);
            fake.repairClock();
            assertThat(failing.statistics().queuedRows()).isZero();
            assertThat(failing.predict(FakeEngine.input(7)).tensor("y").getFloat(0))
                    .isEqualTo(14);
        }
        // Without poison, halves get the outputs that the whole did not get.
        assertThat(failed > 0).isEqualTo(isPoisoned);
    }

    private static Request request(Endings endings, float value, Thread waiter) {
        return new Request(endings, FakeEngine.input(value), CALL, 0, 1, null, waiter);
    }

    private static Request request(Endings endings, float value, Request.Pending future) {
        Request r = request(endings, value, (Thread) null);
        r.completes(future);
        return r;
    }

    private Endings endings(BatchOptions options, Reports reports, Admission admission) {
        Tasks tasks = new Tasks(options.executor(), engine.deadlines);
        return new Endings("fake", admission, reports, engine.deadlines, tasks);
    }

    /** Its user cancels it at the last moment: its outputs are there. */
    private static final class LateCancelled extends Request.Pending {
        @Override
        void ending(Outputs outputs, Throwable failure) {
            cancel(true);
        }
    }

    @Test
    void aFutureThatIsCancelledWhileOutputsAreHandedOverCountsAsCancelledAlone() throws Exception {
        List<PredictionListener.Outcome> heard = new ArrayList<>();
        BatchOptions options = BatchOptions.standard().listener(new PredictionListener() {
            @Override
            public void onCall(CallReport report) {
                heard.add(report.outcome());
            }
        });
        Admission admission = new Admission(options, 1, engine.deadlines);
        Reports reports = new Reports("fake", options, admission::queuedRows);
        Endings endings = endings(options, reports, admission);
        Request.Pending done = new Request.Pending();
        List<Request> finished =
                new ArrayList<>(List.of(request(endings, 1, new LateCancelled()), request(endings, 2, done)));
        for (Request r : finished) {
            r.computed(engine.run(r.inputs, null), -1, false);
        }
        endings.handOut(finished, 0);
        assertThat(done.get().tensor("y").getFloat(0)).isEqualTo(4);
        assertThat(heard).containsExactly(PredictionListener.Outcome.CANCELLED, PredictionListener.Outcome.DONE);
        assertThat(reports.snapshot(0).calls()).isOne();
        assertThat(reports.snapshot(0).cancelled()).isOne();
    }

    @Test
    void aHandOutThatFailsHalfWayEndsTheOthers() throws Exception {
        BatchOptions options = BatchOptions.standard();
        Admission admission = new Admission(options, 1, engine.deadlines);
        Reports reports = new Reports("fake", options, admission::queuedRows);
        Endings endings = endings(options, reports, admission);
        List<Request.Pending> futures = List.of(new Request.Pending(), new Request.Pending(), new Request.Pending());
        Request answered = request(endings, 1, futures.get(0));
        Request withResult = request(endings, 2, futures.get(1));
        Request without = request(endings, 3, futures.get(2));
        Request asleep = request(endings, 4, Thread.currentThread());
        answered.computed(engine.run(answered.inputs, null), -1, false);
        endings.end(answered, answered.result);
        withResult.computed(engine.run(withResult.inputs, null), -1, false);
        // It has ended, and its thread was not told.
        assertThat(asleep.end(Outcome.cancelled("asleep"))).isTrue();
        endings.endAll(List.of(answered, withResult, without, asleep), new OutOfMemoryError());
        assertThat(futures.get(0).get().tensor("y").getFloat(0)).isEqualTo(2);
        assertThat(futures.get(1).get().tensor("y").getFloat(0)).isEqualTo(4);
        assertThatThrownBy(futures.get(2)::get).hasCauseInstanceOf(ResourceLimitException.class);
        long begin = System.nanoTime();
        LockSupport.parkNanos(this, TimeUnit.MINUTES.toNanos(1));
        assertThat(System.nanoTime() - begin)
                .as("the thread was told, so that it does not sleep")
                .isLessThan(TimeUnit.MINUTES.toNanos(1));
        assertThat(reports.snapshot(0).calls()).isOne();
        assertThat(reports.snapshot(0).failed()).isOne();
    }

    @Test
    void inputsThatDoNotFitAreNoRun() throws Exception {
        assertThatThrownBy(() -> batcher.predict(Map.of())).isInstanceOf(InvalidInputException.class);
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        assertThatThrownBy(() -> batcher.predict(Map.of())).isInstanceOf(InvalidInputException.class);
        assertThat(batcher.submit(Map.of(), CALL)).isCompletedExceptionally();
        running.letGo();
        first.y();
        Calls.await(() -> batcher.statistics().runs() > 0);
        assertThat(batcher.statistics().runs()).isOne();
        assertThat(batcher.statistics().failed()).isEqualTo(3);
    }

    private CompletableFuture<Outputs> submitted(List<WeakReference<Tensor>> inputs, float value) {
        Map<String, Tensor> input = FakeEngine.input(value);
        inputs.add(new WeakReference<>(input.get("x")));
        return batcher.submit(input, CALL);
    }

    @Test
    void aFutureKeepsNothingButItsOutputs() throws Exception {
        engine.hold();
        Going first = Calls.start(batcher, FakeEngine.input(1), CALL);
        FakeEngine.Run running = engine.next();
        List<WeakReference<Tensor>> inputs = new ArrayList<>();
        CompletableFuture<Outputs> one = submitted(inputs, 2);
        CompletableFuture<Outputs> two = submitted(inputs, 3);
        engine.holdNoMore();
        running.letGo();
        first.y();
        one.get();
        two.get();
        assertThat(engine.next().rows).isEqualTo(2);
        Calls.await(() -> {
            System.gc();
            return inputs.stream().allMatch(i -> i.get() == null);
        });
        assertThat(one.get().tensor("y").getFloat(0)).isEqualTo(4);
        assertThat(two.get().tensor("y").getFloat(0)).isEqualTo(6);
    }
}

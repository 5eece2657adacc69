package dev.tenon.serving.batch;

import dev.tenon.Outputs;
import dev.tenon.error.InvalidInputException;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.run.Outcome;
import dev.tenon.serving.run.Reports;
import dev.tenon.serving.run.RowGroup;
import dev.tenon.serving.run.Runner;
import dev.tenon.serving.run.Served;
import dev.tenon.serving.threads.Deadlines;
import dev.tenon.serving.threads.Tasks;
import dev.tenon.serving.threads.Timed;
import dev.tenon.tensor.Datum;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * The way of a call: it runs at once, or waits until it has ended or its thread leads a batch. The package says who does
 * each part. Safe for any number of threads.
 */
final class BatchCore {
    private final Served served;
    private final BatchOptions options;
    private final Deadlines deadlines;
    private final Admission admission;
    private final Reports reports;
    private final Endings endings;
    private final Leaders leaders;
    private final SoloRun solo;

    /**
     * The parts for a model.
     *
     * @param served the model
     * @param options how calls are merged, and how many may wait
     * @param slots how many runs may go on at the same time
     * @param deadlines the clock, and who ends calls by it
     */
    BatchCore(Served served, BatchOptions options, int slots, Deadlines deadlines) {
        this.served = served;
        this.options = options;
        this.deadlines = deadlines;
        this.admission = new Admission(options, slots, deadlines);
        this.reports = new Reports(served.name(), options, admission::queuedRows);
        Tasks tasks = new Tasks(options.executor(), deadlines);
        this.endings = new Endings(served.name(), admission, reports, deadlines, tasks);
        Runner<Request> runner = new Runner<>(served, reports, deadlines::now, endings::handOut);
        this.leaders = new Leaders(admission, endings, reports, runner, tasks);
        this.solo = new SoloRun(served, admission, leaders, reports, deadlines);
    }

    String name() {
        return served.name();
    }

    BatchOptions options() {
        return options;
    }

    int slots() {
        return admission.slots();
    }

    BatchStatistics statistics() {
        return reports.snapshot(admission.busy());
    }

    /** Whether a slot is free and nothing waits. */
    boolean isIdle() {
        return admission.isIdle();
    }

    /** Computes a call while its caller waits. */
    Outputs predict(Map<String, ? extends Datum> inputs, Call call) {
        long start = deadlines.now();
        return admission.takeIdleSlot() ? solo.run(inputs, call, start) : await(inputs, call, start);
    }

    private Outputs await(Map<String, ? extends Datum> inputs, Call call, long start) {
        Request r = checked(inputs, call, start, Thread.currentThread());
        boolean isSolo = false;
        try {
            isSolo = enqueue(r);
        } catch (RuntimeException | Error e) {
            // A request whose caller has gone must not be chosen to lead. One that leads by now goes on.
            endings.withdraw(r, Outcome.broken(served.name(), e));
        }
        if (isSolo) {
            return solo.run(inputs, call, start);
        }
        while (true) {
            Object state = r.state();
            if (state instanceof Batch batch) {
                leaders.lead(batch, r);
            } else if (state instanceof Outcome) {
                return r.outputs();
            } else if (Thread.currentThread().isInterrupted()) {
                endings.interrupt(r);
            } else {
                LockSupport.park(this);
            }
        }
    }

    /** Computes a call without holding its caller. The watcher is told how it ends, unless its user ends it; null for none. */
    CompletableFuture<Outputs> submit(
            Map<String, ? extends Datum> inputs, Call call, BiConsumer<? super Outputs, ? super Throwable> watcher) {
        Request r;
        try {
            r = checked(inputs, call, deadlines.now(), null);
        } catch (RuntimeException e) {
            if (watcher != null) {
                watcher.accept(null, e);
            }
            return CompletableFuture.failedFuture(e);
        }
        // Made one after the other: the thread that runs the batch finds both in few lines of its cache.
        Request.Pending future = watcher == null ? new Request.Pending() : new Request.WatchedPending(watcher);
        r.completes(future);
        try {
            enqueue(r);
            if (options.onFull() == BatchOptions.OnFull.BLOCK) {
                admission.awaitRoom(r);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            endings.interrupt(r);
        } catch (RuntimeException e) {
            future.ending(null, e);
            future.completeExceptionally(e);
        }
        return future;
    }

    /** Checks a call before it waits. One that does not fit the model counts as failed, as if it had found a free slot. */
    private Request checked(Map<String, ? extends Datum> inputs, Call call, long start, Thread waiter) {
        try {
            served.engine().check(inputs);
            int count = served.groups().count(inputs);
            RowGroup group = served.groups().waiting(inputs, count);
            return new Request(endings, inputs, call, start, Math.max(1, count), group, waiter);
        } catch (InvalidInputException e) {
            reports.call(call.lane(), 1, 0, deadlines.now() - start, PredictionListener.Outcome.FAILED);
            throw e;
        }
    }

    /** Lets a request wait, or refuses it. Returns true if it does neither: it has a slot, to run alone on its thread. */
    private boolean enqueue(Request r) {
        if (r.call.isCancelled()) {
            endings.cancel(r);
            return false;
        }
        Admission.Verdict verdict = admission.admit(r);
        if (verdict.crowdedOut() != null) {
            endings.refuse(verdict.crowdedOut(), "the queue is full, and its lane has more calls in it than others");
        }
        if (verdict.refusal() != null) {
            endings.refuse(r, verdict.refusal());
        } else if (!verdict.solo()) {
            if (verdict.held() != null) {
                startAt(verdict.held());
            }
            endings.watch(r);
            leaders.start(verdict.next());
        }
        return verdict.solo();
    }

    /** Starts what waits at a time, although it may have no mates. */
    private void startAt(long time) {
        deadlines.add(new Timed(time) {
            @Override
            public void due() {
                leaders.start(admission.dispatch());
            }
        });
    }
}

package dev.tenon.serving.run;

import dev.tenon.event.Listeners;
import dev.tenon.event.Recorder;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.PredictionListener.BatchReport;
import dev.tenon.serving.PredictionListener.CallReport;
import dev.tenon.serving.PredictionListener.RejectReport;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/**
 * Counts the calls and runs of a served model, and tells listeners and the JDK Flight Recorder of them. Safe for any number
 * of threads.
 */
public final class Reports {
    private static final System.Logger LOG = System.getLogger("dev.tenon");

    private final String name;
    private final Listeners listeners;
    private final boolean toTheBit;
    private final IntSupplier queuedRows;
    private final LongAdder calls = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder runs = new LongAdder();
    private final LongAdder mergedRuns = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder expiredQueued = new LongAdder();
    private final LongAdder expiredRunning = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder halvings = new LongAdder();
    private final LongAdder checkedRuns = new LongAdder();

    /**
     * Reports of which there are none yet.
     *
     * @param name the name of the model
     * @param options how calls are merged, and who is told
     * @param queuedRows how many rows wait now
     */
    public Reports(String name, BatchOptions options, IntSupplier queuedRows) {
        this.name = name;
        this.listeners = new Listeners(options.listeners());
        this.toTheBit = options.maxRows() == 1 || !options.isWithinNumerics();
        this.queuedRows = queuedRows;
    }

    /** {@return whether anybody hears of single calls; if not, {@link #done} is enough for those that end well} */
    public boolean tellsOfCalls() {
        return !listeners.isEmpty() || Recorder.isOn();
    }

    /**
     * Some calls have ended well.
     *
     * @param callCount the calls
     * @param rowCount their rows
     */
    public void done(int callCount, int rowCount) {
        calls.add(callCount);
        rows.add(rowCount);
    }

    /**
     * Some calls have failed, and there may be no memory to tell more of them.
     *
     * @param callCount the calls
     */
    public void failed(int callCount) {
        failed.add(callCount);
    }

    /**
     * Counts a call that has ended, and tells of it.
     *
     * @param lane its lane
     * @param rowCount its rows
     * @param waitNanos how long it waited
     * @param runNanos how long it was computed
     * @param outcome how it ended
     */
    public void call(String lane, int rowCount, long waitNanos, long runNanos, PredictionListener.Outcome outcome) {
        count(rowCount, outcome);
        tell(lane, rowCount, waitNanos, runNanos, outcome);
    }

    /**
     * Counts a call that has ended.
     *
     * @param rowCount its rows
     * @param outcome how it ended
     */
    public void count(int rowCount, PredictionListener.Outcome outcome) {
        switch (outcome) {
            case DONE -> done(1, rowCount);
            case FAILED -> failed.increment();
            case EXPIRED_QUEUED -> expiredQueued.increment();
            case EXPIRED_RUNNING -> expiredRunning.increment();
            case CANCELLED -> cancelled.increment();
        }
    }

    /**
     * Tells listeners and the recorder of a call that has ended, and was counted.
     *
     * @param lane its lane
     * @param rowCount its rows
     * @param waitNanos how long it waited
     * @param runNanos how long it was computed
     * @param outcome how it ended
     */
    public void tell(String lane, int rowCount, long waitNanos, long runNanos, PredictionListener.Outcome outcome) {
        if (!listeners.isEmpty()) {
            CallReport report = new CallReport(name, lane, rowCount, waitNanos, runNanos, outcome);
            listeners.tell(l -> l.onCall(report));
        }
        Recorder.predict(name, lane, rowCount, waitNanos, runNanos, outcome.name());
    }

    /**
     * A run of the model has ended.
     *
     * @param members the calls in it
     * @param rowCount their rows
     * @param nanos how long it took
     */
    public void run(int members, int rowCount, long nanos) {
        runs.increment();
        if (members > 1) {
            mergedRuns.increment();
        }
        if (!listeners.isEmpty()) {
            BatchReport report = new BatchReport(name, members, rowCount, nanos, queuedRows.getAsInt(), toTheBit);
            listeners.tell(l -> l.onBatch(report));
        }
        Recorder.batch(name, members, rowCount, nanos);
    }

    /** A run has failed, and is repeated in two halves. */
    void halved() {
        halvings.increment();
    }

    /** The rows of a run are computed once more alone. */
    void compared() {
        checkedRuns.increment();
    }

    /**
     * A batch has failed, and not because of the model. Callers that had their outputs before do not hear of it.
     *
     * @param failure the failure
     */
    public void broken(Throwable failure) {
        LOG.log(System.Logger.Level.ERROR, () -> "a batch of '" + name + "' failed outside of the model", failure);
    }

    /**
     * A call was refused.
     *
     * @param lane its lane
     * @param reason the reason
     */
    public void reject(String lane, String reason) {
        int waiting = queuedRows.getAsInt();
        rejected.increment();
        listeners.tell(l -> l.onReject(new RejectReport(name, lane, reason, waiting)));
        Recorder.reject(name, lane, reason, waiting);
    }

    /**
     * The counts.
     *
     * @param running how many runs go on now
     * @return what was done until now
     */
    public BatchStatistics snapshot(int running) {
        return new BatchStatistics(
                calls.sum(),
                rows.sum(),
                runs.sum(),
                mergedRuns.sum(),
                rejected.sum(),
                expiredQueued.sum(),
                expiredRunning.sum(),
                cancelled.sum(),
                failed.sum(),
                halvings.sum(),
                checkedRuns.sum(),
                queuedRows.getAsInt(),
                running,
                listeners.failures(),
                toTheBit);
    }
}

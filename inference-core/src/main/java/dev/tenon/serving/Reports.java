package dev.tenon.serving;

import dev.tenon.event.Recorder;
import dev.tenon.serving.PredictionListener.BatchReport;
import dev.tenon.serving.PredictionListener.CallReport;
import dev.tenon.serving.PredictionListener.RejectReport;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what a batcher does, and tells it to listeners and to the JDK Flight Recorder. Safe for any number of threads.
 */
final class Reports {
    private final String name;
    private final Listeners listeners;
    private final boolean toTheBit;
    private final LongAdder calls = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder runs = new LongAdder();
    private final LongAdder mergedRuns = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder expiredQueued = new LongAdder();
    private final LongAdder expiredRunning = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder failed = new LongAdder();
    final LongAdder halvings = new LongAdder();
    final LongAdder checkedRuns = new LongAdder();

    Reports(String name, Listeners listeners, boolean toTheBit) {
        this.name = name;
        this.listeners = listeners;
        this.toTheBit = toTheBit;
    }

    /** Whether anybody hears of single calls. If not, {@link #done} is enough for those that end well. */
    boolean tellsOfCalls() {
        return !listeners.isEmpty() || Recorder.isOn();
    }

    /** Some calls have ended well. */
    void done(int callCount, int rowCount) {
        calls.add(callCount);
        rows.add(rowCount);
    }

    /** Some calls have failed, and there may be no memory to tell more of them. */
    void failed(int callCount) {
        failed.add(callCount);
    }

    /** A call has ended. */
    void call(CallReport report) {
        switch (report.outcome()) {
            case DONE -> done(1, report.rows());
            case FAILED -> failed.increment();
            case EXPIRED_QUEUED -> expiredQueued.increment();
            case EXPIRED_RUNNING -> expiredRunning.increment();
            case CANCELLED -> cancelled.increment();
        }
        if (!listeners.isEmpty()) {
            listeners.tell(l -> l.onCall(report));
        }
        Recorder.predict(
                report.name(),
                report.lane(),
                report.rows(),
                report.waitNanos(),
                report.runNanos(),
                report.outcome().name());
    }

    /** A run of the model has ended. */
    void run(int members, int rowCount, long nanos, Admission admission) {
        runs.increment();
        if (members > 1) {
            mergedRuns.increment();
        }
        if (!listeners.isEmpty()) {
            BatchReport report = new BatchReport(name, members, rowCount, nanos, admission.queuedRows(), toTheBit);
            listeners.tell(l -> l.onBatch(report));
        }
        Recorder.batch(name, members, rowCount, nanos);
    }

    /** A call was refused. */
    void reject(String lane, String reason, int queuedRows) {
        rejected.increment();
        listeners.tell(l -> l.onReject(new RejectReport(name, lane, reason, queuedRows)));
        Recorder.reject(name, lane, reason, queuedRows);
    }

    BatchStatistics snapshot(int queuedRows, int running) {
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
                queuedRows,
                running,
                listeners.failures(),
                toTheBit);
    }
}

package dev.tenon.serving.threads;

import dev.tenon.serving.BatchOptions;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs tasks on the executor of a batcher, whatever it does with them: an executor may run a task although it has thrown,
 * run it twice, or drop it. Safe for any number of threads.
 */
public final class Tasks {
    /** How long an executor may take to begin a task before the task gets a thread of its own. */
    private static final long DROPPED_NANOS = 1_000_000_000;

    private final Executor executor;
    /** Null if the executor runs all that it gets. */
    private final Deadlines watch;

    /**
     * Tasks for an executor.
     *
     * @param executor runs them
     * @param deadlines notice that it does not
     */
    public Tasks(Executor executor, Deadlines deadlines) {
        this.executor = executor;
        this.watch = executor.equals(BatchOptions.standard().executor()) ? null : deadlines;
    }

    /** A task that an executor got. It runs once. */
    private static final class Task extends Timed implements Runnable {
        private final Runnable work;
        private final Deadlines watch;
        private final AtomicBoolean begun = new AtomicBoolean();

        private Task(Runnable work, Deadlines watch) {
            super(watch == null ? 0 : watch.now() + DROPPED_NANOS);
            this.work = work;
            this.watch = watch;
        }

        @Override
        public void run() {
            if (begun.compareAndSet(false, true)) {
                if (watch != null) {
                    watch.remove(this);
                }
                work.run();
            }
        }

        @Override
        public void due() {
            runOnOwnThread();
        }

        private void runOnOwnThread() {
            Thread.ofVirtual().name("tenon-batch").start(this);
        }
    }

    /**
     * Runs a task on the executor. If it is shut down or fails, or has not begun the task for long, the task gets a thread
     * of its own: this one may have a caller that has its outputs, or may be that of the deadlines.
     *
     * @param work the task
     */
    public void execute(Runnable work) {
        Task task = new Task(work, watch);
        if (watch != null) {
            watch.add(task);
        }
        try {
            executor.execute(task);
        } catch (RuntimeException | Error e) {
            task.runOnOwnThread();
        }
    }
}

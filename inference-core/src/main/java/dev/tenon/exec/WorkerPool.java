package dev.tenon.exec;

import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads of this process that help callers. Daemon threads, one less than there are processors, started when the
 * first kernel is worth sharing; they wait a moment for the next kernel of a running call and then park, so that an
 * idle process spends nothing. No affinity.
 *
 * <p>Calls and workers that help them are no more than there are processors: beside {@code k} calls only the first
 * {@code processors - k} workers claim parts. A worker that is at work when one more call begins finishes what it has
 * claimed, and no more.
 */
public final class WorkerPool {
    private static final int SLOTS = 64;

    /** Threads of the JVM that compile at the same time, at least. */
    private static final int COMPILERS = 2;

    /** How long a worker looks for work, in rounds over the slots, before it parks. */
    private static final int ROUNDS_BEFORE_PARK = 1000;

    /** Work worth waking a worker for, in nanoseconds. */
    static final long WORTH_SHARING_NANOS = 20_000;

    /** Work claimed at a time, in nanoseconds: far above the cost of a claim. */
    private static final long GRAIN_NANOS = 4_000;

    private static final class Shared {
        private static final WorkerPool POOL =
                new WorkerPool(Math.max(0, Runtime.getRuntime().availableProcessors() - 1));
    }

    private final int size;
    private final AtomicReferenceArray<ParallelJob> jobs = new AtomicReferenceArray<>(SLOTS);
    private final AtomicInteger active = new AtomicInteger();
    /** Calls that run, of all sessions, shared ones or not: each has a processor already, as long as there are enough. */
    private final AtomicInteger callers = new AtomicInteger();

    private volatile Worker[] workers;

    /**
     * A pool whose workers have not started.
     *
     * @param size the number of workers, one less than there are processors for calls and workers together
     */
    WorkerPool(int size) {
        this.size = size;
    }

    /**
     * The pool of the process.
     *
     * @return always the same
     */
    public static WorkerPool shared() {
        return Shared.POOL;
    }

    /**
     * The number of workers, callers not counted.
     *
     * @return at least 0
     */
    public int size() {
        return size;
    }

    /**
     * How many workers may help a call.
     *
     * @param threads how many threads may work on it, the caller included, at least 1
     * @return at least 0
     */
    int helpers(int threads) {
        return Math.min(size, threads - 1);
    }

    /**
     * Whether processors are left for the JVM's compilers when all workers work. A first run waits for these most of the
     * time, and workers would take the time from them.
     *
     * @return whether there are four processors or more
     */
    boolean leavesRoom() {
        return size >= COMPILERS + 1;
    }

    /** Counts a call until {@link #end}. */
    void begin() {
        callers.incrementAndGet();
    }

    /** The end of a call. */
    void end() {
        callers.decrementAndGet();
    }

    /**
     * Whether a processor is left for a worker beside the calls that run. Where none is, workers would only take turns
     * with callers, and each of them would wait for the other's parts.
     *
     * @return whether there are fewer calls than processors, now
     */
    boolean hasSpare() {
        return spare() > 0;
    }

    /** How many processors the calls that run leave to workers, now; negative if there are more calls than processors. */
    private int spare() {
        return size + 1 - callers.get();
    }

    /**
     * The workers that have started.
     *
     * @return all of them, or none
     */
    List<Thread> workers() {
        return workers == null ? List.of() : List.of(workers);
    }

    /**
     * Offers a job's coming steps to the workers until {@link #leave}.
     *
     * @return a slot for {@link #leave}, or -1 if all are taken and the caller works alone
     */
    int enter(ParallelJob job) {
        if (job.helpers == 0 || size == 0) {
            return -1;
        }
        for (int i = 0; i < SLOTS; i++) {
            if (jobs.get(i) == null && jobs.compareAndSet(i, null, job)) {
                active.incrementAndGet();
                return i;
            }
        }
        return -1;
    }

    void leave(int slot) {
        if (slot >= 0) {
            jobs.set(slot, null);
            active.decrementAndGet();
        }
    }

    /**
     * Runs a kernel with whatever workers come to help. The caller works too.
     *
     * @return what a part threw, or null
     */
    Throwable run(ParallelJob job, Kernel kernel, MemorySegment[] operands, ScratchMemory scratch) {
        int parts = kernel.parts();
        long partNanos = Math.max(1, kernel.partNanos());
        int grain = (int) Math.max(1, Math.min(GRAIN_NANOS / partNanos, Math.max(1, parts / (4L * (size + 1)))));
        Worker[] all = workers == null ? start() : workers;
        job.publish(kernel, operands, parts, grain);
        wake(all, Math.min(spare(), Math.min(job.helpers, (parts - 1) / grain)));
        boolean more = true;
        while (more) {
            more = job.runSome(scratch) || job.hasUnclaimed();
        }
        job.await();
        return job.failure();
    }

    private static void wake(Worker[] all, int wanted) {
        for (int i = 0; i < Math.min(wanted, all.length); i++) {
            if (all[i].parked) {
                LockSupport.unpark(all[i]);
            }
        }
    }

    private synchronized Worker[] start() {
        if (workers == null) {
            List<Worker> all = new ArrayList<>();
            try {
                for (int i = 0; i < size; i++) {
                    Worker worker = new Worker(i);
                    worker.start();
                    all.add(worker);
                }
            } catch (OutOfMemoryError e) {
                System.getLogger("dev.tenon")
                        .log(System.Logger.Level.WARNING, "only " + all.size() + " of " + size + " workers start", e);
            }
            workers = all.toArray(Worker[]::new);
        }
        return workers;
    }

    private final class Worker extends Thread {
        private final int index;
        private final ScratchMemory scratch = new ScratchMemory();
        private volatile boolean parked;

        private Worker(int index) {
            super(null, null, "tenon-worker-" + (index + 1), 0, false);
            this.index = index;
            setDaemon(true);
            // The creator's class loader would live as long as the process.
            setContextClassLoader(null);
        }

        @Override
        public void run() {
            int idle = 0;
            while (true) {
                if (helpAny()) {
                    idle = 0;
                } else if (idle++ < ROUNDS_BEFORE_PARK && active.get() > 0) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (!helpAny()) {
                        LockSupport.park(WorkerPool.this);
                    }
                    parked = false;
                    Thread.interrupted();
                    idle = 0;
                }
            }
        }

        private boolean helpAny() {
            for (int i = 0; i < SLOTS && active.get() > 0; i++) {
                ParallelJob job = jobs.get(i);
                if (job != null && index < Math.min(job.helpers, spare()) && job.runSome(scratch)) {
                    return true;
                }
            }
            return false;
        }
    }
}

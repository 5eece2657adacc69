package dev.tenon.exec;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.BudgetedRun;
import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The worker threads of this process, which run parts of kernels for callers. They are daemon threads, one less than
 * there are processors. They start when a kernel first has enough work. A worker spins for a moment while a call runs,
 * and then parks: an idle process uses no processor time. Threads are not tied to processors.
 *
 * <p>Callers and workers together use no more processors than there are: while {@code k} calls run, only the first
 * {@code processors - k} workers claim parts. If one more call begins, a worker finishes the parts that it has claimed
 * and claims no more. Safe for any number of threads.
 */
public final class WorkerPool {
    private static final int SLOTS = 64;

    /** The least number of threads of the JVM that compile at the same time. */
    private static final int COMPILERS = 2;

    /** How often a worker looks at all slots for work before it parks. */
    private static final int ROUNDS_BEFORE_PARK = 1000;

    /** The least work for which a worker is woken, in nanoseconds. */
    static final long WORTH_SHARING_NANOS = 20_000;

    /** The work that is claimed at a time, in nanoseconds: much more than the cost of a claim. */
    private static final long GRAIN_NANOS = 4_000;

    private static final class Shared {
        private static final WorkerPool POOL =
                new WorkerPool(Math.max(0, Runtime.getRuntime().availableProcessors() - 1));
    }

    private final int size;
    private final AtomicReferenceArray<ParallelJob> jobs = new AtomicReferenceArray<>(SLOTS);
    private final AtomicInteger active = new AtomicInteger();
    /** The running calls of all sessions, whether workers help them or not. Each of them uses a processor. */
    private final AtomicInteger callers = new AtomicInteger();

    private volatile Worker[] workers;

    /**
     * A pool whose workers have not started.
     *
     * @param size the number of workers: one less than there are processors
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
     * The number of workers. Callers do not count.
     *
     * @return at least 0
     */
    public int size() {
        return size;
    }

    /**
     * The largest number of workers that help a call.
     *
     * @param threads how many threads may work on it, the caller included, at least 1
     * @return at least 0
     */
    int helpers(int threads) {
        return Math.min(size, threads - 1);
    }

    /**
     * Whether processors are left for the compilers of the JVM when all workers run. A first run waits for the
     * compilers most of the time, and workers would take processor time from them.
     *
     * @return whether there are four processors or more
     */
    boolean leavesRoom() {
        return size >= COMPILERS + 1;
    }

    /** Counts a call as running, until {@link #end}. */
    void begin() {
        callers.incrementAndGet();
    }

    /** The end of a call. */
    void end() {
        callers.decrementAndGet();
    }

    /**
     * Whether the running calls leave a processor for a worker. Where none is left, workers and callers would take
     * turns on the processors, and wait for each other's parts.
     *
     * @return whether there are fewer running calls than processors
     */
    boolean hasSpare() {
        return spare() > 0;
    }

    /**
     * How many processors the running calls leave for workers. It is negative if there are more calls than processors.
     */
    private int spare() {
        return size + 1 - callers.get();
    }

    /** The running calls and the slots that are taken, for tests: 0 when no call runs. */
    int counted() {
        int slots = 0;
        for (int i = 0; i < SLOTS; i++) {
            slots += jobs.get(i) == null ? 0 : 1;
        }
        return callers.get() + slots + active.get();
    }

    /**
     * The workers, if they have started.
     *
     * @return all of them, or none
     */
    List<Thread> workers() {
        return workers == null ? List.of() : List.of(workers);
    }

    /**
     * Offers the next steps of a job to the workers, until {@link #leave}.
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

    /** Ends the offer of {@link #enter}. */
    void leave(int slot) {
        if (slot >= 0) {
            jobs.set(slot, null);
            active.decrementAndGet();
        }
    }

    /**
     * Runs a kernel. The caller and the workers that are free run its parts. The caller looks at the budget between
     * its parts, if the kernel takes long.
     *
     * @return the exception of a part or of the budget, or null
     */
    Throwable run(ParallelJob job, Kernel kernel, MemorySegment[] operands, ScratchMemory scratch, WorkBudget work) {
        int parts = kernel.parts();
        long partNanos = Math.max(1, kernel.partNanos());
        int grain = (int) Math.max(1, Math.min(GRAIN_NANOS / partNanos, Math.max(1, parts / (4L * (size + 1)))));
        Worker[] all = workers == null ? start() : workers;
        // A thread that counts no part as finished would let all others wait for ever.
        StackRoom.require();
        boolean looks = BudgetedRun.looks(kernel);
        job.limit(looks ? work : null);
        job.publish(kernel, operands, parts, grain);
        wake(all, Math.min(spare(), Math.min(job.helpers, (parts - 1) / grain)));
        Throwable stopped = null;
        boolean more = true;
        while (more) {
            more = job.runSome(scratch) || job.hasUnclaimed();
            stopped = looks && more ? refusal(work) : null;
            if (stopped != null) {
                job.abandon();
                more = false;
            }
        }
        job.await();
        return stopped != null ? stopped : job.failure();
    }

    /** Why the step is to end, or null. Nothing is thrown before all threads have finished their parts. */
    private static Throwable refusal(WorkBudget work) {
        try {
            work.look();
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        }
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
            // The class loader of the creating thread would never be collected.
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

package dev.tenon.exec;

import dev.tenon.budget.WorkBudget;
import dev.tenon.formats.ModelBytes;
import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The parts of one run of a kernel, which the caller and worker threads claim. An execution context has one job and
 * reuses it for every step, so that a run allocates nothing.
 *
 * <p>The upper half of the cursor is the number of the step, the lower half is the next unclaimed part. A claim is one
 * compare-and-set of the cursor. It succeeds only while the step that was read has unclaimed parts. As long as a step
 * has unclaimed parts, the caller does not change the fields of the step. Therefore a thread that claims a part has
 * read the fields of the right step.
 */
final class ParallelJob {
    private static final int SPINS_BEFORE_PARK = 2000;
    private static final long PARTS_MASK = 0xFFFFFFFFL;

    /** The largest number of workers that may help. */
    final int helpers;

    private final AtomicLong cursor = new AtomicLong();
    private final AtomicInteger unfinished = new AtomicInteger();
    private Kernel kernel;
    private MemorySegment[] operands;
    private int parts;
    private int grain;
    private WorkBudget work;
    private StepRecorder recorder;
    private volatile Throwable failure;
    private volatile Thread waiter;

    ParallelJob(int helpers) {
        this.helpers = helpers;
        cursor.set(PARTS_MASK);
    }

    /** Sets the budget that the parts of the next steps look at, or null. The owner calls it before a step. */
    void limit(WorkBudget budget) {
        work = budget;
    }

    /** Sets who learns when parts of the next steps run, or null. The owner calls it before a step. */
    void record(StepRecorder to) {
        recorder = to;
    }

    /** Starts a step. The owner calls it when every part of the step before is finished. */
    void publish(Kernel nextKernel, MemorySegment[] nextOperands, int nextParts, int nextGrain) {
        kernel = nextKernel;
        operands = nextOperands;
        parts = nextParts;
        grain = nextGrain;
        failure = null;
        unfinished.set(nextParts);
        long step = (cursor.get() >>> 32) + 1;
        cursor.set(step << 32);
    }

    /**
     * Claims parts and runs them.
     *
     * @param scratch memory of the calling thread
     * @return whether parts were claimed
     */
    boolean runSome(ScratchMemory scratch) {
        long seen = cursor.get();
        int from = (int) seen;
        if (from < 0) {
            return false;
        }
        Kernel k = kernel;
        MemorySegment[] o = operands;
        int count = parts;
        WorkBudget budget = work;
        StepRecorder times = recorder;
        int to = Math.min(count, from + grain);
        if (from >= count || !cursor.compareAndSet(seen, to >= count ? seen | PARTS_MASK : seen + (to - from))) {
            return false;
        }
        try {
            long start = times == null ? 0 : System.nanoTime();
            run(k, o, scratch, from, to, budget);
            ModelBytes.awaitErrors();
            if (times != null) {
                times.part(start, System.nanoTime());
            }
        } catch (Throwable e) {
            failure = e;
        } finally {
            if (unfinished.addAndGet(from - to) == 0) {
                Thread w = waiter;
                if (w != null) {
                    LockSupport.unpark(w);
                }
            }
        }
        return true;
    }

    private static void run(Kernel k, MemorySegment[] o, ScratchMemory scratch, int from, int to, WorkBudget budget) {
        if (budget == null) {
            k.run(o, scratch.atLeast(k.scratchBytes()), from, to);
            return;
        }
        WorkBudget before = budget.enter();
        try {
            k.run(o, scratch.atLeast(k.scratchBytes()), from, to);
        } finally {
            WorkBudget.leave(before);
        }
    }

    /**
     * Whether a part of the step is unclaimed. A claim may fail all the same, when two threads claim at the same time.
     */
    boolean hasUnclaimed() {
        long seen = cursor.get();
        return (int) seen >= 0 && (int) seen < parts;
    }

    /** Gives up the parts that no thread has claimed. The owner calls it, and waits for the others then. */
    void abandon() {
        while (true) {
            long seen = cursor.get();
            int from = (int) seen;
            if (from < 0 || from >= parts) {
                return;
            }
            if (cursor.compareAndSet(seen, seen | PARTS_MASK)) {
                unfinished.addAndGet(from - parts);
                return;
            }
        }
    }

    /** Waits until every part is finished. The owner calls it when nothing is left to claim. */
    void await() {
        int spins = 0;
        while (unfinished.get() > 0) {
            if (spins++ < SPINS_BEFORE_PARK) {
                Thread.onSpinWait();
                continue;
            }
            waiter = Thread.currentThread();
            if (unfinished.get() > 0) {
                LockSupport.park(this);
                if (Thread.currentThread().isInterrupted()) {
                    awaitInterrupted();
                }
            }
            waiter = null;
        }
    }

    /** An interrupted owner waits too: running parts read and write the memory of its context. */
    private void awaitInterrupted() {
        boolean interrupted = Thread.interrupted();
        try {
            while (unfinished.get() > 0) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The exception of a part of the last step, or null. */
    Throwable failure() {
        return failure;
    }

    /** Drops the kernel and the operands. */
    void clear() {
        kernel = null;
        operands = null;
        work = null;
        recorder = null;
    }
}

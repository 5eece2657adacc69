package dev.tenon.exec;

import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The parts of one kernel run at a time, claimed by the caller and by workers. One object per execution context,
 * reused for every step, so that a run allocates nothing.
 *
 * <p>The cursor holds the number of the step in its upper half and the next unclaimed part in its lower half. A claim
 * is one compare-and-set of the cursor: it succeeds only while the step that was read still has unclaimed parts, and as
 * long as it has, the caller does not touch the fields of the step. So whoever claims has read the right fields.
 */
final class ParallelJob {
    private static final int SPINS_BEFORE_PARK = 2000;
    private static final long PARTS_MASK = 0xFFFFFFFFL;

    /** How many workers may help, at most. */
    final int helpers;

    private final AtomicLong cursor = new AtomicLong();
    private final AtomicInteger unfinished = new AtomicInteger();
    private Kernel kernel;
    private MemorySegment[] operands;
    private int parts;
    private int grain;
    private volatile Throwable failure;
    private volatile Thread waiter;

    ParallelJob(int helpers) {
        this.helpers = helpers;
        cursor.set(PARTS_MASK);
    }

    /** Called by the owner, after every part of the step before is finished. */
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
     * @param scratch memory of the calling thread, large enough for the kernel, or null to have none claimed
     * @return whether there was something to claim
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
        int to = Math.min(count, from + grain);
        if (from >= count || !cursor.compareAndSet(seen, to >= count ? seen | PARTS_MASK : seen + (to - from))) {
            return false;
        }
        try {
            k.run(o, scratch.atLeast(k.scratchBytes()), from, to);
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

    /** Whether a part of the step is unclaimed; a claim may fail although one is, when two threads race. */
    boolean hasUnclaimed() {
        long seen = cursor.get();
        return (int) seen >= 0 && (int) seen < parts;
    }

    /** Waits until every part is finished; called by the owner, when nothing is left to claim. */
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

    /** Parts in flight read and write this context's memory, so an interrupted owner waits for them all the same. */
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

    /** What went wrong in a part of the last step, or null. */
    Throwable failure() {
        return failure;
    }

    /** Lets go of the operands. */
    void clear() {
        kernel = null;
        operands = null;
    }
}

package dev.tenon.serving.batch;

import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.run.Outcome;
import dev.tenon.serving.run.RowGroup;
import dev.tenon.serving.run.RunTime;
import dev.tenon.serving.threads.Deadlines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides which calls run at once, which wait, and which are refused; hands out the slots; and puts batches together.
 * Safe for any number of threads. It runs nothing itself: methods return the batches that are to be started.
 */
final class Admission {
    /** The weight of a run in the time that a row is expected to take: a run that was held up counts less. */
    private static final double FASTER = 1 / 4.0;

    private static final double SLOWER = 1 / 16.0;
    /** A run that took more than so many times as long as expected was held up, unless the next one was too. */
    private static final double HELD_UP = 1.5;

    /** How often a thread tries to take the lock before it sleeps: the lock is held for less time than it takes to wake. */
    private static final int SPINS = 32;

    private static final int NANOS_PER_MICRO = 1000;

    private final BatchOptions options;
    private final long maxWaitNanos;
    private final int slots;
    private final Deadlines deadlines;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    /** The calls that wait; guarded by the lock, as the fields below are. */
    private final RequestQueue queue = new RequestQueue();

    private int busy;
    /** How long a row takes of late, 0 if nothing ran yet. */
    private double nanosOfRow;
    /** How long a run takes of late. */
    private double nanosOfRun;
    /** Whether the last run took far longer than expected. */
    private boolean heldUp;

    Admission(BatchOptions options, int slots, Deadlines deadlines) {
        this.options = options;
        this.maxWaitNanos = options.maxWait().toNanos();
        this.slots = slots;
        this.deadlines = deadlines;
    }

    /**
     * The fate of a request that arrives.
     *
     * @param solo whether it does not wait: a slot was taken, in which its thread is to run it alone
     * @param refusal why it is refused, or null
     * @param crowdedOut a request of a larger lane that loses its place to it, or null
     * @param held when the batches that could start now are to start, for the sake of mates; null if at once
     * @param next batches to be started
     */
    record Verdict(boolean solo, String refusal, Request crowdedOut, Long held, List<Batch> next) {
        private static final Verdict SOLO = new Verdict(true, null, null, null, List.of());
        private static final Verdict WAITS = new Verdict(false, null, null, null, List.of());
    }

    private void enter() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    boolean isIdle() {
        enter();
        try {
            return busy < slots && queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a slot for a call that runs at once; returns false if it has to wait. */
    boolean takeIdleSlot() {
        enter();
        try {
            return isSlotTaken();
        } finally {
            lock.unlock();
        }
    }

    private boolean isSlotTaken() {
        boolean free = busy < slots && queue.isEmpty() && (busy == 0 || maxWaitNanos == 0);
        busy += free ? 1 : 0;
        return free;
    }

    int slots() {
        return slots;
    }

    /** How many rows may wait. */
    int mostRows() {
        return options.queueRows();
    }

    int queuedRows() {
        enter();
        try {
            return queue.rows();
        } finally {
            lock.unlock();
        }
    }

    int busy() {
        enter();
        try {
            return busy;
        } finally {
            lock.unlock();
        }
    }

    /** Lets a request wait, or run alone at once, or be part of a batch that starts now, or refuses it. */
    Verdict admit(Request r) {
        enter();
        try {
            if (r.waiter != null && isSlotTaken()) {
                return Verdict.SOLO;
            }
            String refusal = tooLate(r);
            Request crowdedOut = null;
            if (refusal == null && isFull(r)) {
                crowdedOut = queue.crowdingOut(r.call.lane(), r.rows);
                refusal = crowdedOut == null ? queue.rows() + " rows wait" : null;
            }
            if (refusal != null) {
                return new Verdict(false, refusal, null, null, List.of());
            }
            if (crowdedOut != null) {
                queue.remove(crowdedOut, deadlines.now());
            }
            queue.add(r);
            boolean hold = maxWaitNanos > 0 && busy > 0 && busy < slots && !queue.isFull(options.maxRows());
            List<Batch> next = hold ? List.of() : takeBatches(r.start);
            return crowdedOut == null && !hold && next.isEmpty()
                    ? Verdict.WAITS
                    : new Verdict(false, null, crowdedOut, hold ? r.start + maxWaitNanos : null, next);
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull(Request r) {
        boolean bounded = options.onFull() == BatchOptions.OnFull.REJECT;
        return bounded && !queue.isEmpty() && queue.rows() + r.rows > options.queueRows();
    }

    /** Why a request could not end before its deadline, or null. */
    private String tooLate(Request r) {
        // A slot that is free takes the call: if the times are wrong, this corrects them.
        if (!r.call.hasDeadline() || nanosOfRow == 0 || busy < slots) {
            return null;
        }
        int before = queue.rowsBefore(r.call.lane());
        double alone = r.group == null ? 0 : r.group.gain.nanos(1);
        double own = r.rows * (alone == 0 ? nanosOfRow : alone);
        double untilFree = nanosOfRun / (slots + 1);
        double wait = before * nanosOfRow / slots;
        // Where others wait, it runs with them.
        long time = (long) (untilFree + wait + (before == 0 ? own : Math.max(own, nanosOfRun)));
        return deadlines.now() + time - r.at > 0 ? "it would take " + time / NANOS_PER_MICRO + " microseconds" : null;
    }

    /** Waits until the queue has room for others after a request, or the request runs. */
    void awaitRoom(Request r) throws InterruptedException {
        enter();
        try {
            while (queue.rows() > options.queueRows() && queue.has(r)) {
                room.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Frees the slot of a call that ran at once.
     *
     * @param learned what the run has shown, or null
     * @param now the time
     */
    List<Batch> release(RunTime learned, long now) {
        enter();
        try {
            busy--;
            learn(learned);
            return takeBatches(now);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Frees the slot of a batch after its run.
     *
     * @param batch the batch
     * @param learned what the run has shown, or null
     * @param again requests of it that wait again
     * @param now the time
     */
    List<Batch> release(Batch batch, RunTime learned, List<Request> again, long now) {
        enter();
        try {
            free(batch);
            learn(learned);
            if (!again.isEmpty()) {
                List<Request> back = new ArrayList<>(again);
                back.removeIf(Request::hasEnded);
                back.forEach(Request::beginAgain);
                queue.putBack(back);
            }
            return takeBatches(now);
        } finally {
            lock.unlock();
        }
    }

    /** Frees the slot of a batch, unless it is free already. */
    List<Batch> release(Batch batch) {
        enter();
        try {
            free(batch);
            return takeBatches(deadlines.now());
        } finally {
            lock.unlock();
        }
    }

    private void free(Batch batch) {
        busy -= batch.released ? 0 : 1;
        batch.released = true;
    }

    /** Stops holding requests for the sake of mates. */
    List<Batch> dispatch() {
        enter();
        try {
            return takeBatches(deadlines.now());
        } finally {
            lock.unlock();
        }
    }

    /** Ends a pending request. Returns false if it has ended, or leads. */
    boolean withdraw(Request r, Outcome outcome) {
        enter();
        try {
            boolean ended = r.end(outcome);
            if (ended) {
                queue.remove(r, deadlines.now());
                room.signalAll();
            }
            return ended;
        } finally {
            lock.unlock();
        }
    }

    private void learn(RunTime learned) {
        if (learned != null) {
            learn(learned.group(), learned.rows(), learned.nanos());
        }
    }

    private void learn(RowGroup group, int rows, long nanos) {
        if (nanosOfRow == 0) {
            nanosOfRow = (double) nanos / rows;
            nanosOfRun = nanos;
        } else {
            boolean slow = nanos > HELD_UP * rows * nanosOfRow;
            double counted = slow && !heldUp ? HELD_UP * rows * nanosOfRow : nanos;
            heldUp = slow;
            nanosOfRow = moved(nanosOfRow, counted / rows);
            nanosOfRun = moved(nanosOfRun, counted);
        }
        if (group != null) {
            group.gain.record(rows, nanos);
        }
    }

    private static double moved(double known, double now) {
        return known + (now - known) * (now < known ? FASTER : SLOWER);
    }

    /** Takes a batch for each free slot, at a time that may have been read a little earlier. */
    private List<Batch> takeBatches(long now) {
        if (queue.isEmpty() || busy >= slots) {
            return List.of();
        }
        List<Batch> taken = new ArrayList<>(1);
        while (busy < slots) {
            Batch batch = queue.take(options.maxRows(), now);
            if (batch == null) {
                break;
            }
            busy++;
            taken.add(batch);
        }
        room.signalAll();
        return taken;
    }
}

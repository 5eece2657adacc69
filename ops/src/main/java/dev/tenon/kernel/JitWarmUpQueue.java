package dev.tenon.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The queue of warm-ups, and the daemon thread that runs them, which exists while any are queued. The thread starts after the
 * first result of a process, or after a delay if that result takes long. It then alternates with callers: for the length of a
 * turn it runs loops, and callers that need a loop wait, so that the compilers get the processors; then it rests if there are
 * callers. If loops are not compiled within seconds, as in a JVM without the C2 compiler, the rests become long.
 */
final class JitWarmUpQueue implements Runnable {
    /** The queue of the process. */
    static final JitWarmUpQueue SHARED = new JitWarmUpQueue(1_500, 300, 50);

    /** The total length of the turns after which rests become longer. */
    private static final long PATIENCE_MILLIS = 3_000;

    private final long delayMillis;
    private final long turnMillis;
    private final long restMillis;
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile boolean warmingUp;
    private volatile boolean called;
    private volatile boolean begun;

    // Guarded by this.
    private final List<JitWarmUp> waiting = new ArrayList<>();
    private boolean running;
    private int hurrying;

    /**
     * An empty queue.
     *
     * @param delayMillis the maximum time that the first turn waits for the first result
     * @param turnMillis the length of a turn: the maximum time that callers wait
     * @param restMillis the length of a rest
     */
    JitWarmUpQueue(long delayMillis, long turnMillis, long restMillis) {
        this.delayMillis = delayMillis;
        this.turnMillis = turnMillis;
        this.restMillis = restMillis;
    }

    /** Queues the warm-up of some loops. */
    synchronized void add(JitWarmUp warmUp) {
        if (waiting.contains(warmUp)) {
            return;
        }
        waiting.add(warmUp);
        if (!running) {
            Thread thread = new Thread(null, this, "tenon-jit-warmup", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            try {
                thread.start();
                running = true;
            } catch (OutOfMemoryError e) {
                // Without a thread there is no warm-up: the loops are compiled as they run.
                waiting.forEach(JitWarmUp::end);
                waiting.clear();
            }
        }
    }

    /** Tells that the first result is complete. */
    void begin() {
        if (!begun) {
            synchronized (this) {
                begun = true;
                notifyAll();
            }
        }
    }

    /** Waits for the end of the turn, so that the caller takes no processor time from the compilers. */
    void meet() {
        called = true;
        if (warmingUp) {
            turn.lock();
            try {
                called = true;
            } finally {
                turn.unlock();
            }
        }
    }

    /** Whether the thread exists, for tests. */
    synchronized boolean isRunning() {
        return running;
    }

    /** Implements {@link JitWarmUp#settle}. The thread does not rest meanwhile. */
    synchronized boolean settle(long nanos) {
        if (waiting.isEmpty()) {
            return false;
        }
        long end = System.nanoTime() + nanos;
        hurrying++;
        notifyAll();
        try {
            for (long left = nanos; !waiting.isEmpty() && left > 0; left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            hurrying--;
        }
        return true;
    }

    @Override
    public void run() {
        rest(delayMillis, () -> !begun);
        long spent = 0;
        while (takeTurn()) {
            spent += turnMillis;
            rest(Math.max(called ? restMillis : 0, spent > PATIENCE_MILLIS ? spent : 0));
        }
    }

    /** Waits for some time. */
    private void rest(long millis) {
        rest(millis, () -> true);
    }

    /** Waits for some time while a condition holds, unless a caller of {@link #settle} waits. */
    private synchronized void rest(long millis, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            for (long left = millis;
                    left > 0 && hurrying == 0 && condition.getAsBoolean();
                    left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                wait(left);
            }
        } catch (InterruptedException e) {
            // Nothing interrupts this thread. If something does, the rest ends early.
        }
    }

    /** Runs loops for the length of a turn. Returns whether any warm-up is left. */
    private boolean takeTurn() {
        turn.lock();
        warmingUp = true;
        called = false;
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(turnMillis);
            List<JitWarmUp> next = next();
            while (!next.isEmpty() && System.nanoTime() < end) {
                next.forEach(this::runLoops);
                next = next();
            }
            return !next.isEmpty();
        } finally {
            warmingUp = false;
            called |= turn.hasQueuedThreads();
            turn.unlock();
        }
    }

    /**
     * The warm-ups to run now: all that are first, or all if none is. Their loops are called in rotation, so that the others
     * are in the compilers' queue while one is compiled.
     */
    private synchronized List<JitWarmUp> next() {
        List<JitWarmUp> next = new ArrayList<>(waiting);
        if (next.stream().anyMatch(JitWarmUp::isFirst)) {
            next.removeIf(w -> !w.isFirst());
        }
        running = !next.isEmpty();
        return next;
    }

    private void runLoops(JitWarmUp warmUp) {
        boolean goesOn = false;
        try {
            goesOn = warmUp.goesOn();
        } catch (RuntimeException | Error e) {
            // The loops work without a warm-up; they are only slow for longer.
            System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "loops are not warmed up", e);
        }
        if (!goesOn) {
            warmUp.end();
            synchronized (this) {
                waiting.remove(warmUp);
                notifyAll();
            }
        }
    }
}

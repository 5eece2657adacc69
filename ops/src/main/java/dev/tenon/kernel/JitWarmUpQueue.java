package dev.tenon.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Warm-ups that wait, and the daemon thread that holds them; it is there while some do. It leaves the first result of a
 * process alone, if that does not take too long, and then takes turns with those who call: for a while it has the processors
 * for itself and the compilers, and whoever needs a loop waits; then it rests, if anybody does. Where loops do not get
 * compiled in seconds, as in a JVM without its last compiler, its turns become rare.
 */
final class JitWarmUpQueue implements Runnable {
    /** The queue of the process. */
    static final JitWarmUpQueue SHARED = new JitWarmUpQueue(1_500, 300, 50);

    /** What all turns may take until rests become longer. */
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
     * A queue in which nothing waits.
     *
     * @param delayMillis how long the first one waits for a result at most
     * @param turnMillis how long others wait for a warm-up at most
     * @param restMillis how long warm-ups wait for others
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
                // No thread, no warm-up: the loops get compiled where they are needed.
                waiting.forEach(JitWarmUp::end);
                waiting.clear();
            }
        }
    }

    /** Says that the first result is there. */
    void begin() {
        if (!begun) {
            synchronized (this) {
                begun = true;
                notifyAll();
            }
        }
    }

    /** Waits while loops are warmed up; others would only take time from the compilers. */
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

    /** Whether its thread is there, for tests. */
    synchronized boolean isRunning() {
        return running;
    }

    /** As {@link JitWarmUp#settle}; warm-ups do not rest meanwhile. */
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

    /** Rests for some time. */
    private void rest(long millis) {
        rest(millis, () -> true);
    }

    /** Rests for some time while something holds, unless somebody waits for the end of all warm-ups. */
    private synchronized void rest(long millis, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            for (long left = millis;
                    left > 0 && hurrying == 0 && condition.getAsBoolean();
                    left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                wait(left);
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; a rest is not worth more than its end.
        }
    }

    /** Runs loops for a while; whether any warm-up is left. */
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

    /** Those that come first, all in turns, so that all are in the compilers' queue while one is compiled. */
    private synchronized List<JitWarmUp> next() {
        List<JitWarmUp> next = new ArrayList<>(waiting);
        if (next.stream().anyMatch(JitWarmUp::isFirst)) {
            next.removeIf(r -> !r.isFirst());
        }
        running = !next.isEmpty();
        return next;
    }

    private void runLoops(JitWarmUp warmUp) {
        boolean goesOn = false;
        try {
            goesOn = warmUp.goesOn();
        } catch (RuntimeException | Error e) {
            // The loops are as good without a warmUp, only later.
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

package dev.tenon.plan;

import dev.tenon.nativecode.LargePages;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;

/**
 * Memory that is to be moved onto large pages once it has been in use for a while: moving copies it, and whoever waits
 * for the first result of a process needs its processors for something else. A daemon thread does it, and ends when
 * nothing waits. Memory that is dropped meanwhile is not kept. Safe for any number of threads.
 */
final class LargePageQueue implements Runnable {
    /** The least memory that is worth a large page. */
    static final long WORTH_MOVING = 4 << 20;

    /** The queue of the process. */
    static final LargePageQueue SHARED = new LargePageQueue(LargePages::move, 2_000);

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Moves the range from an address on, of some bytes. */
    @FunctionalInterface
    interface Mover {
        long move(long address, long bytes);
    }

    private record Waiting(WeakReference<MemorySegment.Scope> owner, long address, long bytes, long since) {}

    private final Mover mover;
    private final long delayMillis;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean running;

    /**
     * A queue in which nothing waits.
     *
     * @param mover what moves memory
     * @param delayMillis how long memory waits
     */
    LargePageQueue(Mover mover, long delayMillis) {
        this.mover = mover;
        this.delayMillis = delayMillis;
    }

    /**
     * Has memory moved later.
     *
     * @param memory native memory; smaller pieces than {@link #WORTH_MOVING} stay as they are
     */
    synchronized void add(MemorySegment memory) {
        if (memory.byteSize() < WORTH_MOVING) {
            return;
        }
        waiting.add(new Waiting(
                new WeakReference<>(memory.scope()), memory.address(), memory.byteSize(), System.nanoTime()));
        if (!running) {
            Thread thread = new Thread(null, this, "tenon-pages", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            try {
                thread.start();
                running = true;
            } catch (OutOfMemoryError e) {
                // No thread, no large pages: the memory itself is there.
                waiting.clear();
            }
        }
    }

    /** Whether its thread is there, for tests. */
    synchronized boolean isRunning() {
        return running;
    }

    @Override
    public void run() {
        Waiting next = next();
        while (next != null) {
            MemorySegment.Scope owner = next.owner().get();
            if (owner != null) {
                try {
                    mover.move(next.address(), next.bytes());
                } catch (RuntimeException | Error e) {
                    // Small pages do as well, and the next one may be moved.
                    System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "memory stays on small pages", e);
                } finally {
                    Reference.reachabilityFence(owner);
                }
            }
            next = next();
        }
    }

    /** The next whose time has come; null if nothing waits, and the thread is to end. */
    private Waiting next() {
        while (true) {
            long left;
            synchronized (this) {
                Waiting first = waiting.peek();
                if (first == null) {
                    running = false;
                    return null;
                }
                left = delayMillis - (System.nanoTime() - first.since()) / NANOS_PER_MILLI;
                if (left <= 0) {
                    return waiting.poll();
                }
            }
            try {
                Thread.sleep(left);
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt this thread; the next round waits for what is left.
            }
        }
    }
}

package dev.tenon.plan;

import dev.tenon.nativecode.LargePages;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;

/**
 * Memory that will be moved onto large pages after a delay. Moving copies the memory, and the first result of a process
 * needs the processors more. A daemon thread moves the memory, and ends when the queue is empty. The queue does not
 * keep memory alive. Safe for any number of threads.
 */
final class LargePageQueue implements Runnable {
    /** Smaller pieces of memory are not moved. */
    static final long WORTH_MOVING = 4 << 20;

    /** The queue of the process. */
    static final LargePageQueue SHARED = new LargePageQueue(LargePages::move, 2_000);

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Moves memory onto large pages. */
    @FunctionalInterface
    interface Mover {
        /** Moves a range of memory. Returns how many bytes were moved. */
        long move(long address, long bytes);
    }

    private record Waiting(WeakReference<MemorySegment.Scope> owner, long address, long bytes, long since) {}

    private final Mover mover;
    private final long delayMillis;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean running;

    /**
     * An empty queue.
     *
     * @param mover moves memory
     * @param delayMillis how long memory waits
     */
    LargePageQueue(Mover mover, long delayMillis) {
        this.mover = mover;
        this.delayMillis = delayMillis;
    }

    /**
     * Adds memory.
     *
     * @param memory native memory; it is ignored if it has fewer than {@link #WORTH_MOVING} bytes
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
                // Without the thread the memory stays on small pages.
                waiting.clear();
            }
        }
    }

    /** Whether its thread runs; for tests. */
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
                    // Small pages work too, and the next piece may be moved.
                    System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "memory stays on small pages", e);
                } finally {
                    Reference.reachabilityFence(owner);
                }
            }
            next = next();
        }
    }

    /** Waits for the next piece of memory that is due. Returns null if the queue is empty, and the thread is to end. */
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
                // The next iteration waits for the rest of the time.
            }
        }
    }
}

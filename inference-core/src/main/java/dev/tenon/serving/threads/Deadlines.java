package dev.tenon.serving.threads;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Does things when they are due, on one daemon thread that starts when it is first needed and ends when nothing was due
 * for a while. It is a platform thread: callers on virtual threads never wait with a time limit themselves. Safe for any
 * number of threads.
 */
public final class Deadlines {
    /** The deadlines of this process. */
    public static final Deadlines SHARED = new Deadlines(System::nanoTime, true);

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int FIRST_CAPACITY = 64;

    private final LongSupplier clock;
    private final boolean threaded;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition earlier = lock.newCondition();
    /** A binary heap, the earliest first; guarded by the lock, as the fields below are. */
    private Timed[] heap = new Timed[FIRST_CAPACITY];

    private int size;
    private boolean running;

    /**
     * Deadlines without any.
     *
     * @param clock nanoseconds that only grow
     * @param threaded whether a thread does what is due; if not, {@link #doDue} must be called
     */
    public Deadlines(LongSupplier clock, boolean threaded) {
        this.clock = clock;
        this.threaded = threaded;
    }

    /** {@return the time of the clock, in nanoseconds} */
    public long now() {
        return clock.getAsLong();
    }

    /**
     * Does something when it is due.
     *
     * @param timed what is to be done
     */
    public void add(Timed timed) {
        lock.lock();
        try {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            place(size++, timed);
            up(timed.place);
            if (timed.place == 0 || !running) {
                wakeOrStart();
            }
        } finally {
            lock.unlock();
        }
    }

    private void wakeOrStart() {
        if (running) {
            earlier.signal();
        } else if (threaded) {
            Thread thread = Thread.ofPlatform()
                    .daemon()
                    .name("tenon-deadlines")
                    .inheritInheritableThreadLocals(false)
                    .unstarted(this::run);
            // The class loader of the creating thread would not be collected while this thread lives.
            thread.setContextClassLoader(null);
            try {
                thread.start();
                running = true;
            } catch (OutOfMemoryError e) {
                // There is no thread to be had: what is due is late, until the next addition finds one.
                running = false;
            }
        }
    }

    /**
     * Forgets something, if it is still to be done.
     *
     * @param timed what is not to be done
     */
    public void remove(Timed timed) {
        lock.lock();
        try {
            if (timed.place >= 0) {
                take(timed.place);
            }
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many things are to be done} */
    public int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /** Does what is due by the clock. */
    public void doDue() {
        List<Timed> due = new ArrayList<>();
        lock.lock();
        try {
            long now = now();
            while (size > 0 && heap[0].at - now <= 0) {
                due.add(take(0));
            }
        } finally {
            lock.unlock();
        }
        due.forEach(Deadlines::end);
    }

    /** Does a thing. If it fails, the others are done all the same, and the handler of the thread is told. */
    private static void end(Timed timed) {
        try {
            timed.due();
        } catch (Throwable e) {
            tell(e);
        }
    }

    private static void tell(Throwable failure) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        } catch (Throwable e) {
            // A handler that fails is not told of its own failure, as when a thread ends.
            failure.addSuppressed(e);
        }
    }

    private void run() {
        while (awaitDue()) {
            doDue();
        }
    }

    /** Waits until something is due. Returns false if nothing was to be done for a while; the thread then ends. */
    private boolean awaitDue() {
        lock.lock();
        try {
            while (true) {
                long wait = size > 0 ? heap[0].at - now() : IDLE_NANOS;
                if (wait <= 0) {
                    return true;
                }
                boolean idle = size == 0;
                long left = wait;
                try {
                    left = earlier.awaitNanos(wait);
                } catch (InterruptedException e) {
                    // Nobody may end this thread by an interrupt: calls would wait for ever.
                    idle = false;
                }
                if (idle && size == 0 && left <= 0) {
                    running = false;
                    return false;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private Timed take(int i) {
        Timed taken = heap[i];
        Timed last = heap[--size];
        heap[size] = null;
        taken.place = -1;
        if (i < size) {
            place(i, last);
            up(i);
            down(last.place);
        }
        return taken;
    }

    private void place(int i, Timed timed) {
        heap[i] = timed;
        timed.place = i;
    }

    private void up(int from) {
        int i = from;
        Timed moved = heap[i];
        while (i > 0 && heap[(i - 1) / 2].at - moved.at > 0) {
            place(i, heap[(i - 1) / 2]);
            i = (i - 1) / 2;
        }
        place(i, moved);
    }

    private void down(int from) {
        int i = from;
        Timed moved = heap[i];
        while (2 * i + 1 < size) {
            int child = 2 * i + 1;
            if (child + 1 < size && heap[child].at - heap[child + 1].at > 0) {
                child++;
            }
            if (moved.at - heap[child].at <= 0) {
                break;
            }
            place(i, heap[child]);
            i = child;
        }
        place(i, moved);
    }
}

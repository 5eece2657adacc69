package dev.tenon.testkit.fuzz;

import dev.tenon.testkit.CpuTime;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Runs steps one after another on a thread of its own with a small stack, and watches it: a step that takes too much
 * processor time, or that waits for ever, is given up, and another thread runs the next steps. The time of the processor
 * counts, so that other load of the machine does not.
 *
 * <p>{@link #run} is for one thread. A step runs on the thread that is watched.
 */
final class Judge {
    /** A step. It may end late, when another thread has taken over: then {@code isCurrent} is false. */
    @FunctionalInterface
    interface Step {
        /** Runs; false if it was the last one. */
        boolean run(BooleanSupplier isCurrent);
    }

    private static final long STACK_BYTES = 1 << 20;
    private static final long LOOK_MILLIS = 500;
    private static final long MOST_PROCESSOR_NANOS = CpuTime.here(10_000_000_000L);

    /** The looks without any use of the processor after which a step is taken for one that waits for ever. */
    private static final int MOST_IDLE_LOOKS = 240;

    private static final long IDLE_NANOS = 20_000;
    private static final int MOST_FRAMES = 12;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Step step;
    private final Consumer<String> stuck;
    private final AtomicLong steps = new AtomicLong();
    private volatile Thread current;
    private volatile Throwable failure;
    private volatile boolean ended;
    private volatile long processorNanos;

    /**
     * A judge.
     *
     * @param step is run again and again
     * @param stuck is told where a step hangs, on the thread that called {@link #run}
     */
    Judge(Step step, Consumer<String> stuck) {
        this.step = step;
        this.stuck = stuck;
    }

    /** Runs steps until one is the last. */
    void run() throws InterruptedException {
        while (!ended) {
            Thread worker = new Thread(null, this::work, "judge", STACK_BYTES);
            worker.setDaemon(true);
            current = worker;
            worker.start();
            watch(worker);
        }
        if (failure != null) {
            throw new IllegalStateException("a campaign failed", failure);
        }
    }

    /** The processor time that the steps took that were not given up, after {@link #run}. */
    long processorNanos() {
        return processorNanos;
    }

    private void work() {
        Thread own = Thread.currentThread();
        try {
            boolean more = true;
            while (more && own.equals(current)) {
                more = step.run(() -> own.equals(current));
                steps.incrementAndGet();
            }
            if (own.equals(current)) {
                processorNanos = THREADS.getCurrentThreadCpuTime();
                ended = true;
            }
        } catch (RuntimeException | Error e) {
            if (own.equals(current)) {
                failure = e;
                ended = true;
            }
        }
    }

    /** Returns when the thread has ended, or hangs. */
    private void watch(Thread worker) throws InterruptedException {
        long before = -1;
        long began = 0;
        long last = 0;
        int idle = 0;
        while (!worker.join(Duration.ofMillis(LOOK_MILLIS))) {
            long now = THREADS.getThreadCpuTime(worker.threadId());
            if (steps.get() != before) {
                before = steps.get();
                began = now;
                idle = 0;
            } else {
                idle = now - last < IDLE_NANOS ? idle + 1 : 0;
            }
            last = now;
            if (now - began > MOST_PROCESSOR_NANOS || idle > MOST_IDLE_LOOKS) {
                current = null;
                stuck.accept(where(worker, now - began));
                worker.interrupt();
                return;
            }
        }
    }

    private static String where(Thread worker, long nanos) {
        return "no end after " + nanos / 1_000_000 + " ms of the processor\n    at "
                + String.join(
                        "\n    at ",
                        Arrays.stream(worker.getStackTrace())
                                .limit(MOST_FRAMES)
                                .map(StackTraceElement::toString)
                                .toList());
    }
}

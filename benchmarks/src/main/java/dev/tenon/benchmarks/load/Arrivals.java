package dev.tenon.benchmarks.load;

import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** The times of a Poisson process. Processes with equal seeds have equal times. */
final class Arrivals {
    private static final long SPIN_NANOS = 60_000;
    private static final double NANOS = 1e9;

    private final long start = System.nanoTime() + SPIN_NANOS;
    private final double rate;
    private final SplittableRandom random;
    private double seconds;

    /**
     * A process that begins now.
     *
     * @param rate arrivals a second
     * @param seed of its random numbers
     */
    Arrivals(double rate, long seed) {
        this.rate = rate;
        this.random = new SplittableRandom(seed);
    }

    /** Goes on to the next arrival, and returns its time, by {@link System#nanoTime}. */
    long next() {
        seconds -= Math.log1p(-random.nextDouble()) / rate;
        return start + (long) (seconds * NANOS);
    }

    /** Seconds from the start to the last arrival. */
    double seconds() {
        return seconds;
    }

    /** Seconds since the start, by the clock. */
    double secondsUntilNow() {
        return (System.nanoTime() - start) / NANOS;
    }

    /** Waits for a time, spinning at the end: a thread that sleeps wakes late. */
    static void await(long time) {
        long left = time - System.nanoTime();
        while (left > 0) {
            if (left > SPIN_NANOS) {
                LockSupport.parkNanos(left - SPIN_NANOS);
            } else {
                Thread.onSpinWait();
            }
            left = time - System.nanoTime();
        }
    }
}

package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * The processor time of the calling thread for work of two sizes, and so whether the time grows as the size does. Other load on the
 * machine, and its speed, don't matter.
 */
public final class CpuTime {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int RUNS = 5;

    /** The nanoseconds that {@link #spin} takes on a core of two billion steps a second. */
    private static final double USUAL_NANOS = 4e6;

    private static final int SPINS = 1 << 20;

    private CpuTime() {}

    /** {@return the least processor time of some runs, nanoseconds} */
    private static long least(Runnable work) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < RUNS; i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            work.run();
            least = Math.min(least, THREADS.getCurrentThreadCpuTime() - start);
        }
        return Math.max(1, least);
    }

    /**
     * The processor time of this machine for work that takes a usual one some time, so that a limit is about work and not about
     * one machine. A machine that is faster gets no less.
     *
     * @param nanos the time on a usual machine, nanoseconds
     * @return the time here, nanoseconds
     */
    public static long here(long nanos) {
        return (long) (nanos * Slowness.FACTOR);
    }

    /** Measured once for each JVM. */
    private static final class Slowness {
        static final double FACTOR = Math.max(1, least(CpuTime::spin) / USUAL_NANOS);
    }

    /** Steps each of which needs the result of the one before. */
    private static void spin() {
        long state = 1;
        for (int i = 0; i < SPINS; i++) {
            state = state * 6364136223846793005L + i;
            state ^= state >>> 29;
        }
        // The result is used, so that the loop stays.
        assertThat(state).isNotZero();
    }

    /**
     * Fails if work of four times the size takes more than eight times as long. What grows as the square takes sixteen times as long.
     *
     * @param size names the work
     * @param small the work
     * @param large work of four times the size
     */
    public static void assertLinear(String size, Runnable small, Runnable large) {
        // The JVM compiles now, so that the small work is not the slower one.
        least(large);
        long few = least(small);
        long many = least(large);
        assertThat((double) many / few)
                .as("%s: %d ns, for four times the size %d ns", size, few, many)
                .isLessThan(8);
    }
}

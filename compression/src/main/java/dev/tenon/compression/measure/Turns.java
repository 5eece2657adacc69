package dev.tenon.compression.measure;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Makes two calls in turns, so that a change of the machine's speed meets both, and takes their times. Before that it makes the
 * calls until they are warm: the later half of the time no call got faster, and the JVM's compiler had little to do. For calls so long
 * that a few of them take all the time, the compiler alone decides. Confined to one thread.
 */
public final class Turns {
    private static final double GAIN = 0.98;
    private static final double MOST_COMPILING = 0.25;
    private static final int LEAST_BLOCKS = 4;
    private static final long LEAST_WARM_NANOS = 300_000_000;
    private static final long BLOCK_NANOS = 10_000_000;
    private static final long ROUND_NANOS = 1_000_000;
    private static final int MOST_CALLS = 1000;

    private final Runnable first;
    private final Runnable second;
    private final Clock clock;
    private final Runnable tick;

    /**
     * The clocks of a process.
     *
     * @param nanos a time in nanoseconds
     * @param compiling the nanoseconds that the JVM's compilers have worked so far
     */
    record Clock(LongSupplier nanos, LongSupplier compiling) {
        static Clock system() {
            CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
            boolean isTimed = compiler != null && compiler.isCompilationTimeMonitoringSupported();
            return new Clock(System::nanoTime, () -> isTimed ? compiler.getTotalCompilationTime() * 1_000_000 : 0);
        }

        long now() {
            return nanos.getAsLong();
        }
    }

    /**
     * The limits of a measurement.
     *
     * @param warmNanos the most nanoseconds until the calls are warm
     * @param leastRounds the least rounds that are measured, at least 1
     * @param mostRounds the most rounds
     * @param nanos the nanoseconds after which no round begins, if there are enough
     */
    public record Limits(long warmNanos, int leastRounds, int mostRounds, long nanos) {}

    /** The times of both calls, round by round. */
    public static final class Times {
        private final long[] first;
        private final long[] second;
        private final boolean isWarm;

        private Times(long[] first, long[] second, boolean isWarm) {
            this.first = first;
            this.second = second;
            this.isWarm = isWarm;
        }

        /** {@return the nanoseconds of the first call in each round} */
        public long[] first() {
            return first.clone();
        }

        /** {@return the nanoseconds of the second call in each round} */
        public long[] second() {
            return second.clone();
        }

        /** {@return how much longer the first call took in each round, in nanoseconds} */
        public long[] differences() {
            long[] differences = new long[first.length];
            Arrays.setAll(differences, i -> first[i] - second[i]);
            return differences;
        }

        /** {@return whether the calls were warm; otherwise they still got faster, or were still compiled, when the time for it was over} */
        public boolean isWarm() {
            return isWarm;
        }
    }

    /**
     * Two calls.
     *
     * @param first a call
     * @param second another one
     * @param tick is called after each block of calls, and may end the work with an exception
     */
    public Turns(Runnable first, Runnable second, Runnable tick) {
        this(first, second, tick, Clock.system());
    }

    Turns(Runnable first, Runnable second, Runnable tick, Clock clock) {
        this.first = first;
        this.second = second;
        this.tick = tick;
        this.clock = clock;
    }

    /**
     * A percentile of times.
     *
     * @param times the times, at least one
     * @param share the share of times that are not larger, in [0, 1]
     * @return the time
     */
    public static long percentile(long[] times, double share) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    }

    /**
     * Makes the calls until they are warm, and measures them.
     *
     * @param limits the limits
     * @return the times
     */
    public Times measure(Limits limits) {
        List<Block> blocks = new ArrayList<>();
        boolean isWarm = warm(limits.warmNanos(), blocks);
        int calls = calls(ROUND_NANOS, blocks);
        long[] ofFirst = new long[limits.mostRounds()];
        long[] ofSecond = new long[limits.mostRounds()];
        int rounds = 0;
        long start = clock.now();
        while (rounds < limits.mostRounds()
                && (rounds < limits.leastRounds() || clock.now() - start < limits.nanos())) {
            // The second of two is a little faster, so they take turns.
            Block block = block(rounds % 2 == 0, calls);
            ofFirst[rounds] = block.first();
            ofSecond[rounds] = block.second();
            rounds++;
        }
        return new Times(Arrays.copyOf(ofFirst, rounds), Arrays.copyOf(ofSecond, rounds), isWarm);
    }

    /**
     * Some calls in a row.
     *
     * @param first nanoseconds of one of the first calls
     * @param second the same of the second
     * @param end the time at its end
     * @param compiled the work of compilers until then
     */
    private record Block(long first, long second, long end, long compiled) {}

    private boolean warm(long mostNanos, List<Block> blocks) {
        long start = clock.now();
        long compiled = clock.compiling().getAsLong();
        do {
            blocks.add(block(blocks.size() % 2 == 0, calls(BLOCK_NANOS, blocks)));
            if (clock.now() - start >= LEAST_WARM_NANOS
                    && blocks.size() >= LEAST_BLOCKS
                    && isWarm(start, compiled, blocks)) {
                return true;
            }
        } while (clock.now() - start < mostNanos);
        return blocks.size() < LEAST_BLOCKS && isWarm(start, compiled, blocks);
    }

    /** Whether no call of the later half was faster, if there are enough to tell, and the compiler had little to do in it. */
    private static boolean isWarm(long start, long compiledAtStart, List<Block> blocks) {
        long end = blocks.getLast().end();
        long middle = start + (end - start) / 2;
        long bestFirst = Long.MAX_VALUE;
        long bestSecond = Long.MAX_VALUE;
        long compiled = compiledAtStart;
        int at = 0;
        for (; blocks.get(at).end() <= middle; at++) {
            bestFirst = Math.min(bestFirst, blocks.get(at).first());
            bestSecond = Math.min(bestSecond, blocks.get(at).second());
            compiled = blocks.get(at).compiled();
        }
        for (Block later : blocks.subList(at, blocks.size())) {
            boolean isFaster = later.first() < GAIN * bestFirst || later.second() < GAIN * bestSecond;
            if (isFaster && blocks.size() >= LEAST_BLOCKS) {
                return false;
            }
        }
        return blocks.getLast().compiled() - compiled <= MOST_COMPILING * (end - middle);
    }

    /** The calls that fill a time, by the longest of the last calls. */
    private static int calls(long nanos, List<Block> blocks) {
        if (blocks.isEmpty()) {
            return 1;
        }
        Block last = blocks.getLast();
        return Math.clamp(nanos / Math.max(1, Math.max(last.first(), last.second())), 1, MOST_CALLS);
    }

    private Block block(boolean isFirstFirst, int calls) {
        long one = time(isFirstFirst ? first : second, calls);
        long other = time(isFirstFirst ? second : first, calls);
        tick.run();
        return new Block(
                isFirstFirst ? one : other,
                isFirstFirst ? other : one,
                clock.now(),
                clock.compiling().getAsLong());
    }

    private long time(Runnable call, int calls) {
        long start = clock.now();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        return (clock.now() - start) / calls;
    }
}

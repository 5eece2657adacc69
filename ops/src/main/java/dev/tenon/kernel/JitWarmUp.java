package dev.tenon.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Whether the JVM has compiled loops that only then are fast. Until it has, an operation on a vector takes hundreds of
 * times as long as later, and keeps the compilers busy with its general form. So whoever has such a loop has a plain one
 * too, with the same bits as results, and takes that one while {@link #over} says no; loops that have been asked for a few
 * times are meanwhile warmed up by a thread, see {@link JitWarmUpQueue}. Safe for any number of threads.
 *
 * <p>A JVM compiles what is called and goes round often, whatever that takes. So a loop is called with little to do until
 * some calls were as fast as compiled ones.
 */
public final class JitWarmUp {
    /** What switches warm-ups off: loops then run as they are from the first call on. */
    static final String PROPERTY = "tenon.warmup";

    private static final boolean OFF = "off".equals(System.getProperty(PROPERTY));

    /** Calls from which on a loop is worth a warmUp. */
    private static final int WORTH_CALLS = 16;

    /**
     * What a call with a hundred vector operations takes at most when it is compiled. It takes a quarter of that; otherwise it
     * takes several times as long, even when the general forms of its operations are compiled.
     */
    private static final long COMPILED_NANOS = 500;

    /** Calls as fast as compiled ones that end a warm-up: the first may be one by chance. */
    private static final int FAST_CALLS = 3;

    private final boolean first;
    private final JitWarmUpQueue queue;
    private final Supplier<List<Runnable>> source;
    private volatile boolean over;

    // Counts need not be exact.
    private int calls;

    // Of the thread that warms up.
    private List<Loop> loops;

    /** A loop and how often it was fast. */
    private static final class Loop {
        private final Runnable call;
        private int fast;

        Loop(Runnable call) {
            this.call = call;
        }

        boolean isCompiled() {
            if (fast >= FAST_CALLS) {
                return true;
            }
            long before = System.nanoTime();
            call.run();
            if (System.nanoTime() - before <= COMPILED_NANOS) {
                fast++;
            }
            return fast >= FAST_CALLS;
        }
    }

    /**
     * A warm-up of its own queue.
     *
     * @param queue the queue
     * @param first whether it comes before those that do not
     * @param source makes the loops and what they work on, when they are warmed up
     * @param over whether there is nothing to warm up
     */
    JitWarmUp(JitWarmUpQueue queue, boolean first, Supplier<List<Runnable>> source, boolean over) {
        this.queue = queue;
        this.first = first;
        this.source = source;
        this.over = over;
    }

    /**
     * The warm-up of some loops.
     *
     * @param source makes the loops and what they work on, when they are warmed up
     * @return the warm-up
     */
    public static JitWarmUp of(Supplier<List<Runnable>> source) {
        return new JitWarmUp(JitWarmUpQueue.SHARED, false, source, OFF);
    }

    /**
     * The warm-up of loops that most of the work is done by, which come before others.
     *
     * @param source makes the loops and what they work on, when they are warmed up
     * @return the warm-up
     */
    public static JitWarmUp first(Supplier<List<Runnable>> source) {
        return new JitWarmUp(JitWarmUpQueue.SHARED, true, source, OFF);
    }

    /**
     * Whether the loops are compiled. If not, the call counts, and may wait while loops are warmed up, for three tenths
     * of a second at most: a call on plain loops takes as long where there is much to do, and brings nothing forward.
     *
     * @return true if the loops are fast, false if plain ones are better
     */
    public boolean over() {
        return over(1);
    }

    /**
     * {@link #over()} of a call that does as much as several.
     *
     * @param times how many calls it counts for, at least 1
     * @return true if the loops are fast, false if plain ones are better
     */
    public boolean over(int times) {
        return over || missed(times);
    }

    private boolean missed(int times) {
        int before = calls;
        if (before < WORTH_CALLS) {
            calls = Math.min(WORTH_CALLS, before + Math.min(WORTH_CALLS, times));
            if (calls == WORTH_CALLS) {
                queue.add(this);
            }
            return false;
        }
        queue.meet();
        return over;
    }

    /** Whether it comes before those that do not. */
    boolean isFirst() {
        return first;
    }

    /** Calls the loops that are not compiled; whether any is left. */
    boolean goesOn() {
        if (loops == null) {
            loops = new ArrayList<>();
            source.get().forEach(call -> loops.add(new Loop(call)));
        }
        boolean goesOn = false;
        for (Loop loop : loops) {
            goesOn |= !loop.isCompiled();
        }
        return goesOn;
    }

    /** Loops run as they are from now on. */
    void end() {
        over = true;
        loops = null;
    }

    /** Says that a result is there, after each: warm-ups leave the first one of a process alone. */
    public static void begin() {
        JitWarmUpQueue.SHARED.begin();
    }

    /**
     * Waits until no loop waits for its warm-up any more, or until the thread is interrupted, which it stays.
     *
     * @param nanos for how long at most
     * @return whether any did
     */
    public static boolean settle(long nanos) {
        return JitWarmUpQueue.SHARED.settle(nanos);
    }
}

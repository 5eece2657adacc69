package dev.tenon.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The warm-up of some vector loops: tells whether the JVM has compiled them. Until then an operation on a vector is very
 * slow, allocates, and occupies the compilers with its general form. So each such loop has a scalar twin with the same
 * results, bit for bit, which runs while {@link #over} returns false. Meanwhile a thread warms up the loops that were needed
 * a few times, see {@link JitWarmUpQueue}. Safe for any number of threads.
 *
 * <p>The JVM compiles a method that is called often or iterates often, however short a call takes. So the thread calls each
 * loop with little work, until some calls are as fast as compiled ones.
 */
public final class JitWarmUp {
    /** The system property that switches warm-ups off: vector loops then run from the first call on. */
    static final String PROPERTY = "tenon.warmup";

    private static final boolean OFF = "off".equals(System.getProperty(PROPERTY));

    /** The number of calls after which loops are warmed up. */
    private static final int MIN_CALLS = 16;

    /**
     * The maximum time of a compiled call with a hundred vector operations. Compiled, it takes a quarter of this; otherwise it
     * takes several times as long, even if the general forms of its operations are compiled.
     */
    private static final long COMPILED_NANOS = 500;

    /** The number of fast calls that end a warm-up. One may be fast by chance. */
    private static final int FAST_CALLS = 3;

    private final boolean first;
    private final JitWarmUpQueue queue;
    private final Supplier<List<Runnable>> source;
    private volatile boolean over;

    // Not synchronized: the count need not be exact.
    private int calls;

    // Used by the warm-up thread only.
    private List<Loop> loops;

    /** A loop and the number of its fast calls. */
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
     * A warm-up in a queue of its own, for tests.
     *
     * @param queue the queue
     * @param first whether it precedes warm-ups that are not first
     * @param source makes the loops and their operands when the warm-up starts
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
     * @param source makes the loops and their operands when the warm-up starts
     * @return the warm-up
     */
    public static JitWarmUp of(Supplier<List<Runnable>> source) {
        return new JitWarmUp(JitWarmUpQueue.SHARED, false, source, OFF);
    }

    /**
     * The warm-up of the loops that do most of the work of most networks. They precede other warm-ups.
     *
     * @param source makes the loops and their operands when the warm-up starts
     * @return the warm-up
     */
    public static JitWarmUp first(Supplier<List<Runnable>> source) {
        return new JitWarmUp(JitWarmUpQueue.SHARED, true, source, OFF);
    }

    /**
     * Whether the loops are compiled. If not, the call is counted, and it may wait for up to 0.3 seconds while loops are warmed
     * up: running the scalar twins of much work would take as long and would delay the compilers.
     *
     * @return true if the vector loops are fast, false if the scalar twins are
     */
    public boolean over() {
        return over(1);
    }

    /**
     * {@link #over()} for a call with the work of several.
     *
     * @param times the number of calls that it counts for, at least 1
     * @return true if the vector loops are fast, false if the scalar twins are
     */
    public boolean over(int times) {
        return over || missed(times);
    }

    private boolean missed(int times) {
        int before = calls;
        if (before < MIN_CALLS) {
            calls = Math.min(MIN_CALLS, before + Math.min(MIN_CALLS, times));
            if (calls == MIN_CALLS) {
                queue.add(this);
            }
            return false;
        }
        queue.meet();
        return over;
    }

    /** Whether it precedes warm-ups that are not first. */
    boolean isFirst() {
        return first;
    }

    /** Calls each loop that is not compiled yet, once. Returns whether any is left. */
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

    /** Ends the warm-up: vector loops run from now on. */
    void end() {
        over = true;
        loops = null;
    }

    /** Tells the queue that a result is complete. Warm-ups do not start before the first result of a process. */
    public static void begin() {
        JitWarmUpQueue.SHARED.begin();
    }

    /**
     * Waits until all warm-ups have ended. Returns early if the thread is interrupted, and keeps its interrupt status.
     *
     * @param nanos the maximum time to wait, nanoseconds
     * @return false if there was nothing to wait for
     */
    public static boolean settle(long nanos) {
        return JitWarmUpQueue.SHARED.settle(nanos);
    }
}

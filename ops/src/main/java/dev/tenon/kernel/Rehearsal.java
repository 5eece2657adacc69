package dev.tenon.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Whether the JVM has compiled loops that only then are fast. Until it has, an operation on a vector takes hundreds of
 * times as long as later, and keeps the compilers busy with its general form. So whoever has such a loop has a plain one
 * too, with the same bits as results, and takes that one while {@link #over} says no; loops that have been asked for a few
 * times are meanwhile rehearsed by a thread, see {@link RehearsalQueue}. Safe for any number of threads.
 *
 * <p>A JVM compiles what is called and goes round often, whatever that takes. So most calls of a rehearsal are empty: they
 * count, and take next to nothing; those in between let the compilers see the loop go round. A rehearsal is over when some
 * calls were as fast as compiled ones.
 */
public final class Rehearsal {
    /** What switches rehearsals off: loops then run as they are from the first call on. */
    static final String PROPERTY = "tenon.rehearsal";

    private static final boolean OFF = "off".equals(System.getProperty(PROPERTY));

    /** Calls from which on a loop is worth a rehearsal. */
    private static final int WORTH_CALLS = 16;

    /** What a call with work takes at most when it is compiled: many times what it takes, and many times less than otherwise. */
    private static final long COMPILED_NANOS = 2_000;

    /** Calls that are as fast as compiled ones: a few, as the first may be so by chance. */
    private static final int FAST_CALLS = 3;

    private final boolean first;
    private final RehearsalQueue queue;
    private final Supplier<List<Loop>> source;
    private volatile boolean over;

    // Counts need not be exact.
    private int calls;

    // Of the thread that rehearses.
    private List<Loop> loops;

    /** A loop, which is given 1 for a hundred vector operations or more, and 0 for none at all. */
    public static final class Loop {
        private final int empty;
        private final IntConsumer run;
        private int fast;

        private Loop(int empty, IntConsumer run) {
            this.empty = empty;
            this.run = run;
        }

        /**
         * A loop of nothing but operations on vectors.
         *
         * @param run the loop
         * @return the loop with how often it is called
         */
        public static Loop of(IntConsumer run) {
            return new Loop(128, run);
        }

        /**
         * A loop that calls methods with vectors as arguments. The compiler puts a method into the loop only if a call
         * of the loop goes round often enough on the average.
         *
         * @param run the loop, which goes round 16 times or more
         * @return the loop with how often it is called
         */
        public static Loop calling(IntConsumer run) {
            return new Loop(24, run);
        }

        private boolean isCompiled() {
            for (int i = 0; i < empty; i++) {
                run.accept(0);
            }
            long before = System.nanoTime();
            run.accept(1);
            if (System.nanoTime() - before <= COMPILED_NANOS) {
                fast++;
            }
            return fast >= FAST_CALLS;
        }
    }

    /**
     * A rehearsal of its own queue.
     *
     * @param queue the queue
     * @param first whether it comes before those that do not
     * @param source makes the loops and what they work on, when they are rehearsed
     * @param over whether there is nothing to rehearse
     */
    Rehearsal(RehearsalQueue queue, boolean first, Supplier<List<Loop>> source, boolean over) {
        this.queue = queue;
        this.first = first;
        this.source = source;
        this.over = over;
    }

    /**
     * The rehearsal of some loops.
     *
     * @param source makes the loops and what they work on, when they are rehearsed
     * @return the rehearsal
     */
    public static Rehearsal of(Supplier<List<Loop>> source) {
        return new Rehearsal(RehearsalQueue.SHARED, false, source, OFF);
    }

    /**
     * The rehearsal of loops that most of the work is done by, which come before others.
     *
     * @param source makes the loops and what they work on, when they are rehearsed
     * @return the rehearsal
     */
    public static Rehearsal first(Supplier<List<Loop>> source) {
        return new Rehearsal(RehearsalQueue.SHARED, true, source, OFF);
    }

    /**
     * Whether the loops are compiled. If not, the call counts, and may wait while loops are rehearsed, for a tenth of a
     * second at most.
     *
     * @return true if the loops are fast, false if plain ones are better
     */
    public boolean over() {
        return over || missed();
    }

    private boolean missed() {
        int now = calls + 1;
        if (now <= WORTH_CALLS) {
            calls = now;
            if (now == WORTH_CALLS) {
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

    /** Calls the loops that are not compiled, each a number of times; whether none is left. */
    boolean goesOn() {
        if (loops == null) {
            loops = new ArrayList<>(source.get());
        }
        loops.removeIf(Loop::isCompiled);
        return !loops.isEmpty();
    }

    /** Loops run as they are from now on. */
    void end() {
        over = true;
        loops = null;
    }

    /**
     * Whether loops wait for their rehearsal.
     *
     * @return true if later calls may be faster for that
     */
    public static boolean isPending() {
        return RehearsalQueue.SHARED.isPending();
    }

    /**
     * Waits until no loop waits for its rehearsal any more.
     *
     * @param nanos for how long at most
     * @throws InterruptedException if the thread is interrupted
     */
    public static void await(long nanos) throws InterruptedException {
        RehearsalQueue.SHARED.await(nanos);
    }
}

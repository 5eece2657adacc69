package dev.tenon.budget;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.ResourceLimitException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The time and the operations that are left for some work, and whether its thread is interrupted. Work that goes on
 * counts its operations; now and then, after a few thousand of them, the clock and the interrupt are looked at. When a
 * limit is reached, the counting throws.
 *
 * <p>A budget belongs to the thread that started it. {@link #enter} makes it the budget of the calling thread. Threads
 * that help with the work may enter it too: they see its limits and the interrupt of the first thread, and operations
 * that several threads count at the same moment may get lost. A budget may be used for one piece of work after the
 * other. Counting and looking allocate nothing.
 */
public final class WorkBudget {
    /** The operations between two looks at the clock and the interrupt: a few milliseconds in interpreted code. */
    static final int OPERATIONS_BETWEEN_LOOKS = 1 << 12;

    /** The operations that may be done ahead of calls: tens of seconds of references, a few seconds of kernels. */
    public static final long AHEAD_OPERATIONS = 1L << 32;

    private static final ThreadLocal<WorkBudget> CURRENT = new ThreadLocal<>();

    private WorkLimits limits;
    private Object doing;
    private Thread caller;

    /** Whether the work is to end, asked at each look; null if nobody may end it. */
    private BooleanSupplier stop;

    private long started;
    private long spent;
    private long nextLook;
    private long ahead;
    private WorkMeter meter;

    /** The bytes of the objects that were made since the meter started. */
    private long objects;

    /** A budget that is not started. */
    public WorkBudget() {}

    /**
     * A budget that is started.
     *
     * @param work what is done, for messages: an object whose text names it
     * @param allowed the limits
     * @return the budget
     */
    public static WorkBudget started(Object work, WorkLimits allowed) {
        WorkBudget budget = new WorkBudget();
        budget.start(work, allowed);
        return budget;
    }

    /**
     * Starts a piece of work of the calling thread: from now on its time and its operations count.
     *
     * @param work what is done, for messages: an object whose text names it
     * @param allowed the limits
     */
    public void start(Object work, WorkLimits allowed) {
        limits = allowed;
        doing = work;
        caller = Thread.currentThread();
        stop = null;
        started = System.nanoTime();
        spent = 0;
        nextLook = OPERATIONS_BETWEEN_LOOKS;
        ahead = 0;
        objects = 0;
        meter = null;
    }

    /** Forgets the work and its thread. The budget has to be started again. */
    public void end() {
        doing = null;
        caller = null;
        stop = null;
    }

    /**
     * Ends the work when a condition holds.
     *
     * @param condition is asked whenever the limits are looked at, by any thread that does the work; null for none
     */
    public void stopWhen(BooleanSupplier condition) {
        stop = condition;
    }

    /**
     * The budget of the calling thread.
     *
     * @return the budget that was entered last and is not left; null if there is none
     */
    public static WorkBudget current() {
        return CURRENT.get();
    }

    /**
     * Counts operations of the calling thread. Does nothing if it has no budget.
     *
     * @param operations how many, at least 0
     * @throws InterruptedPredictionException if the time is over or the thread is interrupted
     * @throws ResourceLimitException if the operations are used up
     */
    public static void spend(long operations) {
        WorkBudget budget = CURRENT.get();
        if (budget != null) {
            budget.count(operations);
        }
    }

    /**
     * Looks at the budget of the calling thread. Whoever catches an exception of a part of the work and goes on calls it
     * first: the exception may be that of the budget. Does nothing if the thread has no budget.
     *
     * @throws InterruptedPredictionException if the time is over or the thread is interrupted
     * @throws ResourceLimitException if the operations are used up
     */
    public static void check() {
        WorkBudget budget = CURRENT.get();
        if (budget != null) {
            budget.look();
        }
    }

    /**
     * Makes this the budget of the calling thread.
     *
     * @return the budget that the thread had before, for {@link #leave}; null if it had none
     */
    public WorkBudget enter() {
        WorkBudget before = CURRENT.get();
        CURRENT.set(this);
        return before;
    }

    /**
     * Ends what {@link #enter} began.
     *
     * @param before the result of {@code enter}
     */
    public static void leave(WorkBudget before) {
        // Not removed: a thread that predicts again would allocate a new entry. An entry of null keeps nothing alive.
        CURRENT.set(before);
    }

    /**
     * Does some work under this budget.
     *
     * @param <T> the class of its result
     * @param work the work
     * @return its result
     */
    public <T> T run(Supplier<T> work) {
        WorkBudget before = enter();
        try {
            return work.get();
        } finally {
            leave(before);
        }
    }

    /**
     * Names what is done next, for messages.
     *
     * @param work an object whose text names it
     */
    public void doing(Object work) {
        doing = work;
    }

    /**
     * Counts operations.
     *
     * @param operations how many, at least 0
     * @throws InterruptedPredictionException if the time is over or the thread is interrupted
     * @throws ResourceLimitException if the operations are used up
     */
    public void count(long operations) {
        spent = operations > Long.MAX_VALUE - spent ? Long.MAX_VALUE : spent + operations;
        if (spent >= nextLook) {
            look();
        }
    }

    /**
     * Looks at the limits now.
     *
     * @throws InterruptedPredictionException if the time is over or the thread is interrupted
     * @throws ResourceLimitException if the operations are used up
     */
    public void look() {
        nextLook = spent > Long.MAX_VALUE - OPERATIONS_BETWEEN_LOOKS ? spent : spent + OPERATIONS_BETWEEN_LOOKS;
        if (caller != null && caller.isInterrupted()) {
            throw new InterruptedPredictionException(
                    thing(), "the thread was interrupted " + progress(), null, "clear the interrupt and try again");
        }
        if (stop != null && stop.getAsBoolean()) {
            throw new InterruptedPredictionException(thing(), "the call was stopped " + progress(), null, null);
        }
        if (limits.nanos() != Long.MAX_VALUE && System.nanoTime() - started > limits.nanos()) {
            throw new InterruptedPredictionException(
                    thing(),
                    "the time limit was reached " + progress(),
                    millis(limits.nanos()),
                    "raise " + limits.timeOption());
        }
        if (spent > limits.operations()) {
            throw new ResourceLimitException(
                    thing(),
                    "the work has no end within the limit: it was stopped " + progress(),
                    limits.operations() + " operations",
                    "raise " + limits.operationsOption());
        }
    }

    /**
     * Tells whether a limit is reached. It does not throw.
     *
     * @return whether {@link #look} would throw
     */
    public boolean isOver() {
        return caller != null && caller.isInterrupted()
                || stop != null && stop.getAsBoolean()
                || limits.nanos() != Long.MAX_VALUE && System.nanoTime() - started > limits.nanos()
                || spent > limits.operations();
    }

    /**
     * The operations that were counted.
     *
     * @return their number since the start
     */
    public long spent() {
        return spent;
    }

    /**
     * A budget for a part of this work: it has the time that is left, and less operations.
     *
     * @param work what the part is
     * @param operations the largest number of operations of the part
     * @param objectBytes the most bytes of the objects that the part makes
     * @return a budget that is started. Its operations do not count for this one
     */
    public WorkBudget part(Object work, long operations, long objectBytes) {
        long left = limits.nanos() == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, limits.nanos() - (System.nanoTime() - started));
        WorkBudget part = started(
                work,
                new WorkLimits(
                        left,
                        Math.min(operations, limits.operations() - spent),
                        limits.timeOption(),
                        limits.operationsOption(),
                        Math.min(objectBytes, limits.objectBytes()),
                        limits.objectOption()));
        part.stop = stop;
        return part;
    }

    /**
     * A budget for work that this one waits for, with limits of its own. It ends at the latest when the time of this one
     * is over, and names the limit that it reached.
     *
     * @param work what is done
     * @param own its limits
     * @return a budget that is started. Its operations do not count for this one
     */
    public WorkBudget within(Object work, WorkLimits own) {
        boolean sooner =
                limits.nanos() != Long.MAX_VALUE && limits.nanos() - (System.nanoTime() - started) < own.nanos();
        WorkBudget inner = started(work, sooner ? own.withTime(limits.nanos(), limits.timeOption()) : own);
        inner.started = sooner ? started : inner.started;
        return inner;
    }

    /**
     * Leaves some time of this work out of account.
     *
     * @param nanos a time since the start, at least 0
     */
    public void exclude(long nanos) {
        started += nanos;
    }

    /**
     * The operations that may still be done ahead of calls, so that calls need not do them.
     *
     * @return a part of what is allowed, which is small in comparison with the limits of the standard options
     */
    public long aheadLeft() {
        return Math.max(0, AHEAD_OPERATIONS - ahead);
    }

    /**
     * Counts operations that were done ahead of calls.
     *
     * @param operations how many, at least 0
     * @throws InterruptedPredictionException if the time is over or the thread is interrupted
     * @throws ResourceLimitException if the operations are used up
     */
    public void countAhead(long operations) {
        ahead = operations > Long.MAX_VALUE - ahead ? Long.MAX_VALUE : ahead + operations;
        count(operations);
    }

    /**
     * Begins to count the elements of tensors: those that the calling thread makes until {@link #endMeter} count their
     * accesses.
     *
     * @return the meter, which is the one that runs already if there is one
     */
    public WorkMeter startMeter() {
        if (meter == null) {
            meter = new WorkMeter(this);
            objects = 0;
        }
        return meter;
    }

    /** Ends the meter. Tensors that it counts for are free of it from now on. The limits are not looked at. */
    public void endMeter() {
        spent = Math.min(spent, Long.MAX_VALUE - OPERATIONS_BETWEEN_LOOKS) + meter.end();
        meter = null;
    }

    /** Counts bytes of objects, of the reference for which the meter runs. */
    void countObjects(long bytes) {
        objects = bytes > Long.MAX_VALUE - objects ? Long.MAX_VALUE : objects + bytes;
        if (objects > limits.objectBytes()) {
            throw new ResourceLimitException(
                    thing(),
                    "makes texts, or tensors of a sequence, that take " + objects + " bytes and more",
                    limits.objectBytes() + " bytes",
                    limits.objectOption().isEmpty() ? null : "raise " + limits.objectOption());
        }
    }

    /**
     * The bytes of texts, and of tensors of sequences, that the last reference made.
     *
     * @return their number since the last meter was started
     */
    public long objects() {
        return objects;
    }

    /**
     * The meter that runs.
     *
     * @return the meter, null if none runs
     */
    public WorkMeter meter() {
        return meter;
    }

    /**
     * The meter of the calling thread.
     *
     * @return the meter of its budget; null if none runs
     */
    public static WorkMeter currentMeter() {
        WorkBudget budget = CURRENT.get();
        return budget == null ? null : budget.meter;
    }

    private String thing() {
        return String.valueOf(doing);
    }

    private String progress() {
        return "after " + millis(System.nanoTime() - started) + " and " + spent + " operations";
    }

    private static String millis(long nanos) {
        return nanos / 1_000_000 + " ms";
    }
}

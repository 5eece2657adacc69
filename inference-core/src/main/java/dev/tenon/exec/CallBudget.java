package dev.tenon.exec;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Node;
import java.util.function.BooleanSupplier;

/**
 * The time and the iterations that are left to a call and all the bodies that it runs. A context has one and uses it
 * for all its calls. For one thread at a time.
 */
final class CallBudget {
    private CallLimits limits;
    private long deadline;
    private long iterations;
    /** Asked before each step whether the call is to end; null if nobody may end it. */
    private BooleanSupplier stop;

    /** Starts a call. The supplier tells whether it is to end early; it may be null. */
    void begin(CallLimits given, BooleanSupplier end) {
        limits = given;
        stop = end;
        deadline = given.maxNanos() == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + given.maxNanos();
        iterations = 0;
    }

    /**
     * Checks that the next step may begin.
     *
     * @throws InterruptedPredictionException if the time is over, the thread is interrupted, or the call is to end
     */
    void checkTime(Node next) {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedPredictionException(
                    next.toString(), "the thread was interrupted", null, "clear the interrupt and predict again");
        }
        if (stop != null && stop.getAsBoolean()) {
            throw new InterruptedPredictionException(next.toString(), "the call was stopped before it", null, null);
        }
        if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
            throw new InterruptedPredictionException(
                    next.toString(), "the time limit was reached before it", null, "raise SessionOptions.timeLimit");
        }
    }

    /**
     * Takes one run of a body of a control operator.
     *
     * @throws ResourceLimitException if none is left
     */
    void takeIteration(Node node) {
        if (iterations >= limits.maxIterations()) {
            throw new ResourceLimitException(
                    node.toString(),
                    "more than " + iterations + " runs of the bodies of loops and branches in one call",
                    limits.maxIterations() + " runs",
                    "raise SessionOptions.maxIterations, unless the loop never ends");
        }
        iterations++;
    }
}

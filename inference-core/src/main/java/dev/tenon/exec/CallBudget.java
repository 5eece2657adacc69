package dev.tenon.exec;

import dev.tenon.InterruptedPredictionException;
import dev.tenon.graph.Node;
import dev.tenon.tensor.ResourceLimitException;

/** What a call may still take, with all the bodies that it runs. Kept with a context and used again; of one thread. */
final class CallBudget {
    private CallLimits limits;
    private long deadline;
    private long iterations;

    /** Starts a call. */
    void begin(CallLimits given) {
        limits = given;
        deadline = given.maxNanos() == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + given.maxNanos();
        iterations = 0;
    }

    /** Fails if there is no time for a step. */
    void checkTime(Node next) {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedPredictionException(
                    next.toString(), "the thread was interrupted", null, "clear the interrupt and predict again");
        }
        if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
            throw new InterruptedPredictionException(
                    next.toString(), "the time limit was reached before it", null, "raise SessionOptions.timeLimit");
        }
    }

    /** Takes one run of a body of a control operator. */
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

package dev.tenon.exec;

import dev.tenon.InterruptedPredictionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Node;

/** What a call may still take, with all the bodies that it runs. Kept with a context and used again; of one thread. */
final class Allowance {
    private RunLimits limits;
    private long deadline;
    private long rounds;

    /** Starts a call. */
    void begin(RunLimits given) {
        limits = given;
        deadline = given.maxNanos() == Long.MAX_VALUE ? Long.MAX_VALUE : System.nanoTime() + given.maxNanos();
        rounds = 0;
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
    void takeRound(Node node) {
        if (rounds >= limits.maxRounds()) {
            throw new ResourceLimitException(
                    node.toString(),
                    "more than " + rounds + " runs of the bodies of loops and branches in one call",
                    limits.maxRounds() + " runs",
                    "raise SessionOptions.maxRounds, if the loop is to end at all");
        }
        rounds++;
    }
}

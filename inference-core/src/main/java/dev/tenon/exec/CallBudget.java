package dev.tenon.exec;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Node;
import java.util.function.BooleanSupplier;

/**
 * The work and the iterations that are left to a call and all the bodies that it runs. A context has one and uses it
 * for all its calls. For one thread at a time.
 */
final class CallBudget {
    private final WorkBudget work = new WorkBudget();
    private CallLimits limits;
    private long iterations;

    /** Starts a call. The supplier tells whether it is to end early; it may be null. */
    void begin(CallLimits given, BooleanSupplier stop) {
        limits = given;
        work.start("a call", given.call());
        work.stopWhen(stop);
        iterations = 0;
    }

    /** The work of the call. */
    WorkBudget work() {
        return work;
    }

    /**
     * Takes the work of the next step, before it begins.
     *
     * @param next the node of the step
     * @param nanos how long the step is expected to take on one thread, 0 if that is not known
     * @throws dev.tenon.error.TenonException if a limit is reached, the thread is interrupted, or the call is to end
     */
    void takeStep(Node next, long nanos) {
        work.doing(next);
        work.count(nanos);
        work.look();
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

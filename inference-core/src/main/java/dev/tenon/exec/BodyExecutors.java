package dev.tenon.exec;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.plan.Program;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;

/**
 * The executors of the bodies of one program, each made when its body runs first. A program for certain input shapes may
 * have bodies of its own: their executors are kept as long as its plan, and not longer. Safe for any number of threads.
 */
final class BodyExecutors {
    private final Program program;
    /** The executors of the program of all shapes; null if this is it. */
    private final BodyExecutors general;

    private final BiFunction<Graph, Program, Executor> maker;
    private final Set<Graph> bodies;
    private final Map<Graph, Executor> executors = new IdentityHashMap<>();
    /** The executors that are made. Reading them waits for none that is in the making. */
    private final Queue<Executor> made = new ConcurrentLinkedQueue<>();

    /**
     * No executors yet.
     *
     * @param program the program that has the bodies
     * @param maker makes the executor of a body of a program
     */
    BodyExecutors(Program program, BiFunction<Graph, Program, Executor> maker) {
        this(program, null, maker);
    }

    private BodyExecutors(Program program, BodyExecutors general, BiFunction<Graph, Program, Executor> maker) {
        this.program = program;
        this.general = general;
        this.maker = maker;
        this.bodies = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node node : program.graph().nodes()) {
            if (node.op() instanceof GraphOp control) {
                bodies.addAll(control.bodies());
            }
        }
    }

    /** The executors of another form of the program, which shares those of bodies that both have. */
    BodyExecutors of(Program form) {
        return form == program ? this : new BodyExecutors(form, this, maker);
    }

    /** The executor of a body. */
    Executor of(Graph body) {
        if (general != null && general.bodies.contains(body)) {
            return general.of(body);
        }
        synchronized (executors) {
            return executors.computeIfAbsent(body, b -> {
                Executor executor = maker.apply(b, program);
                made.add(executor);
                return executor;
            });
        }
    }

    /**
     * Drops the plans of the bodies of a form whose own plan was dropped: no call finds them again. A call that still runs
     * the form makes those that it needs again.
     */
    void dropPlans() {
        if (general != null) {
            made.forEach(executor -> executor.plans().drop());
        }
    }

    /** How many executors there are. */
    int size() {
        synchronized (executors) {
            return executors.size();
        }
    }
}

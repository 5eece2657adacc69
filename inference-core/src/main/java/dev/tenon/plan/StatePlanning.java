package dev.tenon.plan;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.Kernel;
import dev.tenon.op.ViewOp;
import dev.tenon.plan.ValueLocation.InBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the new values of states into their memory. A step writes there if all that read the state have run before, or if it
 * is the last of them and its kernel may work in place. All other new values are copied there after the last step. For one
 * thread.
 */
final class StatePlanning {
    private static final String STATE = "state";

    /** Adds a step that copies a value. */
    interface Copier {
        /**
         * Adds the step.
         *
         * @param node the node of the step
         * @param from the value
         * @param to where it is copied
         */
        void copy(Node node, PlannedValue from, InBuffer to);
    }

    private final StatePairs pairs;
    private final Graph graph;
    private final PlanBuilder plan;
    private final RewriteTrace trace;
    /** The states that values are the new values of; operators that only change a shape may follow such a value. */
    private final Map<Value, Integer> made = new IdentityHashMap<>();

    /**
     * The states of a plan.
     *
     * @param program the program that is planned
     * @param plan the plan that is made
     * @param trace is told which steps write into states, and which nearly do
     */
    StatePlanning(Program program, PlanBuilder plan, RewriteTrace trace) {
        this.pairs = program.states();
        this.graph = program.graph();
        this.plan = plan;
        this.trace = trace;
        for (int s = 0; s < pairs.count(); s++) {
            Value v = graph.outputs().get(pairs.output(s));
            while (v.producer() != null && v.producer().op() instanceof ViewOp) {
                v = v.producer().input(0);
            }
            if (v.producer() != null) {
                made.putIfAbsent(v, s);
            }
        }
    }

    /** Tells the plan which inputs are states. Call it when they are defined. */
    void begin() {
        for (int s = 0; s < pairs.count(); s++) {
            memory(s).isState = true;
        }
    }

    private InBuffer location(int state) {
        return (InBuffer) plan.get(graph.inputs().get(pairs.input(state))).location();
    }

    private UnplacedBuffer memory(int state) {
        return plan.root(location(state));
    }

    /**
     * The memory of the state that an output is the new value of, if the step may write there; else null.
     *
     * @param n the node of the step
     * @param output the index of the output
     * @param kernel the kernel that writes it, null for a dynamic step
     */
    InBuffer place(PlannedNode n, int output, Kernel kernel) {
        Integer state = made.isEmpty() ? null : made.get(n.output(output));
        if (state == null || !ValueSizes.inMemory(n.types().get(output))) {
            return null;
        }
        UnplacedBuffer memory = memory(state);
        String reason = ValueSizes.bytes(n.tensorType(output)) != memory.bytes
                ? "the result has another size"
                : reasonAgainst(n, output, kernel, memory);
        if (reason != null) {
            trace.refused(STATE, graph.name(), n.node(), reason);
            return null;
        }
        trace.fired(STATE, graph.name(), n.node());
        memory.isWritten = true;
        return new InBuffer(location(state).buffer(), n.tensorType(output));
    }

    /** Why a step may not write into a state; null if it may. */
    private String reasonAgainst(PlannedNode n, int output, Kernel kernel, UnplacedBuffer memory) {
        if (memory.lastReader > n.index()) {
            return "the state is read later";
        }
        int reads = 0;
        for (int i = 0; i < n.inputs().size() && memory.lastReader == n.index(); i++) {
            if (n.inputs().get(i) == null
                    || !(n.inputs().get(i).location() instanceof InBuffer b)
                    || plan.root(b) != memory) {
                continue;
            }
            boolean whole = b.offset() == 0 && ValueSizes.bytes(b.type()) == memory.bytes;
            if (!whole || kernel == null || !kernel.inPlace(i, output)) {
                return "the step can't write over the state that it reads";
            }
            reads++;
        }
        return reads > 1 ? "the step reads the state twice" : null;
    }

    /**
     * Adds the steps that copy what is not in its place after the last step.
     *
     * @param copier adds a step
     * @return where the outputs of the graph are
     */
    List<ValueLocation> finish(Copier copier) {
        List<ValueLocation> outputs = new ArrayList<>();
        for (Value v : graph.outputs()) {
            outputs.add(plan.get(v).location());
        }
        if (pairs.count() == 0) {
            return outputs;
        }
        UnplacedBuffer[] own = new UnplacedBuffer[outputs.size()];
        for (int s = 0; s < pairs.count(); s++) {
            own[pairs.output(s)] = memory(s);
        }
        // An output that is a state as it was before the call is saved before any state is written over.
        for (int o = 0; o < own.length; o++) {
            if (outputs.get(o) instanceof InBuffer b && plan.root(b).keepsOldState() && plan.root(b) != own[o]) {
                String name = graph.outputNames().get(o);
                InBuffer saved = new InBuffer(plan.newBuffer(b.type(), name, plan.nextStep(), false), b.type());
                copy(o, outputs, saved, copier);
            }
        }
        for (int s = 0; s < pairs.count(); s++) {
            int o = pairs.output(s);
            if (!(outputs.get(o) instanceof InBuffer b) || plan.root(b) != own[o]) {
                copy(o, outputs, location(s), copier);
            }
        }
        return outputs;
    }

    private void copy(int output, List<ValueLocation> outputs, InBuffer to, Copier copier) {
        PlannedValue value = plan.get(graph.outputs().get(output));
        copier.copy(pairs.copy(output), new PlannedValue(value.type(), null, outputs.get(output)), to);
        outputs.set(output, to);
    }
}

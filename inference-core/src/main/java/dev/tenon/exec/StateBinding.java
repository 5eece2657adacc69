package dev.tenon.exec;

import dev.tenon.error.InvalidInputException;
import dev.tenon.exec.BoundPlan.BoundDynamicStep;
import dev.tenon.exec.BoundPlan.BoundKernelStep;
import dev.tenon.exec.BoundPlan.BoundStep;
import dev.tenon.graph.Graph;
import dev.tenon.plan.KernelOperand;
import dev.tenon.plan.KernelOperand.BufferOperand;
import dev.tenon.plan.Plan;
import dev.tenon.plan.StatePairs;
import dev.tenon.plan.Step;
import dev.tenon.plan.ValueLocation;
import dev.tenon.plan.ValueLocation.InBuffer;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the tensors that the caller gives for states the memory of these states during one call. They have no other memory:
 * a call with a tensor that can't be bound is refused, and so is a call with memory that another call of this process has
 * as a state at the time.
 *
 * <p>Binding allocates nothing but a segment for each operand that is a part of a state. For one thread at a time.
 */
final class StateBinding {
    /** The bindings of all calls that run. Their lock guards it. */
    private static final List<StateBinding> IN_USE = new ArrayList<>();

    /** An operand of a kernel that is a state, or a part of one. */
    private record Operand(int state, MemorySegment[] operands, int index, BufferOperand place) {}

    /** A value of a dynamic step, or an output, that is a state or a part of one. */
    private record View(int state, Tensor[] tensors, int index, InBuffer place) {}

    private final StatePairs pairs;
    private final Graph graph;
    private final Operand[] operands;
    private final View[] views;
    private final boolean[] isInput;
    /** The outputs that are the new values of states. */
    private final boolean[] isOutput;

    /** The tensors of the states in this call. */
    private final Tensor[] tensors;
    /** The states by their addresses in the last call. */
    private final int[] order;

    private boolean entered;

    /**
     * Finds the places of states.
     *
     * @param plan the plan
     * @param steps its steps; operands that are states are null
     * @param outputs a tensor for each output of the plan, null for outputs in states
     */
    StateBinding(Plan plan, List<BoundStep> steps, Tensor[] outputs) {
        pairs = plan.program().states();
        graph = plan.program().graph();
        isInput = new boolean[plan.inputs().size()];
        isOutput = new boolean[outputs.length];
        List<Operand> foundOperands = new ArrayList<>();
        List<View> foundViews = new ArrayList<>();
        tensors = new Tensor[pairs.count()];
        order = new int[tensors.length];
        Map<Integer, Integer> buffers = new HashMap<>();
        for (int s = 0; s < tensors.length; s++) {
            order[s] = s;
            isInput[pairs.input(s)] = true;
            isOutput[pairs.output(s)] = true;
            buffers.put(((InBuffer) plan.inputs().get(pairs.input(s))).buffer(), s);
        }
        for (int i = 0; i < steps.size() && !buffers.isEmpty(); i++) {
            switch (steps.get(i)) {
                case BoundKernelStep k ->
                    find(k, ((Step.KernelStep) plan.steps().get(i)).operands(), buffers, foundOperands);
                case BoundDynamicStep d -> {
                    find(d.inputs(), d.step().inputs(), buffers, foundViews);
                    find(d.outputs(), d.step().outputs(), buffers, foundViews);
                }
            }
        }
        find(outputs, plan.outputs(), buffers, foundViews);
        operands = foundOperands.toArray(Operand[]::new);
        views = foundViews.toArray(View[]::new);
    }

    private static void find(
            BoundKernelStep step, List<KernelOperand> planned, Map<Integer, Integer> buffers, List<Operand> found) {
        for (int i = 0; i < planned.size(); i++) {
            if (planned.get(i) instanceof BufferOperand b && buffers.containsKey(b.buffer())) {
                found.add(new Operand(buffers.get(b.buffer()), step.operands(), i, b));
            }
        }
    }

    private static void find(
            Tensor[] places, List<ValueLocation> planned, Map<Integer, Integer> buffers, List<View> found) {
        for (int i = 0; i < places.length; i++) {
            if (planned.get(i) instanceof InBuffer b && buffers.containsKey(b.buffer())) {
                found.add(new View(buffers.get(b.buffer()), places, i, b));
            }
        }
    }

    /** Whether an input is a state, and neither copied nor bound in another way. */
    boolean isInput(int i) {
        return isInput[i];
    }

    /** Whether an output is the new value of a state, which is in its place when the last step has run. */
    boolean isOutput(int i) {
        return isOutput[i];
    }

    /**
     * Makes the tensors of a call the memory of its states. Call {@link #unbind} afterwards, whatever happens.
     *
     * @throws InvalidInputException if a tensor can't be bound. Nothing is written then
     */
    void bind(ExecutionContext context) {
        if (tensors.length == 0) {
            return;
        }
        for (int s = 0; s < tensors.length; s++) {
            tensors[s] = checked(s, context);
        }
        sort();
        checkApart();
        for (int o = 0; o < isOutput.length; o++) {
            if (!isOutput[o] && context.outputs()[o] instanceof Tensor t) {
                checkApart(o, t);
            }
        }
        enter();
        for (Operand o : operands) {
            o.operands()[o.index()] =
                    part(o.state(), o.place().offset(), o.place().bytes());
        }
        for (View v : views) {
            v.tensors()[v.index()] = view(v);
        }
    }

    private MemorySegment part(int state, long offset, long bytes) {
        MemorySegment all = tensors[state].segment();
        return offset == 0 && bytes == all.byteSize() ? all : all.asSlice(offset, bytes);
    }

    private Tensor view(View v) {
        Tensor state = tensors[v.state()];
        TensorType type = v.place().type();
        if (v.place().offset() == 0 && type.equals(state.type())) {
            return state;
        }
        long bytes = type.dtype().byteSize(type.shape().knownElements());
        return Tensor.of(
                type.dtype(),
                part(v.state(), v.place().offset(), bytes),
                type.shape().toArray());
    }

    /** The tensor of a state. Its type was checked with the other inputs. */
    private Tensor checked(int state, ExecutionContext context) {
        Tensor tensor = (Tensor) context.inputs()[pairs.input(state)];
        String reason = tensor.isReadOnly() ? "a read-only tensor" : ZeroCopyBinding.reasonAgainst(tensor);
        if (reason != null) {
            throw new InvalidInputException(
                    name(state),
                    reason,
                    "native memory that can be written, is aligned to 64 bytes, and that every thread may use",
                    "keep the state in a tensor of Tensor.allocateNative");
        }
        Datum output = context.outputs()[pairs.output(state)];
        if (output != null && !(output instanceof Tensor t && isSame(t, tensor))) {
            throw new InvalidInputException(
                    name(state),
                    "other memory for the output than for the input",
                    "one tensor for both",
                    "leave the output out: it is in the tensor of the input");
        }
        return tensor;
    }

    private static boolean isSame(Tensor a, Tensor b) {
        return a.isNative()
                && a.segment().address() == b.segment().address()
                && a.dtype() == b.dtype()
                && InputOutputTransfer.sameDims(a, b);
    }

    private String name(int state) {
        return "state '" + graph.inputs().get(pairs.input(state)).name() + "' to '"
                + graph.outputNames().get(pairs.output(state)) + "'";
    }

    private long start(int state) {
        return tensors[state].segment().address();
    }

    private long end(int state) {
        return start(state) + tensors[state].byteSize();
    }

    /** Sorts the states by their addresses. It takes little where they are as in the last call. */
    private void sort() {
        for (int i = 1; i < order.length; i++) {
            int state = order[i];
            int at = i;
            while (at > 0 && start(order[at - 1]) > start(state)) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = state;
        }
    }

    private void checkApart() {
        int last = -1;
        for (int state : order) {
            if (start(state) == end(state)) {
                continue;
            }
            if (last >= 0 && start(state) < end(last)) {
                throw new InvalidInputException(
                        name(state), "memory of " + name(last), "memory of its own", "give each state a tensor");
            }
            last = state;
        }
    }

    /** Refuses an output of the caller that shares memory with a state. */
    private void checkApart(int output, Tensor t) {
        int state = sharing(t);
        if (state >= 0) {
            throw new InvalidInputException(
                    "output '" + graph.outputNames().get(output) + "'",
                    "memory of " + name(state),
                    "memory of its own",
                    "give the output another tensor");
        }
    }

    /** Whether a tensor shares memory with a state. */
    boolean overlaps(Datum d) {
        return tensors.length > 0 && d instanceof Tensor t && sharing(t) >= 0;
    }

    /** The state that shares a byte with a tensor; -1 if none does. */
    private int sharing(Tensor t) {
        if (!t.isNative() || t.byteSize() == 0) {
            return -1;
        }
        long start = t.segment().address();
        // The number of states that begin before the end of the tensor.
        int before = 0;
        for (int above = order.length; before < above; ) {
            int middle = (before + above) >>> 1;
            if (start(order[middle]) < start + t.byteSize()) {
                before = middle + 1;
            } else {
                above = middle;
            }
        }
        for (int i = before - 1; i >= 0; i--) {
            if (start(order[i]) != end(order[i])) {
                return end(order[i]) > start ? order[i] : -1;
            }
        }
        return -1;
    }

    private void enter() {
        synchronized (IN_USE) {
            for (int i = 0; i < IN_USE.size(); i++) {
                int state = meets(IN_USE.get(i));
                if (state >= 0) {
                    throw new InvalidInputException(
                            name(state),
                            "memory that is a state of another call, which runs now",
                            "memory that one call at a time uses",
                            "wait until that call ends, or give this one a state of its own");
                }
            }
            IN_USE.add(this);
            entered = true;
        }
    }

    /** A state that shares a byte with a state of another call; -1 if there is none. */
    private int meets(StateBinding other) {
        int mine = 0;
        int its = 0;
        while (mine < order.length && its < other.order.length) {
            int state = order[mine];
            int theirs = other.order[its];
            if (end(state) <= other.start(theirs) || start(state) == end(state)) {
                mine++;
            } else if (other.end(theirs) <= start(state) || other.start(theirs) == other.end(theirs)) {
                its++;
            } else {
                return state;
            }
        }
        return -1;
    }

    /** Whether the memory of a state was freed. */
    boolean anyClosed() {
        for (Tensor t : tensors) {
            if (t != null && !t.segment().scope().isAlive()) {
                return true;
            }
        }
        return false;
    }

    /** Ends the call's use of its tensors. It may be called again. */
    void unbind() {
        if (entered) {
            synchronized (IN_USE) {
                IN_USE.remove(this);
            }
            entered = false;
            for (Operand o : operands) {
                o.operands()[o.index()] = null;
            }
            for (View v : views) {
                v.tensors()[v.index()] = null;
            }
        }
        Arrays.fill(tensors, null);
    }
}

package dev.tenon.plan;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.Kernel;
import dev.tenon.op.Op;
import dev.tenon.op.ViewOp;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.plan.ValueLocation.Fixed;
import dev.tenon.plan.ValueLocation.InBuffer;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Lets values share memory, so that a step or a copy is saved: outputs that are views of an operand, operands of a Concat that
 * are computed in the place of its result, and results that are written over an operand. The trace tells each saving, and each
 * that was refused with the reason.
 */
final class BufferSharing {
    private static final String VIEW = "view";
    private static final String JOINED = "joined";
    private static final String IN_PLACE = "in-place";

    private static final int MANY_OPERANDS = 256;

    private final PlanBuilder plan;
    private final String graph;
    private final RewriteTrace trace;

    /**
     * Shares the buffers of a plan.
     *
     * @param plan the plan that is made
     * @param graph the name of its graph, for the trace
     * @param trace is told what was shared
     */
    BufferSharing(PlanBuilder plan, String graph, RewriteTrace trace) {
        this.plan = plan;
        this.graph = graph;
        this.trace = trace;
    }

    /** Gives all outputs of a node a place in the memory of its operands or around it, if no step is needed then. */
    boolean share(PlannedNode n) {
        boolean shared = view(n);
        if (shared) {
            trace.fired(n.op() instanceof Concat ? JOINED : VIEW, graph, n.node());
        }
        return shared;
    }

    /**
     * Makes the outputs views of the first input, or the operands of a Concat parts of its result, if that is possible.
     */
    private boolean view(PlannedNode n) {
        for (ValueType type : n.types()) {
            if (!ValueSizes.inMemory(type)) {
                return false;
            }
        }
        if (n.op() instanceof Concat concat) {
            return join(n, concat);
        }
        List<PlannedValue> inputs = n.inputs();
        if (inputs.isEmpty() || inputs.getFirst() == null || !(inputs.getFirst().location() instanceof InBuffer in)) {
            return false;
        }
        if (n.op() instanceof ViewOp
                && n.tensorType(0).shape().knownElements() != in.type().shape().knownElements()) {
            throw new InvalidOperandException(
                    n.node().toString(),
                    "a result " + n.tensorType(0) + " of " + in.type(),
                    "a result of the same number of elements",
                    null);
        }
        if (plan.root(in).keepsOldState() && n.node().outputs().stream().anyMatch(plan::isOutput)) {
            refuse(VIEW, n, "the state may be written before the output is copied");
            return false;
        }
        long[] offsets = offsets(n.op(), in.type(), n.types(), inputs);
        for (int i = 0; offsets != null && i < offsets.length; i++) {
            TensorType type = n.tensorType(i);
            InBuffer location = new InBuffer(in.buffer(), in.offset() + offsets[i], type);
            plan.define(n.output(i), type, n.elements(i), location);
        }
        return offsets != null;
    }

    /** Where outputs begin in the first input, or null if they are not views of it. */
    private static long[] offsets(Op op, TensorType in, List<ValueType> types, List<PlannedValue> inputs) {
        if (op instanceof ViewOp) {
            return new long[1];
        }
        if (op instanceof Slice) {
            return sliceOffset(in, (TensorType) types.getFirst(), inputs);
        }
        if (!(op instanceof Split split)) {
            return null;
        }
        List<TensorType> parts = new ArrayList<>();
        for (ValueType type : types) {
            parts.add((TensorType) type);
        }
        return ViewOffsets.parts(split.axis(), in, parts);
    }

    private static long[] sliceOffset(TensorType in, TensorType out, List<PlannedValue> inputs) {
        List<Tensor> bounds = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            PlannedValue input = i < inputs.size() ? inputs.get(i) : null;
            if (input != null && !(input.location() instanceof Fixed)) {
                return null;
            }
            bounds.add(input == null ? null : ((Fixed) input.location()).tensor());
        }
        long offset = ViewOffsets.slice(in, out, bounds);
        return offset < 0 ? null : new long[] {offset};
    }

    /**
     * Makes the operands of a Concat parts of its result, so that they are computed in their place. Each operand must
     * be all of a buffer that nothing else uses. The parts are contiguous, or, along the last axis, parts of rows if
     * the kernels of the operands can write these.
     */
    private boolean join(PlannedNode n, Concat concat) {
        TensorType type = n.tensorType(0);
        Set<UnplacedBuffer> parts = Collections.newSetFromMap(new IdentityHashMap<>());
        List<InBuffer> locations = new ArrayList<>();
        List<TensorType> types = new ArrayList<>();
        int first = Integer.MAX_VALUE;
        for (PlannedValue input : n.inputs()) {
            if (!(input.location() instanceof InBuffer b)) {
                return false;
            }
            locations.add(b);
            UnplacedBuffer buffer = plan.buffers().get(b.buffer());
            if (buffer.whole != null
                    || !buffer.reusable
                    || b.offset() != 0
                    || buffer.bytes != ValueSizes.bytes(b.type())
                    || !parts.add(buffer)) {
                refuse(JOINED, n, "an operand is an input of the graph, or shares its memory");
                return false;
            }
            types.add(b.type());
            first = Math.min(first, buffer.first);
        }
        long[] offsets = ViewOffsets.parts(concat.axis(), type, types);
        if (offsets == null) {
            offsets = ViewOffsets.rowParts(concat.axis(), type, types);
            if (offsets == null || !new StridedOutput(plan.buffers(), plan.steps(), n.index()).write(locations, type)) {
                refuse(
                        JOINED,
                        n,
                        offsets == null
                                ? "its operands are neither runs of its memory nor aligned parts of its rows"
                                : "an operand's kernel can't write parts of rows, or the operand is read before");
                return false;
            }
        }
        int joined = plan.newBuffer(type, n.output(0).name(), first, true);
        for (int i = 0; i < offsets.length; i++) {
            plan.buffers().get(locations.get(i).buffer()).join(plan.buffers().get(joined), offsets[i]);
        }
        plan.define(n.output(0), type, n.elements(0), new InBuffer(joined, type));
        return true;
    }

    private void refuse(String saving, PlannedNode n, String reason) {
        trace.refused(saving, graph, n.node(), reason);
    }

    /** The location of an input that no later node reads, and that the kernel may write the output over; or null. */
    InBuffer inPlace(PlannedNode n, int output, Kernel kernel) {
        TensorType type = n.tensorType(output);
        if (n.outputCount() + n.inputs().size() > MANY_OPERANDS) {
            // Each operand would be compared with all others and with all results.
            return null;
        }
        for (int i = 0; i < n.inputs().size(); i++) {
            PlannedValue input = n.inputs().get(i);
            if (input == null
                    || !(input.location() instanceof InBuffer b)
                    || ValueSizes.bytes(b.type()) != ValueSizes.bytes(type)
                    || !kernel.inPlace(i, output)) {
                continue;
            }
            String reason = reasonAgainst(n, i, plan.root(b), output);
            if (reason != null) {
                refuse(IN_PLACE, n, reason);
                continue;
            }
            trace.fired(IN_PLACE, graph, n.node());
            return new InBuffer(b.buffer(), b.offset(), type);
        }
        return null;
    }

    /** Why an output may not be written over an input that the kernel would write over; null if it may. */
    private String reasonAgainst(PlannedNode n, int input, UnplacedBuffer buffer, int output) {
        if (!buffer.reusable) {
            return "the operand is an input of the graph";
        }
        if (buffer.lastReader > n.index()) {
            return "the operand is read later";
        }
        return isUsedTwice(n, input, buffer, output) ? "the operand's memory is used twice" : null;
    }

    /** Whether another input or an output before this one is in the same buffer. */
    private boolean isUsedTwice(PlannedNode n, int input, UnplacedBuffer buffer, int output) {
        for (int i = 0; i < n.inputs().size(); i++) {
            if (i != input && isIn(n.inputs().get(i), buffer)) {
                return true;
            }
        }
        for (int o = 0; o < output; o++) {
            if (n.output(o) != null && isIn(plan.get(n.output(o)), buffer)) {
                return true;
            }
        }
        return false;
    }

    private boolean isIn(PlannedValue value, UnplacedBuffer buffer) {
        return value != null && value.location() instanceof InBuffer b && plan.root(b) == buffer;
    }
}

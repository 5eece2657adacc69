package dev.tenon.exec;

import dev.tenon.plan.Buffer;
import dev.tenon.plan.KernelOperand.BufferOperand;
import dev.tenon.plan.MemoryPlan;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Step;
import dev.tenon.plan.ValueLocation;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes tensors of the caller operands of kernels during one call, in place of buffers of the arena. Nothing is copied
 * then: kernels read inputs and write outputs in the caller's memory.
 *
 * <p>A tensor must have memory like the arena's: native and not mapped, aligned, and usable by every thread. A buffer
 * can be replaced if only kernels use it, always as a whole, and if no other buffer is a part of it. Planning never
 * lets a step write over an input. The caller may ask for it, by giving the same tensor as an input and as an output.
 *
 * <p>Binding changes elements of the operand arrays of the bound plan, and allocates nothing. For one thread at a time.
 */
final class ZeroCopyBinding {
    /** A thread that is never started. Memory that it may use is not confined to another thread. */
    private static final Thread ANY_THREAD = new Thread(null, null, "any", 0, false);

    /** An operand of a kernel that is a certain buffer. */
    private record Use(MemorySegment[] operands, int index) {}

    private final Use[][] inputs;
    private final Use[][] outputs;
    private final MemorySegment[] arenaInputs;
    private final MemorySegment[] arenaOutputs;
    private final MemorySegment[] boundInputs;
    private final MemorySegment[] boundOutputs;
    /**
     * For each output the inputs that it may be written over: only the kernel that writes the output in place reads
     * such an input, and nothing uses the output's buffer before.
     */
    private final boolean[][] inPlace;

    /**
     * Finds the buffers that can be replaced.
     *
     * @param plan the plan
     * @param operands the operands of each step, null for dynamic steps
     */
    ZeroCopyBinding(Plan plan, List<MemorySegment[]> operands) {
        inputs = uses(plan, plan.inputs(), operands);
        outputs = uses(plan, plan.outputs(), operands);
        arenaInputs = arenaSegments(inputs);
        arenaOutputs = arenaSegments(outputs);
        boundInputs = new MemorySegment[inputs.length];
        boundOutputs = new MemorySegment[outputs.length];
        inPlace = new boolean[outputs.length][inputs.length];
        for (int s = 0; s < operands.size(); s++) {
            if (plan.steps().get(s) instanceof Step.KernelStep k) {
                findInPlace(k, operands.get(s));
            }
        }
    }

    private void findInPlace(Step.KernelStep step, MemorySegment[] operands) {
        int first = step.node().inputs().size();
        for (int i = 0; i < outputs.length; i++) {
            int to = firstIndex(outputs[i], operands, first);
            for (int j = 0; to >= 0 && j < inputs.length; j++) {
                int from = index(inputs[j], operands, 0);
                inPlace[i][j] |=
                        from >= 0 && inputs[j].length == 1 && step.kernel().inPlace(from, to - first);
            }
        }
    }

    /** The operand of a step that is an output and the first use of a buffer, or -1. */
    private static int firstIndex(Use[] uses, MemorySegment[] operands, int first) {
        int index = index(uses, operands, first);
        return index >= 0 && index(new Use[] {uses[0]}, operands, first) == index ? index : -1;
    }

    /**
     * The operand of a step, from an index on, that is a buffer, or -1. A step is identified by its array of operands.
     */
    @SuppressWarnings("ReferenceEquality")
    private static int index(Use[] uses, MemorySegment[] operands, int first) {
        if (uses != null) {
            for (Use use : uses) {
                if (use.operands == operands && use.index >= first) {
                    return use.index;
                }
            }
        }
        return -1;
    }

    private static Use[][] uses(Plan plan, List<ValueLocation> locations, List<MemorySegment[]> operands) {
        Use[][] all = new Use[locations.size()][];
        for (int i = 0; i < all.length; i++) {
            if (locations.get(i) instanceof ValueLocation.InBuffer b && isAlone(plan, b)) {
                all[i] = uses(plan, b.buffer(), operands);
            }
        }
        return all;
    }

    private static MemorySegment[] arenaSegments(Use[][] uses) {
        MemorySegment[] segments = new MemorySegment[uses.length];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = uses[i] == null ? null : uses[i][0].operands[uses[i][0].index];
        }
        return segments;
    }

    /**
     * Whether a value is all of a buffer, and the only input or output in it, and no other buffer shares its memory.
     */
    private static boolean isAlone(Plan plan, ValueLocation.InBuffer location) {
        Buffer buffer = plan.buffers().get(location.buffer());
        long bytes = location.type().dtype().byteSize(location.type().shape().knownElements());
        if (location.offset() != 0 || buffer.bytes() != bytes || bytes == 0) {
            return false;
        }
        int ends = 0;
        for (List<ValueLocation> locations : List.of(plan.inputs(), plan.outputs())) {
            for (ValueLocation other : locations) {
                ends += other instanceof ValueLocation.InBuffer b && b.buffer() == location.buffer() ? 1 : 0;
            }
        }
        for (int i = 0; i < plan.buffers().size(); i++) {
            Buffer other = plan.buffers().get(i);
            if (i != location.buffer()
                    && other.first() <= buffer.last()
                    && buffer.first() <= other.last()
                    && other.offset() < buffer.offset() + buffer.bytes()
                    && buffer.offset() < other.offset() + other.bytes()) {
                return false;
            }
        }
        return ends == 1;
    }

    /** The operands that are a buffer, or null if there are none or the buffer is used in another way. */
    private static Use[] uses(Plan plan, int buffer, List<MemorySegment[]> operands) {
        List<Use> uses = new ArrayList<>();
        long bytes = plan.buffers().get(buffer).bytes();
        for (int s = 0; s < plan.steps().size(); s++) {
            switch (plan.steps().get(s)) {
                case Step.KernelStep k -> {
                    for (int i = 0; i < k.operands().size(); i++) {
                        if (k.operands().get(i) instanceof BufferOperand b && b.buffer() == buffer) {
                            if (b.offset() != 0 || b.bytes() != bytes) {
                                return null;
                            }
                            uses.add(new Use(operands.get(s), i));
                        }
                    }
                }
                case Step.DynamicStep d -> {
                    if (touches(d.inputs(), buffer) || touches(d.outputs(), buffer)) {
                        return null;
                    }
                }
            }
        }
        return uses.isEmpty() ? null : uses.toArray(Use[]::new);
    }

    private static boolean touches(List<ValueLocation> locations, int buffer) {
        for (ValueLocation location : locations) {
            if (location instanceof ValueLocation.InBuffer b && b.buffer() == buffer) {
                return true;
            }
        }
        return false;
    }

    /**
     * Binds an input of the caller, if that is possible.
     *
     * @param i the index of the input
     * @param tensor a tensor of the input's type and shape
     * @return whether it is bound, and need not be copied
     */
    boolean bindInput(int i, Tensor tensor) {
        if (inputs[i] == null || !fits(tensor)) {
            return false;
        }
        boundInputs[i] = tensor.segment();
        put(inputs[i], tensor.segment());
        return true;
    }

    /**
     * Binds an output of the caller, if that is possible. It is not bound if it shares memory with a bound tensor,
     * except for an input that its kernel may write over. Call it when all inputs are bound.
     *
     * @param i the index of the output
     * @param tensor a tensor of the output's type and shape
     */
    void bindOutput(int i, Tensor tensor) {
        if (outputs[i] == null || !fits(tensor) || overlapsAny(boundOutputs, tensor.segment())) {
            return;
        }
        for (int j = 0; j < boundInputs.length; j++) {
            MemorySegment in = boundInputs[j];
            if (in != null && overlap(in, tensor.segment()) && !(inPlace[i][j] && same(in, tensor.segment()))) {
                return;
            }
        }
        boundOutputs[i] = tensor.segment();
        put(outputs[i], tensor.segment());
    }

    /**
     * Whether an output is bound.
     *
     * @param i the index of the output
     * @return whether it is written in the caller's memory, and need not be copied
     */
    boolean hasOutput(int i) {
        return boundOutputs[i] != null;
    }

    /**
     * Whether the memory of a bound tensor was freed.
     *
     * @return whether the arena of a bound tensor was closed
     */
    boolean anyClosed() {
        return anyClosed(boundInputs) || anyClosed(boundOutputs);
    }

    private static boolean anyClosed(MemorySegment[] segments) {
        for (MemorySegment segment : segments) {
            if (segment != null && !segment.scope().isAlive()) {
                return true;
            }
        }
        return false;
    }

    /** Makes buffers of the arena the operands again. */
    void unbind() {
        unbind(inputs, arenaInputs, boundInputs);
        unbind(outputs, arenaOutputs, boundOutputs);
    }

    private static void unbind(Use[][] uses, MemorySegment[] arena, MemorySegment[] bound) {
        for (int i = 0; i < bound.length; i++) {
            if (bound[i] != null) {
                bound[i] = null;
                put(uses[i], arena[i]);
            }
        }
    }

    private static void put(Use[] uses, MemorySegment segment) {
        for (Use use : uses) {
            use.operands[use.index] = segment;
        }
    }

    private static boolean fits(Tensor tensor) {
        if (!tensor.isNative()) {
            return false;
        }
        MemorySegment s = tensor.segment();
        return s.address() % MemoryPlan.ALIGNMENT == 0
                && !s.isMapped()
                && s.isAccessibleBy(ANY_THREAD)
                && s.scope().isAlive();
    }

    private static boolean overlapsAny(MemorySegment[] bound, MemorySegment s) {
        for (MemorySegment other : bound) {
            if (other != null && overlap(other, s)) {
                return true;
            }
        }
        return false;
    }

    private static boolean overlap(MemorySegment a, MemorySegment b) {
        return a.address() < b.address() + b.byteSize() && b.address() < a.address() + a.byteSize();
    }

    private static boolean same(MemorySegment a, MemorySegment b) {
        return a.address() == b.address() && a.byteSize() == b.byteSize();
    }
}

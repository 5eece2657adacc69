package dev.tenon.exec;

import dev.tenon.exec.ReplaceableBuffers.Use;
import dev.tenon.plan.MemoryPlan;
import dev.tenon.plan.Plan;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;

/**
 * Makes tensors of the caller operands of kernels during one call, in place of buffers of the arena. Nothing is copied
 * then: kernels read inputs and write outputs in the caller's memory.
 *
 * <p>A tensor must have memory like the arena's: native and not mapped, aligned, and usable by every thread. A buffer
 * can be replaced if only kernels use it, always as a whole, and if no other buffer is a part of it. Of thousands of
 * inputs or outputs the first ones are bound, and the others copied. Planning never
 * lets a step write over an input. The caller may ask for it, by giving the same tensor as an input and as an output.
 *
 * <p>Binding changes elements of the operand arrays of the bound plan, and allocates nothing. For one thread at a time.
 */
final class ZeroCopyBinding {
    /** A thread that is never started. Memory that it may use is not confined to another thread. */
    private static final Thread ANY_THREAD = new Thread(null, null, "any", 0, false);

    private final Use[][] inputs;
    private final Use[][] outputs;
    private final MemorySegment[] arenaInputs;
    private final MemorySegment[] arenaOutputs;
    private final MemorySegment[] boundInputs;
    private final MemorySegment[] boundOutputs;
    /**
     * For each output the inputs that it may be written over, null if there are none: only the kernel that writes the
     * output in place reads such an input, and nothing uses the output's buffer before.
     */
    private final BitSet[] inPlace;

    /**
     * Finds the buffers that can be replaced.
     *
     * @param plan the plan
     * @param operands the operands of each step, null for dynamic steps
     */
    ZeroCopyBinding(Plan plan, List<MemorySegment[]> operands) {
        ReplaceableBuffers replaceable = new ReplaceableBuffers(plan, operands);
        inputs = replaceable.inputs();
        outputs = replaceable.outputs();
        inPlace = replaceable.inPlace();
        arenaInputs = arenaSegments(inputs);
        arenaOutputs = arenaSegments(outputs);
        boundInputs = new MemorySegment[Math.min(inputs.length, ReplaceableBuffers.MOST)];
        boundOutputs = new MemorySegment[Math.min(outputs.length, ReplaceableBuffers.MOST)];
    }

    private static MemorySegment[] arenaSegments(Use[][] uses) {
        MemorySegment[] segments = new MemorySegment[uses.length];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = uses[i] == null ? null : uses[i][0].operands()[uses[i][0].index()];
        }
        return segments;
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
            if (in != null && overlap(in, tensor.segment()) && !(mayOverwrite(i, j) && same(in, tensor.segment()))) {
                return;
            }
        }
        boundOutputs[i] = tensor.segment();
        put(outputs[i], tensor.segment());
    }

    private boolean mayOverwrite(int output, int input) {
        return inPlace[output] != null && inPlace[output].get(input);
    }

    /**
     * Whether an output is bound.
     *
     * @param i the index of the output
     * @return whether it is written in the caller's memory, and need not be copied
     */
    boolean hasOutput(int i) {
        return i < boundOutputs.length && boundOutputs[i] != null;
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
            use.operands()[use.index()] = segment;
        }
    }

    private static boolean fits(Tensor tensor) {
        return reasonAgainst(tensor) == null;
    }

    /** Why kernels can't use the memory of a tensor as they use the arena's; null if they can. */
    static String reasonAgainst(Tensor tensor) {
        if (!tensor.isNative()) {
            return "memory on the Java heap";
        }
        MemorySegment s = tensor.segment();
        if (s.isMapped()) {
            return "a mapped file";
        }
        if (s.address() % MemoryPlan.ALIGNMENT != 0) {
            return "memory that is not aligned";
        }
        if (!s.isAccessibleBy(ANY_THREAD)) {
            return "memory of an arena of one thread";
        }
        return s.scope().isAlive() ? null : "memory of an arena that is closed";
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

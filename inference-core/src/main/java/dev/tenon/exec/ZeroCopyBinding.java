package dev.tenon.exec;

import dev.tenon.plan.Buffer;
import dev.tenon.plan.KernelOperand.BufferOperand;
import dev.tenon.plan.MemoryPlan;
import dev.tenon.plan.ValueLocation;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Step;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors of the caller that stand in for buffers of the arena during one call, so that nothing is copied: kernels read
 * inputs and write outputs where the caller has them.
 *
 * <p>A tensor can stand in if it lies as the arena does: native and not mapped, aligned, of memory that every thread may
 * use. A buffer can be stood in for if kernels alone use it, always as a whole, and no other buffer is a part of it.
 * Planning never lets a step write over an input; the caller may, by giving an input as an output. Changes nothing but
 * elements of operand arrays, and allocates nothing.
 */
final class ZeroCopyBinding {
    /** Never started: memory that it may use is confined to no thread. */
    private static final Thread ANY_THREAD = new Thread(null, null, "any", 0, false);

    /** An operand of a kernel that is a certain buffer. */
    private record Use(MemorySegment[] operands, int index) {}

    private final Use[][] inputs;
    private final Use[][] outputs;
    private final MemorySegment[] ownInputs;
    private final MemorySegment[] ownOutputs;
    private final MemorySegment[] lentInputs;
    private final MemorySegment[] lentOutputs;
    /**
     * For each output, which inputs it may lie in: those that nothing reads but the kernel that writes it in place, and
     * before which nothing lies in the output's buffer.
     */
    private final boolean[][] inPlace;

    /**
     * Finds out what can be stood in for.
     *
     * @param plan the plan
     * @param operands the operands of each step, null for steps that are no kernels
     */
    ZeroCopyBinding(Plan plan, List<MemorySegment[]> operands) {
        inputs = uses(plan, plan.inputs(), operands);
        outputs = uses(plan, plan.outputs(), operands);
        ownInputs = own(inputs);
        ownOutputs = own(outputs);
        lentInputs = new MemorySegment[inputs.length];
        lentOutputs = new MemorySegment[outputs.length];
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

    /** Which output of a step is the first use of a buffer, as an operand, or -1. */
    private static int firstIndex(Use[] uses, MemorySegment[] operands, int first) {
        int index = index(uses, operands, first);
        return index >= 0 && index(new Use[] {uses[0]}, operands, first) == index ? index : -1;
    }

    /** Which operand from one on a buffer is, or -1. Steps are told by their very arrays. */
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

    private static Use[][] uses(Plan plan, List<ValueLocation> places, List<MemorySegment[]> operands) {
        Use[][] all = new Use[places.size()][];
        for (int i = 0; i < all.length; i++) {
            if (places.get(i) instanceof ValueLocation.InBuffer b && standsAlone(plan, b)) {
                all[i] = uses(plan, b.buffer(), operands);
            }
        }
        return all;
    }

    private static MemorySegment[] own(Use[][] uses) {
        MemorySegment[] own = new MemorySegment[uses.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = uses[i] == null ? null : uses[i][0].operands[uses[i][0].index];
        }
        return own;
    }

    /** Whether a place is all of a buffer, and the only input or output in it, and no other buffer shares its memory. */
    private static boolean standsAlone(Plan plan, ValueLocation.InBuffer place) {
        Buffer buffer = plan.buffers().get(place.buffer());
        long bytes = place.type().dtype().byteSize(place.type().shape().knownElements());
        if (place.offset() != 0 || buffer.bytes() != bytes || bytes == 0) {
            return false;
        }
        int ends = 0;
        for (List<ValueLocation> places : List.of(plan.inputs(), plan.outputs())) {
            for (ValueLocation other : places) {
                ends += other instanceof ValueLocation.InBuffer b && b.buffer() == place.buffer() ? 1 : 0;
            }
        }
        for (int i = 0; i < plan.buffers().size(); i++) {
            Buffer other = plan.buffers().get(i);
            if (i != place.buffer()
                    && other.first() <= buffer.last()
                    && buffer.first() <= other.last()
                    && other.offset() < buffer.offset() + buffer.bytes()
                    && buffer.offset() < other.offset() + other.bytes()) {
                return false;
            }
        }
        return ends == 1;
    }

    /** The operands that are a buffer, or null if there are none or something else uses it. */
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

    private static boolean touches(List<ValueLocation> places, int buffer) {
        for (ValueLocation place : places) {
            if (place instanceof ValueLocation.InBuffer b && b.buffer() == buffer) {
                return true;
            }
        }
        return false;
    }

    /**
     * Lets an input of the caller stand in, if it can.
     *
     * @param i the index of the input
     * @param tensor of the input's type and shape
     * @return whether it does, so that it need not be copied
     */
    boolean lendInput(int i, Tensor tensor) {
        if (inputs[i] == null || !fits(tensor)) {
            return false;
        }
        lentInputs[i] = tensor.segment();
        put(inputs[i], tensor.segment());
        return true;
    }

    /**
     * Lets an output of the caller stand in, if it can and shares memory with none that does, but for an input that its
     * kernel may write over: after all inputs.
     *
     * @param i the index of the output
     * @param tensor of the output's type and shape
     */
    void lendOutput(int i, Tensor tensor) {
        if (outputs[i] == null || !fits(tensor) || meets(lentOutputs, tensor.segment())) {
            return;
        }
        for (int j = 0; j < lentInputs.length; j++) {
            MemorySegment in = lentInputs[j];
            if (in != null && meet(in, tensor.segment()) && !(inPlace[i][j] && same(in, tensor.segment()))) {
                return;
            }
        }
        lentOutputs[i] = tensor.segment();
        put(outputs[i], tensor.segment());
    }

    /**
     * Whether an output was written into the caller's memory.
     *
     * @param i the index of the output
     * @return whether it need not be copied
     */
    boolean hasOutput(int i) {
        return lentOutputs[i] != null;
    }

    /**
     * What of the caller's memory is gone.
     *
     * @return whether the arena of a tensor that stands in was closed
     */
    boolean anyClosed() {
        return anyClosed(lentInputs) || anyClosed(lentOutputs);
    }

    private static boolean anyClosed(MemorySegment[] segments) {
        for (MemorySegment segment : segments) {
            if (segment != null && !segment.scope().isAlive()) {
                return true;
            }
        }
        return false;
    }

    /** Puts the arena back in place of all tensors of the caller. */
    void giveBack() {
        giveBack(inputs, ownInputs, lentInputs);
        giveBack(outputs, ownOutputs, lentOutputs);
    }

    private static void giveBack(Use[][] uses, MemorySegment[] own, MemorySegment[] lent) {
        for (int i = 0; i < lent.length; i++) {
            if (lent[i] != null) {
                lent[i] = null;
                put(uses[i], own[i]);
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

    private static boolean meets(MemorySegment[] lent, MemorySegment s) {
        for (MemorySegment other : lent) {
            if (other != null && meet(other, s)) {
                return true;
            }
        }
        return false;
    }

    private static boolean meet(MemorySegment a, MemorySegment b) {
        return a.address() < b.address() + b.byteSize() && b.address() < a.address() + a.byteSize();
    }

    private static boolean same(MemorySegment a, MemorySegment b) {
        return a.address() == b.address() && a.byteSize() == b.byteSize();
    }
}

package dev.tenon.exec;

import dev.tenon.plan.Buffer;
import dev.tenon.plan.KernelOperand.BufferOperand;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Step;
import dev.tenon.plan.ValueLocation;
import dev.tenon.plan.ValueLocation.InBuffer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the inputs and outputs of a plan whose buffers a caller's memory can replace: only kernels use such a buffer,
 * always as a whole, and no other buffer is a part of it or has it as a part. One pass over the steps finds all of them.
 */
final class ReplaceableBuffers {
    /** Of more inputs, or outputs, the further ones are copied. Binding compares each with each. */
    static final int MOST = 1024;

    /** An operand of a kernel that is a certain buffer. */
    record Use(MemorySegment[] operands, int index) {}

    /** An input or output that may be replaceable. */
    private static final class Candidate {
        private final boolean input;
        private final int index;
        private final long bytes;
        private final List<Use> uses = new ArrayList<>();
        /** The inputs that its first step may write it over. */
        private final List<Candidate> over = new ArrayList<>();

        private boolean refused;

        private Candidate(boolean input, int index, long bytes) {
            this.input = input;
            this.index = index;
            this.bytes = bytes;
        }

        private boolean isReplaceable() {
            return !refused && !uses.isEmpty();
        }
    }

    private final Plan plan;
    private final Map<Integer, Candidate> candidates = new HashMap<>();

    /**
     * Looks through a plan.
     *
     * @param plan the plan
     * @param operands the operands of each step, null for dynamic steps
     */
    ReplaceableBuffers(Plan plan, List<MemorySegment[]> operands) {
        this.plan = plan;
        collect(plan.inputs(), true);
        collect(plan.outputs(), false);
        refuseShared();
        for (int s = 0; s < operands.size() && !candidates.isEmpty(); s++) {
            switch (plan.steps().get(s)) {
                case Step.KernelStep k -> use(k, operands.get(s));
                case Step.DynamicStep d -> {
                    refuse(d.inputs());
                    refuse(d.outputs());
                }
            }
        }
    }

    private void collect(List<ValueLocation> locations, boolean input) {
        for (int i = 0; i < locations.size(); i++) {
            if (!(locations.get(i) instanceof InBuffer b)
                    || plan.buffers().get(b.buffer()).isState()) {
                continue;
            }
            Buffer buffer = plan.buffers().get(b.buffer());
            long bytes = b.type().dtype().byteSize(b.type().shape().knownElements());
            Candidate candidate = new Candidate(input, i, bytes);
            candidate.refused = i >= MOST || b.offset() != 0 || buffer.bytes() != bytes || bytes == 0;
            Candidate other = candidates.putIfAbsent(b.buffer(), candidate);
            if (other != null) {
                other.refused = true;
            }
        }
    }

    /**
     * Refuses buffers that share memory with another one. Buffers that share memory live equally long, since they are
     * parts of one. So it is enough to compare those of one lifetime, in the order of their places.
     */
    private int byLifeAndPlace(int one, int other) {
        Buffer a = plan.buffers().get(one);
        Buffer b = plan.buffers().get(other);
        int lives = Long.compare(life(a), life(b));
        return lives != 0 ? lives : Long.compare(a.offset(), b.offset());
    }

    private void refuseShared() {
        Set<Long> lives = new HashSet<>();
        for (int candidate : candidates.keySet()) {
            lives.add(life(plan.buffers().get(candidate)));
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < plan.buffers().size(); i++) {
            Buffer b = plan.buffers().get(i);
            if (b.bytes() > 0 && !b.isState() && lives.contains(life(b))) {
                order.add(i);
            }
        }
        order.sort(this::byLifeAndPlace);
        int last = -1;
        for (int i : order) {
            Buffer b = plan.buffers().get(i);
            Buffer before = last < 0 ? null : plan.buffers().get(last);
            boolean same = before != null && life(before) == life(b);
            if (same && b.offset() < before.offset() + before.bytes()) {
                refuse(last);
                refuse(i);
            }
            if (!same || b.offset() + b.bytes() > before.offset() + before.bytes()) {
                last = i;
            }
        }
    }

    private static long life(Buffer b) {
        return (long) b.first() << Integer.SIZE | b.last() & 0xFFFF_FFFFL;
    }

    private void refuse(int buffer) {
        Candidate candidate = candidates.get(buffer);
        if (candidate != null) {
            candidate.refused = true;
        }
    }

    private void refuse(List<ValueLocation> locations) {
        for (ValueLocation location : locations) {
            if (location instanceof InBuffer b) {
                refuse(b.buffer());
            }
        }
    }

    private void use(Step.KernelStep step, MemorySegment[] operands) {
        int first = step.node().inputs().size();
        List<Candidate> read = null;
        for (int i = 0; i < operands.length; i++) {
            Candidate candidate = step.operands().get(i) instanceof BufferOperand b ? candidates.get(b.buffer()) : null;
            if (candidate == null) {
                continue;
            }
            BufferOperand b = (BufferOperand) step.operands().get(i);
            candidate.refused |= b.offset() != 0 || b.bytes() != candidate.bytes;
            if (candidate.refused) {
                continue;
            }
            if (!candidate.input && candidate.uses.isEmpty() && i >= first && read != null) {
                overwrite(step, candidate, i - first, read);
            }
            candidate.uses.add(new Use(operands, i));
            if (candidate.input && i < first) {
                read = read == null ? new ArrayList<>() : read;
                read.add(candidate);
            }
        }
    }

    /** Remembers the inputs over which a kernel may write an output. */
    private static void overwrite(Step.KernelStep step, Candidate output, int to, List<Candidate> read) {
        for (Candidate in : read) {
            if (step.kernel().inPlace(in.uses.getLast().index(), to)) {
                output.over.add(in);
            }
        }
    }

    /** The uses of each input, null if it can't be replaced. */
    Use[][] inputs() {
        return uses(plan.inputs().size(), true);
    }

    /** The uses of each output, null if it can't be replaced. */
    Use[][] outputs() {
        return uses(plan.outputs().size(), false);
    }

    private Use[][] uses(int count, boolean input) {
        Use[][] all = new Use[count][];
        for (Candidate c : candidates.values()) {
            if (c.input == input && c.isReplaceable()) {
                all[c.index] = c.uses.toArray(Use[]::new);
            }
        }
        return all;
    }

    /** For each output the inputs that it may be written over; null if there are none. */
    BitSet[] inPlace() {
        BitSet[] all = new BitSet[plan.outputs().size()];
        for (Candidate c : candidates.values()) {
            for (Candidate in : c.isReplaceable() ? c.over : List.<Candidate>of()) {
                if (in.isReplaceable() && in.uses.size() == 1) {
                    all[c.index] = all[c.index] == null ? new BitSet() : all[c.index];
                    all[c.index].set(in.index);
                }
            }
        }
        return all;
    }
}

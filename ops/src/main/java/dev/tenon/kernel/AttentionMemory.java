package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where the operands of attention lie, and what is added to the scores of a query: common to all its kernels. Offsets
 * are bytes. Immutable and safe for any number of threads.
 */
public final class AttentionMemory {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final AttentionProblem p;
    private final boolean gathered;

    /**
     * The memory of a problem.
     *
     * @param p the problem
     */
    public AttentionMemory(AttentionProblem p) {
        this.p = p;
        this.gathered = p.past() > 0 || p.present();
    }

    /**
     * Elements from a query to the next of its head.
     *
     * @return the step
     */
    public long queryStep() {
        return p.joined() ? width() : (long) p.size() * (p.packed() ? p.queryHeads() : 1);
    }

    /**
     * Elements from a result to the next of its head.
     *
     * @return the step
     */
    public long resultStep() {
        return (long) p.valueSize() * (p.packed() ? p.queryHeads() : 1);
    }

    /**
     * Where a query lies.
     *
     * @param b the sequence
     * @param head the head of queries
     * @param i the query
     * @return the offset of its first element
     */
    public long query(int b, int head, int i) {
        return p.joined() ? joined(b, head, i, p.queries()) : at(b, head, i, p.queryHeads(), p.queries(), p.size());
    }

    /** Elements of a position where queries, keys and values are joined. */
    private long width() {
        return (p.queryHeads() + 2L * p.keyHeads()) * p.size();
    }

    /** Where one of the joined heads of a position lies, those of queries first. */
    private long joined(int b, int head, int i, int length) {
        return Float.BYTES * (((long) b * length + i) * width() + (long) head * p.size());
    }

    /** Where an added key or value lies. */
    private long added(int b, int head, int i, boolean values) {
        return p.joined()
                ? joined(b, p.queryHeads() + (values ? p.keyHeads() : 0) + head, i, p.added())
                : at(b, head, i, p.keyHeads(), p.added(), size(values));
    }

    private int size(boolean values) {
        return values ? p.valueSize() : p.size();
    }

    /**
     * Where the result of a query lies.
     *
     * @param b the sequence
     * @param head the head of queries
     * @param i the query
     * @return the offset of its first element
     */
    public long result(int b, int head, int i) {
        return at(b, head, i, p.queryHeads(), p.queries(), p.valueSize());
    }

    private long at(int b, int head, int i, int heads, int length, int size) {
        return Float.BYTES
                * (long) size
                * (p.packed() ? ((long) b * length + i) * heads + head : ((long) b * heads + head) * length + i);
    }

    /**
     * Scratch bytes that {@link #gather} needs for the keys of one head, or for its values.
     *
     * @param values whether values are meant, not keys
     * @return 0 if they are read where they lie, or are asked for as an output
     */
    public long gatherBytes(boolean values) {
        return gathered && !p.present() ? (long) p.keys() * size(values) * Float.BYTES : 0;
    }

    /**
     * The offset of the first key or value of a head in {@link #source}, once {@link #gather} has run.
     *
     * @param b the sequence
     * @param head the head of keys
     * @param values whether values are meant, not keys
     * @param scratchAt where {@link #gatherBytes} of scratch memory lie
     * @return the offset
     */
    public long sourceAt(int b, int head, boolean values, long scratchAt) {
        if (!gathered) {
            return added(b, head, 0, values);
        }
        return p.present() ? ((long) b * p.keyHeads() + head) * p.keys() * size(values) * Float.BYTES : scratchAt;
    }

    /**
     * Elements from a key or value of a head to the next in {@link #source}.
     *
     * @param values whether values are meant, not keys
     * @return the step
     */
    public long sourceStep(boolean values) {
        return gathered ? size(values) : addedStep(values);
    }

    private long addedStep(boolean values) {
        return p.joined() ? width() : (long) size(values) * (p.packed() ? p.keyHeads() : 1);
    }

    /**
     * The memory that keys or values are read from.
     *
     * @param operands the operands
     * @param scratch the scratch memory
     * @param values whether values are meant, not keys
     * @return the memory
     */
    public MemorySegment source(MemorySegment[] operands, MemorySegment scratch, boolean values) {
        int which = values ? 1 : 0;
        if (!gathered) {
            return added(operands, values);
        }
        return p.present() ? operands[p.yOperand() + 1 + which] : scratch;
    }

    private MemorySegment added(MemorySegment[] operands, boolean values) {
        return operands[p.joined() ? 0 : values ? 2 : 1];
    }

    /**
     * Puts the past and the added keys or values of a head behind each other, where they are not read in place.
     *
     * @param operands the operands
     * @param scratch the scratch memory
     * @param scratchAt where {@link #gatherBytes} of it lie
     * @param values whether values are meant, not keys
     * @param b the sequence
     * @param head the head of keys
     */
    public void gather(
            MemorySegment[] operands, MemorySegment scratch, long scratchAt, boolean values, int b, int head) {
        if (!gathered) {
            return;
        }
        long row = (long) size(values) * Float.BYTES;
        MemorySegment to = source(operands, scratch, values);
        long at = sourceAt(b, head, values, scratchAt);
        long before = p.past() * row;
        if (p.past() > 0) {
            MemorySegment past = operands[p.pastOperand() + (values ? 1 : 0)];
            MemorySegment.copy(past, ((long) b * p.keyHeads() + head) * before, to, at, before);
        }
        MemorySegment from = added(operands, values);
        if (!p.packed()) {
            MemorySegment.copy(from, added(b, head, 0, values), to, at + before, p.added() * row);
            return;
        }
        for (int i = 0; i < p.added(); i++) {
            MemorySegment.copy(from, added(b, head, i, values), to, at + before + i * row, row);
        }
    }

    /**
     * Writes what is added to the scores of a query: negative infinity for keys that are ruled out, and for the padding.
     *
     * @param operands the operands
     * @param b the sequence
     * @param head the head of queries
     * @param i the query
     * @param to where to write
     * @param at the offset of the first addend
     * @param padded how many to write, at least the number of keys
     */
    public void bias(MemorySegment[] operands, int b, int head, int i, MemorySegment to, long at, int padded) {
        int keys = p.keys();
        long valid = p.validOperand() >= 0
                ? operands[p.validOperand()].get(ValueLayout.JAVA_LONG, (long) b * Long.BYTES)
                : keys;
        long position = i + (p.validOperand() >= 0 ? valid - p.queries() : p.past());
        long first = p.leftWindow() >= 0 ? position - p.leftWindow() : 0;
        long end = valid;
        if (p.causal()) {
            end = Math.min(end, position + 1);
        }
        if (p.rightWindow() >= 0) {
            end = Math.min(end, position + p.rightWindow() + 1);
        }
        if (p.mask() != null) {
            end = Math.min(end, p.mask().keys());
        }
        int last = (int) Math.clamp(end, 0L, keys);
        int from = (int) Math.clamp(first, 0L, last);
        if (p.mask() != null) {
            addends(operands[p.maskOperand()], b, head, i, from, last, to, at);
        } else {
            fill(to, at, from, last, 0);
        }
        fill(to, at, 0, from, Float.NEGATIVE_INFINITY);
        fill(to, at, last, padded, Float.NEGATIVE_INFINITY);
    }

    private void addends(MemorySegment mask, int b, int head, int i, int from, int end, MemorySegment to, long at) {
        AttentionProblem.Mask m = p.mask();
        long row = b * m.batchStep() + head * m.headStep() + i * m.queryStep();
        if (!m.truth()) {
            long bytes = (long) (end - from) * Float.BYTES;
            MemorySegment.copy(mask, (row + from) * Float.BYTES, to, at + (long) from * Float.BYTES, bytes);
            return;
        }
        for (int j = from; j < end; j++) {
            float addend = mask.get(ValueLayout.JAVA_BYTE, row + j) != 0 ? 0 : Float.NEGATIVE_INFINITY;
            to.set(F32, at + (long) j * Float.BYTES, addend);
        }
    }

    private static void fill(MemorySegment to, long at, int from, int end, float value) {
        for (int j = from; j < end; j++) {
            to.set(F32, at + (long) j * Float.BYTES, value);
        }
    }
}

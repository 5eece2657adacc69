package dev.tenon.kernel.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where the operands of attention lie, and what is added to the scores of a query: common to all its kernels. Offsets
 * are bytes. Immutable and safe for any number of threads.
 */
public final class AttentionOperands {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final AttentionProblem p;
    private final boolean gathered;

    /**
     * The memory of a problem.
     *
     * @param p the problem
     */
    public AttentionOperands(AttentionProblem p) {
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

    /**
     * Where one of the queries lies that share a head of keys: those of the first head of queries, then those of the next.
     *
     * @param b the sequence
     * @param keyHead the head of keys
     * @param row the query, less than {@link AttentionProblem#rows}
     * @return the offset of its first element
     */
    public long queryRow(int b, int keyHead, int row) {
        return query(b, head(keyHead, row), row % p.queries());
    }

    /**
     * Where the result of one of the queries lies that share a head of keys.
     *
     * @param b the sequence
     * @param keyHead the head of keys
     * @param row the query, less than {@link AttentionProblem#rows}
     * @return the offset of its first element
     */
    public long resultRow(int b, int keyHead, int row) {
        return result(b, head(keyHead, row), row % p.queries());
    }

    /**
     * The head of one of the queries that share a head of keys.
     *
     * @param keyHead the head of keys
     * @param row the query, less than {@link AttentionProblem#rows}
     * @return the head of queries
     */
    public int head(int keyHead, int row) {
        return keyHead * p.group() + row / p.queries();
    }

    private long at(int b, int head, int i, int heads, int length, int size) {
        return Float.BYTES
                * (long) size
                * (p.packed() ? ((long) b * length + i) * heads + head : ((long) b * heads + head) * length + i);
    }

    /**
     * Whether keys and values are put together by {@link #gather}, not read where they lie.
     *
     * @return true if there are a past or present ones
     */
    public boolean gathers() {
        return gathered;
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
     * The key behind those that lie in the same memory as a key, {@link #lyingStep} apart: the past lies by itself.
     *
     * @param key the key
     * @return the length of the past, or the number of keys
     */
    public int lyingEnd(int key) {
        return key < p.past() ? p.past() : p.keys();
    }

    /**
     * The operand that holds a key or value.
     *
     * @param operands the operands
     * @param values whether a value is meant
     * @param key the key
     * @return the past, or what is added
     */
    public MemorySegment lying(MemorySegment[] operands, boolean values, int key) {
        return key < p.past() ? operands[p.pastOperand() + (values ? 1 : 0)] : added(operands, values);
    }

    /**
     * Where a key or value lies in {@link #lying}.
     *
     * @param b the sequence
     * @param head the head of keys
     * @param values whether a value is meant
     * @param key the key
     * @return the offset of its first element
     */
    public long lyingAt(int b, int head, boolean values, int key) {
        return key < p.past()
                ? (((long) b * p.keyHeads() + head) * p.past() + key) * size(values) * Float.BYTES
                : added(b, head, key - p.past(), values);
    }

    /**
     * Elements from a key or value to the next in {@link #lying}.
     *
     * @param values whether a value is meant
     * @param key the key
     * @return the step
     */
    public long lyingStep(boolean values, int key) {
        return key < p.past() ? size(values) : addedStep(values);
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
        gather(operands, scratch, scratchAt, values, b, head, 0, p.keys());
    }

    /**
     * Puts some of the past and the added keys or values of a head where {@link #gather} does.
     *
     * @param operands the operands
     * @param scratch the scratch memory
     * @param scratchAt where {@link #gatherBytes} of it lie
     * @param values whether values are meant, not keys
     * @param b the sequence
     * @param head the head of keys
     * @param first the first key
     * @param end the key behind the last one
     */
    public void gather(
            MemorySegment[] operands,
            MemorySegment scratch,
            long scratchAt,
            boolean values,
            int b,
            int head,
            int first,
            int end) {
        if (!gathered) {
            return;
        }
        long row = (long) size(values) * Float.BYTES;
        MemorySegment to = source(operands, scratch, values);
        long at = sourceAt(b, head, values, scratchAt);
        int pastEnd = Math.min(end, p.past());
        if (first < pastEnd) {
            MemorySegment past = operands[p.pastOperand() + (values ? 1 : 0)];
            long from = (((long) b * p.keyHeads() + head) * p.past() + first) * row;
            MemorySegment.copy(past, from, to, at + first * row, (pastEnd - first) * row);
        }
        MemorySegment from = added(operands, values);
        int addedFirst = Math.max(first, p.past());
        if (!p.packed()) {
            long bytes = Math.max(0, end - addedFirst) * row;
            MemorySegment.copy(from, added(b, head, addedFirst - p.past(), values), to, at + addedFirst * row, bytes);
            return;
        }
        for (int key = addedFirst; key < end; key++) {
            MemorySegment.copy(from, added(b, head, key - p.past(), values), to, at + key * row, row);
        }
    }

    /**
     * How many keys of a sequence count, those behind are ruled out.
     *
     * @param operands the operands
     * @param b the sequence
     * @return what the operand says, whatever it is, or all keys if there is none
     */
    public long valid(MemorySegment[] operands, int b) {
        return p.validOperand() < 0
                ? p.keys()
                : operands[p.validOperand()].get(ValueLayout.JAVA_LONG, (long) b * Long.BYTES);
    }

    private long position(long valid, int i) {
        return i + (p.validOperand() < 0 ? p.past() : valid - p.queries());
    }

    /**
     * The first key that neither a window nor anything else rules out by where it stands.
     *
     * @param valid how many keys of the sequence count
     * @param i the query
     * @return at most {@link #end}
     */
    public int first(long valid, int i) {
        long first = p.leftWindow() >= 0 ? position(valid, i) - p.leftWindow() : 0;
        return (int) Math.clamp(first, 0L, end(valid, i));
    }

    /**
     * The key behind the last one that is not ruled out by where it stands; those before {@link #first} and from here on
     * are, whatever the mask says of them.
     *
     * @param valid how many keys of the sequence count
     * @param i the query
     * @return 0 to the number of keys
     */
    public int end(long valid, int i) {
        long end = valid;
        if (p.causal()) {
            end = Math.min(end, position(valid, i) + 1);
        }
        if (p.rightWindow() >= 0) {
            end = Math.min(end, position(valid, i) + p.rightWindow() + 1);
        }
        if (p.mask() != null) {
            end = Math.min(end, p.mask().keys());
        }
        return (int) Math.clamp(end, 0L, p.keys());
    }

    /**
     * Writes what is added to the scores of a query with some keys: negative infinity for those that are ruled out, and
     * for what is no key.
     *
     * @param operands the operands
     * @param b the sequence
     * @param head the head of queries
     * @param i the query
     * @param from the first key
     * @param to the key behind the last one, may be behind all keys
     * @param target where to write
     * @param at the offset of the first addend
     */
    public void bias(
            MemorySegment[] operands, int b, int head, int i, int from, int to, MemorySegment target, long at) {
        long valid = valid(operands, b);
        int last = Math.clamp(end(valid, i), from, to);
        int first = Math.clamp(first(valid, i), from, last);
        long firstAt = at + (long) (first - from) * Float.BYTES;
        if (p.mask() != null) {
            addends(operands[p.maskOperand()], b, head, i, first, last, target, firstAt);
        } else {
            fill(target, firstAt, last - first, 0);
        }
        fill(target, at, first - from, Float.NEGATIVE_INFINITY);
        fill(target, at + (long) (last - from) * Float.BYTES, to - last, Float.NEGATIVE_INFINITY);
    }

    private void addends(MemorySegment mask, int b, int head, int i, int from, int end, MemorySegment to, long at) {
        AttentionProblem.Mask m = p.mask();
        long row = b * m.batchStep() + head * m.headStep() + i * m.queryStep() + from;
        if (from == end) {
            // A mask may have fewer keys than there are.
            return;
        }
        if (!m.truth()) {
            MemorySegment.copy(mask, row * Float.BYTES, to, at, (long) (end - from) * Float.BYTES);
            return;
        }
        for (int j = 0; j < end - from; j++) {
            float addend = mask.get(ValueLayout.JAVA_BYTE, row + j) != 0 ? 0 : Float.NEGATIVE_INFINITY;
            to.set(F32, at + (long) j * Float.BYTES, addend);
        }
    }

    private static void fill(MemorySegment to, long at, int count, float value) {
        for (int j = 0; j < count; j++) {
            to.set(F32, at + (long) j * Float.BYTES, value);
        }
    }
}

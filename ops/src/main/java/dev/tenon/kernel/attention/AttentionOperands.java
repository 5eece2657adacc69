package dev.tenon.kernel.attention;

import dev.tenon.kernel.attention.AttentionProblem.AttentionMask;
import dev.tenon.kernel.attention.AttentionProblem.Dims;
import dev.tenon.kernel.attention.AttentionProblem.HeadLayout;
import dev.tenon.kernel.attention.AttentionProblem.Scoring;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Offsets of queries, keys, values and results in the operands of attention, and the bias of the scores. All kernels of
 * attention use it. Offsets are in bytes, steps in elements. Heads are numbered over all sequences, as
 * {@link AttentionProblem} says. Immutable and safe for any number of threads.
 *
 * <p>Past keys are in one operand and new keys in another; the same holds for values. A kernel has two ways to read
 * them:
 * <ul>
 * <li>{@link #concat} copies both into one memory, unless there is nothing to put together. {@link #source} is that
 *     memory.
 * <li>{@link #holder} and the methods after it tell where a single key or value is stored in its operand.
 * </ul>
 */
public final class AttentionOperands {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final AttentionProblem p;
    private final Dims d;
    private final Scoring scoring;
    private final boolean packed;
    private final boolean packedQkv;
    private final boolean concatenates;

    /**
     * The operands of a problem.
     *
     * @param p the problem
     */
    public AttentionOperands(AttentionProblem p) {
        this.p = p;
        this.d = p.dims();
        this.scoring = p.scoring();
        this.packed = p.layout() != HeadLayout.HEADS_FIRST;
        this.packedQkv = p.layout() == HeadLayout.PACKED_QKV;
        this.concatenates = d.pastKeys() > 0 || p.operands().present();
    }

    /**
     * The elements from a query to the next of its head.
     *
     * @return the step
     */
    public long queryStep() {
        return packedQkv ? qkvWidth() : (long) d.headSize() * (packed ? d.queryHeads() : 1);
    }

    /**
     * The elements from a result to the next of its head.
     *
     * @return the step
     */
    public long resultStep() {
        return (long) d.valueHeadSize() * (packed ? d.queryHeads() : 1);
    }

    private long queryOffset(int queryHead, int query) {
        return packedQkv
                ? qkvOffset(queryHead / d.queryHeads(), queryHead % d.queryHeads(), query, d.queries())
                : offset(queryHead, query, d.queryHeads(), d.queries(), d.headSize());
    }

    /**
     * The offset of a result.
     *
     * @param queryHead the query head
     * @param query the query
     * @return the offset of its first element
     */
    public long resultOffset(int queryHead, int query) {
        return offset(queryHead, query, d.queryHeads(), d.queries(), d.valueHeadSize());
    }

    /** Elements of a position in the layout of packed queries, keys and values. */
    private long qkvWidth() {
        return (d.queryHeads() + 2L * d.kvHeads()) * d.headSize();
    }

    /** The offset of a head of a position in that layout. Key heads follow the query heads, value heads follow them. */
    private long qkvOffset(int sequence, int head, int position, int length) {
        return Float.BYTES * (((long) sequence * length + position) * qkvWidth() + (long) head * d.headSize());
    }

    private long newOffset(int kvHead, int position, KeysOrValues kv) {
        if (!packedQkv) {
            return offset(kvHead, position, d.kvHeads(), d.newKeys(), size(kv));
        }
        int head = d.queryHeads() + kv.index() * d.kvHeads() + kvHead % d.kvHeads();
        return qkvOffset(sequence(kvHead), head, position, d.newKeys());
    }

    private int size(KeysOrValues kv) {
        return kv == KeysOrValues.VALUES ? d.valueHeadSize() : d.headSize();
    }

    private long offset(int head, int position, int heads, int length, int size) {
        long row = packed
                ? ((long) (head / heads) * length + position) * heads + head % heads
                : (long) head * length + position;
        return Float.BYTES * (long) size * row;
    }

    /**
     * The offset of one of the queries that share a key head. These are numbered from the first query head of the group
     * to the last.
     *
     * @param kvHead the key head
     * @param row the number of the query, less than {@link Dims#rows}
     * @return the offset of its first element
     */
    public long queryRowOffset(int kvHead, int row) {
        return queryOffset(queryHead(kvHead, row), row % d.queries());
    }

    /**
     * The offset of the result of one of the queries that share a key head.
     *
     * @param kvHead the key head
     * @param row the number of the query, less than {@link Dims#rows}
     * @return the offset of its first element
     */
    public long resultRowOffset(int kvHead, int row) {
        return resultOffset(queryHead(kvHead, row), row % d.queries());
    }

    /**
     * The query head of one of the queries that share a key head.
     *
     * @param kvHead the key head
     * @param row the number of the query, less than {@link Dims#rows}
     * @return the query head
     */
    public int queryHead(int kvHead, int row) {
        return kvHead * d.group() + row / d.queries();
    }

    /**
     * The sequence of a key head.
     *
     * @param kvHead the key head
     * @return less than the batch
     */
    public int sequence(int kvHead) {
        return kvHead / d.kvHeads();
    }

    /**
     * Whether {@link #concat} copies anything.
     *
     * @return true if there are past keys, or outputs for all keys and values
     */
    public boolean concatenates() {
        return concatenates;
    }

    /**
     * The scratch memory that {@link #concat} needs for the keys or the values of one head.
     *
     * @param kv keys or values
     * @return bytes; 0 if nothing is copied, or if an output receives the copy
     */
    public long concatBytes(KeysOrValues kv) {
        return concatenates && !p.operands().present() ? (long) d.keys() * size(kv) * Float.BYTES : 0;
    }

    /**
     * The memory that holds all keys or values of a head one after the other, once {@link #concat} has run.
     *
     * @param operands the operands
     * @param scratch the scratch memory that {@link #concat} was given
     * @param kv keys or values
     * @return the new keys or values, an output, or the scratch memory
     */
    public MemorySegment source(MemorySegment[] operands, MemorySegment scratch, KeysOrValues kv) {
        if (!concatenates) {
            return newRows(operands, kv);
        }
        return p.operands().present() ? operands[p.operands().output() + 1 + kv.index()] : scratch;
    }

    /**
     * The offset of the first key or value of a head in {@link #source}.
     *
     * @param kvHead the head
     * @param kv keys or values
     * @param scratchOffset the offset of {@link #concatBytes} in the scratch memory
     * @return the offset of its first element
     */
    public long sourceOffset(int kvHead, KeysOrValues kv, long scratchOffset) {
        if (!concatenates) {
            return newOffset(kvHead, 0, kv);
        }
        return p.operands().present() ? (long) kvHead * d.keys() * size(kv) * Float.BYTES : scratchOffset;
    }

    /**
     * The elements from a key or value of a head to the next in {@link #source}.
     *
     * @param kv keys or values
     * @return the step
     */
    public long sourceStep(KeysOrValues kv) {
        return concatenates ? size(kv) : newStep(kv);
    }

    private long newStep(KeysOrValues kv) {
        return packedQkv ? qkvWidth() : (long) size(kv) * (packed ? d.kvHeads() : 1);
    }

    private MemorySegment newRows(MemorySegment[] operands, KeysOrValues kv) {
        return operands[packedQkv ? 0 : 1 + kv.index()];
    }

    /**
     * The operand that holds a key or value.
     *
     * @param operands the operands
     * @param kv keys or values
     * @param key the index of the key
     * @return the past or the new ones
     */
    public MemorySegment holder(MemorySegment[] operands, KeysOrValues kv, int key) {
        return key < d.pastKeys() ? operands[p.operands().past() + kv.index()] : newRows(operands, kv);
    }

    /**
     * The end of the keys that the same operand holds as a key. They are {@link #holderStep} apart.
     *
     * @param key the index of the key
     * @return the number of past keys, or of all keys
     */
    public int holderEnd(int key) {
        return key < d.pastKeys() ? d.pastKeys() : d.keys();
    }

    /**
     * The offset of a key or value in {@link #holder}.
     *
     * @param kvHead the head
     * @param kv keys or values
     * @param key the index of the key
     * @return the offset of its first element
     */
    public long holderOffset(int kvHead, KeysOrValues kv, int key) {
        return key < d.pastKeys()
                ? ((long) kvHead * d.pastKeys() + key) * size(kv) * Float.BYTES
                : newOffset(kvHead, key - d.pastKeys(), kv);
    }

    /**
     * The elements from a key or value to the next in {@link #holder}.
     *
     * @param kv keys or values
     * @param key the index of the key
     * @return the step
     */
    public long holderStep(KeysOrValues kv, int key) {
        return key < d.pastKeys() ? size(kv) : newStep(kv);
    }

    /**
     * Copies all past and new keys or values of a head into one memory, unless {@link #concatenates} is false.
     *
     * @param operands the operands
     * @param scratch the scratch memory
     * @param scratchOffset the offset of {@link #concatBytes} in it
     * @param kv keys or values
     * @param kvHead the head
     */
    public void concat(
            MemorySegment[] operands, MemorySegment scratch, long scratchOffset, KeysOrValues kv, int kvHead) {
        concat(operands, scratch, scratchOffset, kv, kvHead, 0, d.keys());
    }

    /**
     * Copies a range of the past and new keys or values of a head to their places in {@link #source}, unless {@link
     * #concatenates} is false.
     *
     * @param operands the operands
     * @param scratch the scratch memory
     * @param scratchOffset the offset of {@link #concatBytes} in it
     * @param kv keys or values
     * @param kvHead the head
     * @param first the first key
     * @param end the key after the last
     */
    public void concat(
            MemorySegment[] operands,
            MemorySegment scratch,
            long scratchOffset,
            KeysOrValues kv,
            int kvHead,
            int first,
            int end) {
        if (!concatenates) {
            return;
        }
        long row = (long) size(kv) * Float.BYTES;
        MemorySegment to = source(operands, scratch, kv);
        long at = sourceOffset(kvHead, kv, scratchOffset);
        int pastEnd = Math.min(end, d.pastKeys());
        if (first < pastEnd) {
            MemorySegment past = operands[p.operands().past() + kv.index()];
            long from = ((long) kvHead * d.pastKeys() + first) * row;
            MemorySegment.copy(past, from, to, at + first * row, (pastEnd - first) * row);
        }
        MemorySegment from = newRows(operands, kv);
        int newFirst = Math.max(first, d.pastKeys());
        if (!packed) {
            long bytes = Math.max(0, end - newFirst) * row;
            MemorySegment.copy(from, newOffset(kvHead, newFirst - d.pastKeys(), kv), to, at + newFirst * row, bytes);
            return;
        }
        for (int key = newFirst; key < end; key++) {
            MemorySegment.copy(from, newOffset(kvHead, key - d.pastKeys(), kv), to, at + key * row, row);
        }
    }

    /**
     * The number of valid keys of a sequence. Keys after these are hidden.
     *
     * @param operands the operands
     * @param sequence the sequence
     * @return the number in the operand, which may be any number, or that of all keys if there is no such operand
     */
    public long validKeys(MemorySegment[] operands, int sequence) {
        int operand = p.operands().validKeys();
        return operand < 0 ? d.keys() : operands[operand].get(ValueLayout.JAVA_LONG, (long) sequence * Long.BYTES);
    }

    private long position(long validKeys, int query) {
        return query + (p.operands().validKeys() < 0 ? d.pastKeys() : validKeys - d.queries());
    }

    /**
     * The first key that a query sees, as far as positions decide: keys before it are outside of the window.
     *
     * @param validKeys the number of valid keys of the sequence
     * @param query the query
     * @return at most {@link #endKey}
     */
    public int firstKey(long validKeys, int query) {
        long first = scoring.leftWindow() >= 0 ? position(validKeys, query) - scoring.leftWindow() : 0;
        return (int) Math.clamp(first, 0L, endKey(validKeys, query));
    }

    /**
     * The key after the last one that a query sees, as far as positions decide. Keys before {@link #firstKey} and from
     * this one on are hidden, whatever the mask says of them.
     *
     * @param validKeys the number of valid keys of the sequence
     * @param query the query
     * @return 0 to the number of keys
     */
    public int endKey(long validKeys, int query) {
        long end = validKeys;
        if (scoring.causal()) {
            end = Math.min(end, position(validKeys, query) + 1);
        }
        if (scoring.rightWindow() >= 0) {
            end = Math.min(end, position(validKeys, query) + scoring.rightWindow() + 1);
        }
        if (scoring.mask() != null) {
            end = Math.min(end, scoring.mask().keys());
        }
        return (int) Math.clamp(end, 0L, d.keys());
    }

    /**
     * Writes the bias of a query for a range of keys: an addend for each key that it sees, and negative infinity for
     * each hidden key.
     *
     * @param operands the operands
     * @param queryHead the query head
     * @param query the query
     * @param from the first key
     * @param to the key after the last; positions after the last key count as hidden keys
     * @param target the memory to write to
     * @param offset the offset of the first addend there
     */
    public void writeBias(
            MemorySegment[] operands, int queryHead, int query, int from, int to, MemorySegment target, long offset) {
        long validKeys = validKeys(operands, queryHead / d.queryHeads());
        int end = Math.clamp(endKey(validKeys, query), from, to);
        int first = Math.clamp(firstKey(validKeys, query), from, end);
        long firstOffset = offset + (long) (first - from) * Float.BYTES;
        if (scoring.mask() != null) {
            long row = maskRow(queryHead, query) + first;
            writeMask(operands[p.operands().mask()], row, end - first, target, firstOffset);
        } else {
            fill(target, firstOffset, end - first, 0);
        }
        fill(target, offset, first - from, Float.NEGATIVE_INFINITY);
        fill(target, offset + (long) (end - from) * Float.BYTES, to - end, Float.NEGATIVE_INFINITY);
    }

    /**
     * The index of the first element of a query in the mask.
     *
     * @param queryHead the query head
     * @param query the query
     * @return the index of its addend for the first key
     */
    public long maskRow(int queryHead, int query) {
        AttentionMask mask = scoring.mask();
        long sequence = queryHead / d.queryHeads();
        long head = queryHead % d.queryHeads();
        return sequence * mask.batchStep() + head * mask.headStep() + query * mask.queryStep();
    }

    private void writeMask(MemorySegment mask, long from, int count, MemorySegment to, long at) {
        if (count == 0) {
            // A mask may have fewer keys than there are, so that from may be after its end.
            return;
        }
        if (!scoring.mask().bool()) {
            MemorySegment.copy(mask, from * Float.BYTES, to, at, (long) count * Float.BYTES);
            return;
        }
        for (int j = 0; j < count; j++) {
            float addend = mask.get(ValueLayout.JAVA_BYTE, from + j) != 0 ? 0 : Float.NEGATIVE_INFINITY;
            to.set(F32, at + (long) j * Float.BYTES, addend);
        }
    }

    private static void fill(MemorySegment to, long at, int count, float value) {
        for (int j = 0; j < count; j++) {
            to.set(F32, at + (long) j * Float.BYTES, value);
        }
    }
}

package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Splits the keys of a head among several parts of {@link VectorDirectAttention}, for few heads with many keys: T. Dao
 * et al., Flash-Decoding (2023). Each part stores partial results in shared memory: for each query of the head the
 * weighted sum of values, not yet divided, and the greatest score and the sum of probabilities that belong to it. As a
 * kernel this is the next stage, which merges the partial results in the order of the splits. A part of this stage is a
 * key head.
 */
final class KvSplits implements Kernel {
    /** Parts of a sequence that are enough for many threads. */
    private static final int WANTED_PARTS = 16;

    /** The least work of a part. */
    private static final double MIN_PART_NANOS = 50_000;

    private static final double ELEMENTS_PER_NANO = 1;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    private final AttentionProblem p;
    private final AttentionProblem.Dims d;
    private final AttentionOperands memory;
    private final String id;
    private final int splitKeys;
    private final int count;

    private KvSplits(AttentionProblem p, AttentionOperands memory, String id, int splitKeys) {
        this.p = p;
        this.d = p.dims();
        this.memory = memory;
        this.id = id;
        this.splitKeys = splitKeys;
        count = Math.ceilDiv(d.keys(), splitKeys);
    }

    /**
     * The splits of a problem. They do not depend on the number of sequences: a sequence has the same bits in any batch.
     *
     * @param p the problem
     * @param memory the offsets of its operands
     * @param id the id of the kernel
     * @param headNanos the estimated work of a key head
     * @return the splits, or null if a part shall have all keys of a head
     */
    static KvSplits of(AttentionProblem p, AttentionOperands memory, String id, double headNanos) {
        int heads = Math.max(1, p.dims().kvHeads());
        int keys = p.dims().keys();
        int wanted = (int) Math.clamp(headNanos / MIN_PART_NANOS, 1, Math.ceilDiv(WANTED_PARTS, heads));
        int blocks = Math.max(1, Math.ceilDiv(Math.ceilDiv(keys, wanted), AttentionTile.BLOCK_KEYS));
        int splitKeys = blocks * AttentionTile.BLOCK_KEYS;
        return keys > splitKeys ? new KvSplits(p, memory, id, splitKeys) : null;
    }

    /** The number of splits of a head. */
    int count() {
        return count;
    }

    /** The first key of a split. */
    int firstKey(int split) {
        return split * splitKeys;
    }

    /** The key after the last one of a split. */
    int endKey(int split) {
        return Math.min(d.keys(), firstKey(split + 1));
    }

    /** Reduces the keys that a tile sees to those in its split. */
    void clampKeys(AttentionScratch s) {
        int first = Math.max(s.firstKey, firstKey(s.split));
        int end = Math.min(s.endKey, endKey(s.split));
        s.firstKey = first < end ? first : firstKey(s.split);
        s.endKey = first < end ? end : s.firstKey;
    }

    /** The offset of the partial result of a query. The partial result of the next query follows it. */
    long resultOffset(int kvHead, int row, int split) {
        return index(kvHead, row, split) * d.valueHeadSize() * Float.BYTES;
    }

    private long index(int kvHead, int row, int split) {
        return ((long) kvHead * count + split) * d.rows() + row;
    }

    /** The number of partial results. */
    private long results() {
        return index(d.allKvHeads(), 0, 0);
    }

    /** The offset of the greatest score of a query among the keys of a split. The sum of probabilities follows it. */
    private long maxOffset(int kvHead, int row, int split) {
        return (results() * d.valueHeadSize() + 2 * index(kvHead, row, split)) * Float.BYTES;
    }

    /** Stores the greatest scores and the sums of the queries of a tile. */
    void saveSums(AttentionScratch s) {
        MemorySegment shared = s.operands[s.operands.length - 1];
        for (int r = 0; r < s.rows; r++) {
            long at = maxOffset(s.kvHead, s.row + r, s.split);
            shared.set(SCALAR, at, s.running[r]);
            shared.set(SCALAR, at + Float.BYTES, s.sums[r]);
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return Math.max(1, d.allKvHeads());
    }

    @Override
    public long partNanos() {
        return (long) (1 + (double) count * d.rows() * d.valueHeadSize() / ELEMENTS_PER_NANO);
    }

    /** {@inheritDoc} The first stage asks for it. */
    @Override
    public long sharedBytes() {
        return results() * (d.valueHeadSize() + 2L) * Float.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int kvHead = from; kvHead < to && kvHead < d.allKvHeads(); kvHead++) {
            for (int row = 0; row < d.rows(); row++) {
                merge(operands, kvHead, row);
            }
        }
    }

    /**
     * Adds up the partial results of a query. Each is relative to the greatest score in its split, so it is first
     * scaled to the greatest of all scores.
     */
    private void merge(MemorySegment[] operands, int kvHead, int row) {
        MemorySegment shared = operands[operands.length - 1];
        MemorySegment y = operands[p.operands().output()];
        long result = memory.resultRowOffset(kvHead, row);
        float max = Float.NEGATIVE_INFINITY;
        for (int split = 0; split < count; split++) {
            max = Math.max(max, shared.get(SCALAR, maxOffset(kvHead, row, split)));
        }
        float sum = 0;
        for (int split = 0; split < count; split++) {
            long at = maxOffset(kvHead, row, split);
            float splitMax = shared.get(SCALAR, at);
            float factor = splitMax == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(splitMax - max);
            sum += factor * shared.get(SCALAR, at + Float.BYTES);
            add(shared, resultOffset(kvHead, row, split), factor, split == 0, y, result);
        }
        float inverse = AttentionTile.inverse(sum);
        for (long i = 0; i < bytes(); i += Float.BYTES) {
            y.set(SCALAR, result + i, y.get(SCALAR, result + i) * inverse);
        }
    }

    private long bytes() {
        return (long) d.valueHeadSize() * Float.BYTES;
    }

    private void add(MemorySegment x, long from, float factor, boolean first, MemorySegment y, long to) {
        for (long i = 0; i < bytes(); i += Float.BYTES) {
            float before = first ? 0 : y.get(SCALAR, to + i);
            y.set(SCALAR, to + i, before + x.get(SCALAR, from + i) * factor);
        }
    }
}

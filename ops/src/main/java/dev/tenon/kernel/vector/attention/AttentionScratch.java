package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.vector.gemm.GemmScratch;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The tile of queries and the block of keys that one run of attention works on, with the arrays of the run. Instances
 * come from a pool, so that a run allocates nothing once the pool has as many instances as there are runs at the same
 * time. An instance belongs to one thread from {@link #take} to {@link #give}.
 */
final class AttentionScratch {
    private static final int SLOTS = 64;
    private static final AtomicReferenceArray<AttentionScratch> POOL = new AtomicReferenceArray<>(SLOTS);

    /** Queries, scores, and the results of a tile. */
    GemmScratch arrays;

    /** The operands of the run. */
    MemorySegment[] operands;

    /** The scratch memory of the run. */
    MemorySegment memory;

    /** Whether the JVM has compiled the vector loops. */
    boolean compiled;

    /** The key head, numbered over all sequences. */
    int kvHead;

    /** The first query of the tile, numbered over all queries that share the key head. */
    int row;

    /** The number of queries of the tile. */
    int rows;

    /** The first key that any query of the tile sees. */
    int firstKey;

    /** The key after the last one that any query of the tile sees. */
    int endKey;

    /** The first key that all queries of the tile see, as far as positions decide. */
    int firstSharedKey;

    /** The key after the last one that all queries of the tile see, as far as positions decide. */
    int endSharedKey;

    /** Whether the bias of all queries of the head is written already and consists of zeros. */
    boolean biasIsZero;

    /** The split of the keys that the run works on, see {@link KvSplits}. */
    int split;

    /** The first key of the block. */
    int key;

    /** The number of keys of the block. */
    int keys;

    /** Whether the block holds all keys of the tile. */
    boolean singleBlock;

    private AttentionScratch() {}

    /**
     * Takes an instance with any contents from the pool.
     *
     * @param operands the operands of the run
     * @param memory the scratch memory of the run
     * @return the instance
     */
    static AttentionScratch take(MemorySegment[] operands, MemorySegment memory) {
        AttentionScratch s = free();
        s.arrays = GemmScratch.take();
        s.operands = operands;
        s.memory = memory;
        s.compiled = AttentionWarmUps.ATTENTION.over();
        return s;
    }

    private static AttentionScratch free() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (start + i) & (SLOTS - 1);
            if (POOL.getPlain(slot) != null) {
                AttentionScratch free = POOL.getAndSet(slot, null);
                if (free != null) {
                    return free;
                }
            }
        }
        return new AttentionScratch();
    }

    /** Puts the instance back. If the pool is full, the instance becomes garbage. */
    void give() {
        arrays.give();
        arrays = null;
        operands = null;
        memory = null;
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (start + i) & (SLOTS - 1);
            if (POOL.getPlain(slot) == null && POOL.compareAndSet(slot, null, this)) {
                return;
            }
        }
    }

    /** Moves on to the next block of keys. */
    void nextBlock() {
        key += keys;
    }
}

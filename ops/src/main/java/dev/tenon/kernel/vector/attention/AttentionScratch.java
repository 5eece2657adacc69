package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;

/**
 * The tile of queries and the block of keys that one run of attention works on, with the arrays of the run. Instances come
 * from a pool. An instance belongs to one thread from {@link #take} to {@link #give}.
 */
final class AttentionScratch {
    private static final ScratchPool<AttentionScratch> POOL = new ScratchPool<>(AttentionScratch::new);

    /** The queries of the tile, scaled, {@link GemmTile#ROW} elements apart. */
    final float[] queries = new float[GemmTile.ROWS * GemmTile.ROW];

    /** The scores of the tile and the block, which become probabilities, {@link GemmTile#ROW} elements apart. */
    final float[] scores = new float[GemmTile.ROWS * GemmTile.ROW];

    /** The product of a tile, {@link GemmTile#COLUMNS} elements from row to row. */
    final float[] tile = new float[GemmTile.ROWS * GemmTile.COLUMNS];

    /** The maximum of each row in the block; 0 if no key of it is seen. */
    final float[] maxima = new float[GemmTile.ROWS];

    /** The maximum of each row in all blocks so far. */
    final float[] running = new float[GemmTile.ROWS];

    /** The sum of the probabilities of each row in all blocks so far. */
    final float[] sums = new float[GemmTile.ROWS];

    /** The factor by which the earlier results of each row must be scaled. */
    final float[] factors = new float[GemmTile.ROWS];

    /** A vector of partial sums for each row. */
    final float[] lanes = new float[GemmTile.ROWS * SimdSpecies.LANES];

    /** The partial sums of {@link DotRows}. */
    final float[] products = new float[DotRows.MAX_KEYS * SimdSpecies.LANES];

    /** The operands of the run. */
    MemorySegment[] operands;

    /** The scratch memory of the run. */
    MemorySegment memory;

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
        AttentionScratch s = POOL.take();
        s.operands = operands;
        s.memory = memory;
        return s;
    }

    /** Puts the instance back. */
    void give() {
        operands = null;
        memory = null;
        POOL.give(this);
    }

    /** Moves on to the next block of keys. */
    void nextBlock() {
        key += keys;
    }
}

package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.attention.KeysOrValues.KEYS;
import static dev.tenon.kernel.attention.KeysOrValues.VALUES;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;

/**
 * Attention of few queries, as in the decoding of text. It reads keys and values in their operands, once for all
 * queries of a tile, because packing them would take longer than multiplying them. A part is one key head of one
 * sequence, with the queries of all heads that share it. If there are few heads with many keys, a part has some of the
 * keys of a head, and {@link KvSplits} is the next stage. Outputs that receive all keys and values are only written.
 */
public final class VectorDirectAttention implements Kernel {
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final double BYTES_PER_NANO = 30;

    private final AttentionProblem p;
    private final AttentionProblem.Dims d;
    private final AttentionOperands memory;

    /** Null if a part has all keys of a head. */
    private final KvSplits splits;

    private final int parts;
    private final double partNanos;
    private final AttentionTile tile;
    private final long scratchBytes;

    private VectorDirectAttention(AttentionProblem p) {
        this.p = p;
        d = p.dims();
        memory = new AttentionOperands(p);
        double bytes = (double) d.keys() * (d.headSize() + d.valueHeadSize()) * Float.BYTES;
        double headNanos = AttentionTile.nanos(p, memory) + bytes / BYTES_PER_NANO;
        splits = KvSplits.of(p, memory, id(), headNanos);
        int count = splits == null ? 1 : splits.count();
        parts = d.allKvHeads() * count;
        partNanos = headNanos / count;
        // Columns of values that fill no panel are packed into one, at the start of the scratch memory.
        long panelBytes = d.valueHeadSize() % COLUMNS == 0 ? 0 : VectorPanels.panelBytes(AttentionTile.BLOCK_KEYS);
        tile = new AttentionTile(p, memory, splits, panelBytes);
        scratchBytes = panelBytes + AttentionTile.scratchBytes(p);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with a head size of at most {@link dev.tenon.kernel.MicroTile#DEPTH}
     * @return the kernel
     */
    public static Kernel of(AttentionProblem p) {
        return new VectorDirectAttention(p);
    }

    @Override
    public String id() {
        return "attention_f32_direct_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return Math.max(1, parts);
    }

    @Override
    public long partNanos() {
        return (long) partNanos;
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public Kernel nextStage() {
        return splits;
    }

    @Override
    public long sharedBytes() {
        return splits == null ? 0 : splits.sharedBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        AttentionScratch s = AttentionScratch.take(operands, scratch);
        try {
            for (int part = from; part < to && part < parts; part++) {
                s.split = splits == null ? 0 : part % splits.count();
                head(s, splits == null ? part : part / splits.count());
            }
        } finally {
            s.give();
        }
    }

    /** Computes all queries that share a key head, with all keys of the head or with those of a split. */
    private void head(AttentionScratch s, int kvHead) {
        if (p.operands().present()) {
            int first = splits == null ? 0 : splits.firstKey(s.split);
            int end = splits == null ? d.keys() : splits.endKey(s.split);
            memory.concat(s.operands, s.memory, 0, KEYS, kvHead, first, end);
            memory.concat(s.operands, s.memory, 0, VALUES, kvHead, first, end);
        }
        if (d.queries() == 0) {
            return;
        }
        tile.beginHead(s, kvHead);
        for (int row = 0; row < d.rows(); row += s.rows) {
            tile.begin(s, row, GemmTile.height(d.rows() - row));
            if (splits != null) {
                splits.clampKeys(s);
            }
            tile.loadQueries(s, 0, d.headSize());
            s.singleBlock = splits == null && blockKeys(s.firstKey, s.endKey) == s.endKey - s.firstKey;
            s.key = s.firstKey;
            do {
                s.keys = blockKeys(s.key, s.endKey);
                multiplyKeys(s);
                tile.softmax(s);
                if (s.singleBlock) {
                    AttentionTile.invertSums(s);
                }
                multiplyValues(s);
                s.nextBlock();
            } while (s.key < s.endKey);
            if (splits != null) {
                splits.saveSums(s);
            } else if (!s.singleBlock) {
                tile.divideResults(s);
            }
        }
    }

    /** The number of keys of the block that starts at a key. The same operand holds all of them. */
    private int blockKeys(int key, int end) {
        return Math.min(AttentionTile.BLOCK_KEYS, Math.min(end, memory.holderEnd(key)) - key);
    }

    /** Multiplies the queries of the tile with the keys of the block. */
    private void multiplyKeys(AttentionScratch s) {
        if (s.keys == 0) {
            return;
        }
        MemorySegment keys = memory.holder(s.operands, KEYS, s.key);
        long at = memory.holderOffset(s.kvHead, KEYS, s.key);
        long step = memory.holderStep(KEYS, s.key) * Float.BYTES;
        for (int j = 0; j < s.keys; j += DotRows.MAX_KEYS) {
            int count = Math.min(DotRows.MAX_KEYS, s.keys - j);
            for (int r = 0; r < s.rows; r++) {
                DotRows.multiply(s, r * GemmTile.ROW, keys, at + j * step, step, count, d.headSize(), j);
            }
        }
    }

    /** Multiplies the probabilities of the tile with the values of the block. */
    private void multiplyValues(AttentionScratch s) {
        MemorySegment values = memory.holder(s.operands, VALUES, s.key);
        long at = memory.holderOffset(s.kvHead, VALUES, s.key);
        long step = memory.holderStep(VALUES, s.key);
        for (int column = 0; column < d.valueHeadSize(); column += COLUMNS) {
            int columns = Math.min(COLUMNS, d.valueHeadSize() - column);
            long from = at + (long) column * Float.BYTES;
            if (columns == COLUMNS) {
                GemmTile.multiply(s.rows, s.scores, values, from, step * Float.BYTES, s.keys, s.tile, 0);
            } else {
                if (s.keys > 0) {
                    VectorPanels.pack(values, from, step, s.keys, columns, s.memory, 0);
                }
                GemmTile.multiply(s.rows, s.scores, s.memory, 0, s.keys, s.tile);
            }
            tile.writeResults(s, column);
        }
    }
}

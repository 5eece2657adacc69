package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.attention.KeysOrValues.KEYS;
import static dev.tenon.kernel.attention.KeysOrValues.VALUES;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Attention that holds only the scores of a tile of queries and a block of keys at a time (T. Dao et al.,
 * FlashAttention, 2022). The keys and values of a head are packed into panels once. Then each tile of queries is
 * multiplied with the keys, goes through softmax and is multiplied with the values, all in arrays that stay in the
 * caches nearest to the core. Probabilities stay unscaled; the result is divided by their sum instead, because it has
 * fewer elements.
 *
 * <p>A part is one key head of one sequence. If there are few heads with many queries, it is some of the queries of a head,
 * and {@link AttentionPanels} is the stage before.
 */
public final class VectorAttention implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final double PACKED_PER_NANO = 2;

    /** Parts that are enough for many threads. */
    private static final int WANTED_PARTS = 32;

    /** The least work of a part that has only some of the queries of a head. */
    private static final double MIN_PART_NANOS = 200_000;

    private final AttentionProblem.Dims d;
    private final AttentionOperands memory;
    private final AttentionPanels panels;
    private final AttentionTile tile;

    /** Parts of a head. */
    private final int partsPerHead;

    /** Queries of a part. The last part of a head may have fewer. */
    private final int rowsPerPart;

    private final double headNanos;

    /** The offset of the panels in the scratch memory, if each part packs its own. */
    private final long panelsAt;

    private final long scratchBytes;

    private VectorAttention(AttentionProblem p) {
        d = p.dims();
        memory = new AttentionOperands(p);
        panels = new AttentionPanels(p.dims(), memory, null);
        headNanos = AttentionTile.nanos(p, memory);
        int heads = Math.max(1, d.allKvHeads());
        int wanted = (int) Math.clamp(headNanos / MIN_PART_NANOS, 1, Math.ceilDiv(WANTED_PARTS, heads));
        rowsPerPart = Math.max(1, Math.ceilDiv(Math.ceilDiv(d.rows(), wanted), GemmTile.ROWS)) * GemmTile.ROWS;
        partsPerHead = Math.max(1, Math.ceilDiv(d.rows(), rowsPerPart));
        panelsAt = partsPerHead > 1 ? 0 : panels.concatBytes();
        long biasAt = panelsAt + (partsPerHead > 1 ? 0 : panels.headBytes());
        tile = new AttentionTile(p, memory, null, biasAt);
        scratchBytes = biasAt + AttentionTile.scratchBytes(p);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem
     * @return the kernel, or its first stage
     */
    public static Kernel of(AttentionProblem p) {
        VectorAttention kernel = new VectorAttention(p);
        return kernel.partsPerHead > 1 ? new AttentionPanels(p.dims(), kernel.memory, kernel) : kernel;
    }

    @Override
    public String id() {
        return "attention_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return Math.max(1, allParts());
    }

    private int allParts() {
        return d.allKvHeads() * partsPerHead;
    }

    @Override
    public long partNanos() {
        double elements = (double) d.keys() * (d.headSize() + d.valueHeadSize());
        double packing = partsPerHead > 1 ? 0 : elements / PACKED_PER_NANO;
        return (long) ((headNanos + packing) / partsPerHead);
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        AttentionScratch s = AttentionScratch.take(operands, scratch);
        try {
            for (int part = from; part < to && part < allParts(); part++) {
                head(s, part / partsPerHead, part % partsPerHead);
            }
        } finally {
            s.give();
        }
    }

    /**
     * Computes a part of a head. Part 0 has the last queries: under causality they see the most keys, and threads
     * finish at about the same time if long parts start first.
     */
    private void head(AttentionScratch s, int kvHead, int part) {
        int first = (partsPerHead - 1 - part) * rowsPerPart;
        if (partsPerHead > 1) {
            MemorySegment shared = s.operands[s.operands.length - 1];
            queries(s, kvHead, first, shared, kvHead * panels.headBytes());
        } else {
            panels.pack(s.operands, s.memory, kvHead, KEYS, s.memory, panelsAt);
            panels.pack(s.operands, s.memory, kvHead, VALUES, s.memory, panelsAt);
            queries(s, kvHead, first, s.memory, panelsAt);
        }
    }

    /** Computes the results of a part's queries, tile by tile, from the packed keys and values of their head. */
    private void queries(AttentionScratch s, int kvHead, int first, MemorySegment packed, long keysOffset) {
        int end = Math.min(d.rows(), first + rowsPerPart);
        if (first < end) {
            tile.beginHead(s, kvHead);
        }
        for (int row = first; row < end; row += s.rows) {
            tile.begin(s, row, GemmTile.height(end - row));
            s.key = s.firstKey / COLUMNS * COLUMNS;
            s.singleBlock = s.endKey - s.key <= AttentionTile.BLOCK_KEYS;
            do {
                s.keys = Math.min(AttentionTile.BLOCK_KEYS, s.endKey - s.key);
                multiplyKeys(s, packed, keysOffset);
                tile.softmax(s);
                if (s.singleBlock) {
                    AttentionTile.invertSums(s);
                }
                long at = keysOffset + panels.valuesOffset() + VectorPanels.offset(d.keys(), 0, s.key);
                for (int column = 0; column < d.valueHeadSize(); column += COLUMNS) {
                    GemmTile.multiply(s.rows, s.scores, packed, at, s.keys, s.tile);
                    tile.writeResults(s, column);
                    at += VectorPanels.panelBytes(d.keys());
                }
                s.nextBlock();
            } while (s.key < s.endKey);
            if (!s.singleBlock) {
                tile.divideResults(s);
            }
        }
    }

    /** Multiplies the queries of the tile with the keys of the block, which starts at the first key of a panel. */
    private void multiplyKeys(AttentionScratch s, MemorySegment packed, long keysOffset) {
        for (int term = 0; term < d.headSize(); term += GemmTile.DEPTH) {
            int terms = Math.min(GemmTile.DEPTH, d.headSize() - term);
            tile.loadQueries(s, term, terms);
            long at = keysOffset + VectorPanels.offset(d.headSize(), s.key / COLUMNS, term);
            for (int column = 0; column < s.keys; column += COLUMNS) {
                GemmTile.multiply(s.rows, s.queries, packed, at, terms, s.tile);
                if (term == 0) {
                    put(s.tile, s.rows, s.scores, column);
                } else {
                    add(s.tile, s.rows, s.scores, column);
                }
                at += VectorPanels.panelBytes(d.headSize());
            }
        }
    }

    /** Copies the tile of a product into the scores. */
    private static void put(float[] tile, int count, float[] rows, int column) {
        for (int r = 0; r < count; r++) {
            for (int i = 0; i < COLUMNS; i += LANES) {
                FloatVector.fromArray(F32, tile, r * COLUMNS + i).intoArray(rows, r * ROW + column + i);
            }
        }
    }

    /** Adds the tile of a product to the scores, for heads with more elements than a product has terms. */
    private static void add(float[] tile, int count, float[] rows, int column) {
        for (int r = 0; r < count; r++) {
            for (int i = 0; i < COLUMNS; i += LANES) {
                FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + i))
                        .add(FloatVector.fromArray(F32, rows, r * ROW + column + i))
                        .intoArray(rows, r * ROW + column + i);
            }
        }
    }
}

package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.vector.Prefetch;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import dev.tenon.kernel.vector.norm.PlainSoftmax;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Attention that never holds more scores than a tile of queries has with some keys. The keys and values of a head are
 * packed into panels once, then each tile of queries is multiplied with the keys, goes through softmax and is multiplied
 * with the values, all in arrays in the nearest caches. The probabilities stay unscaled; what is divided by their sum is the
 * result, which has fewer elements.
 *
 * <p>A part is a head of keys of one sequence. Where heads are few and long, a part is some of the queries of a head, and
 * {@link AttentionPanels} is a stage before. Where they are many and lie in pieces of the same rows, a part is some
 * neighbouring ones of a sequence, whose rows are brought near first, see {@link Prefetch}.
 */
public final class VectorAttention implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final double PACKED_PER_NANO = 2;

    /** As many parts as suffice for many threads. */
    private static final int PARTS = 32;

    /** As many parts as are left where heads that lie in the same rows are put together. */
    private static final int GROUPED_PARTS = 8;

    /** The least work that is a part of its own, rather than a head. */
    private static final double PART_NANOS = 200_000;

    private final AttentionProblem p;
    private final AttentionOperands memory;
    private final AttentionPanels panels;
    private final AttentionTile tile;

    /** Heads of keys of a part, all of one sequence. */
    private final int group;

    private final int groups;

    /** Parts of a head, and the queries of each but the last. */
    private final int split;

    private final int rows;
    private final double headNanos;

    // Where things lie in scratch memory.
    private final long panelsAt;
    private final long scratch;

    private VectorAttention(AttentionProblem p) {
        this.p = p;
        memory = new AttentionOperands(p);
        panels = new AttentionPanels(p, memory, null);
        headNanos = AttentionTile.nanos(p, memory);
        int heads = Math.max(1, p.batch() * p.keyHeads());
        int wanted = (int) Math.clamp(headNanos / PART_NANOS, 1, Math.ceilDiv(PARTS, heads));
        rows = Math.max(1, Math.ceilDiv(Math.ceilDiv(p.rows(), wanted), GemmTile.ROWS)) * GemmTile.ROWS;
        split = Math.max(1, Math.ceilDiv(p.rows(), rows));
        group = p.packed() && !memory.gathers() ? Math.clamp(heads / GROUPED_PARTS, 1, Math.max(1, p.keyHeads())) : 1;
        groups = Math.ceilDiv(p.keyHeads(), group);
        panelsAt = split > 1 ? 0 : panels.gatherBytes();
        long addends = panelsAt + (split > 1 ? 0 : panels.headBytes());
        tile = new AttentionTile(p, memory, null, addends);
        scratch = addends + AttentionTile.scratchBytes(p);
    }

    /**
     * A kernel.
     *
     * @param p the problem
     * @return the kernel
     */
    public static Kernel of(AttentionProblem p) {
        VectorAttention kernel = new VectorAttention(p);
        return kernel.split > 1 ? new AttentionPanels(p, kernel.memory, kernel) : kernel;
    }

    @Override
    public String id() {
        return "attention_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return Math.max(1, p.batch() * groups * split);
    }

    @Override
    public long partNanos() {
        double packing = split > 1 ? 0 : (double) p.keys() * (p.size() + p.valueSize()) / PACKED_PER_NANO;
        return (long) ((headNanos + packing) * group / split);
    }

    @Override
    public long scratchBytes() {
        return scratch;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        GemmScratch g = GemmScratch.take();
        g.compiled = AttentionWarmUps.ATTENTION.over();
        try {
            for (int part = from; part < to && part < p.batch() * groups * split; part++) {
                int b = part / split / groups;
                int first = part / split % groups * group;
                int end = Math.min(p.keyHeads(), first + group);
                if (group > 1) {
                    g.seen = read(operands, b, first, end);
                }
                for (int keyHead = first; keyHead < end; keyHead++) {
                    head(operands, scratch, b, keyHead, part % split, g);
                }
            }
        } finally {
            g.give();
        }
    }

    /** Reads, row by row, the memory of what some heads read and write, where nothing is gathered in scratch memory. */
    private int read(MemorySegment[] operands, int b, int first, int end) {
        long keyBytes = (long) (end - first) * p.size() * Float.BYTES;
        long valueBytes = (long) (end - first) * p.valueSize() * Float.BYTES;
        MemorySegment q = operands[0];
        MemorySegment k = memory.source(operands, null, false);
        MemorySegment v = memory.source(operands, null, true);
        MemorySegment y = operands[p.yOperand()];
        long queryStep = memory.queryStep() * Float.BYTES;
        long keyStep = memory.sourceStep(false) * Float.BYTES;
        long valueStep = memory.sourceStep(true) * Float.BYTES;
        long resultStep = memory.resultStep() * Float.BYTES;
        int count = p.queries();
        int seen = Prefetch.read(q, memory.queryRow(b, first, 0), queryStep, count, keyBytes * p.group());
        seen += Prefetch.read(k, memory.sourceAt(b, first, false, 0), keyStep, p.keys(), keyBytes);
        seen += Prefetch.read(v, memory.sourceAt(b, first, true, 0), valueStep, p.keys(), valueBytes);
        return seen + Prefetch.read(y, memory.resultRow(b, first, 0), resultStep, count, valueBytes * p.group());
    }

    /** A part of a head: the first one has the last queries, as these have most to do where they see what is before them. */
    private void head(MemorySegment[] operands, MemorySegment scratch, int b, int keyHead, int place, GemmScratch g) {
        int first = (split - 1 - place) * rows;
        if (split > 1) {
            MemorySegment shared = operands[operands.length - 1];
            long at = ((long) b * p.keyHeads() + keyHead) * panels.headBytes();
            queries(operands, scratch, b, keyHead, first, shared, at, g);
        } else {
            panels.pack(operands, scratch, b, keyHead, false, scratch, panelsAt);
            panels.pack(operands, scratch, b, keyHead, true, scratch, panelsAt);
            queries(operands, scratch, b, keyHead, first, scratch, panelsAt, g);
        }
    }

    /** Some of the queries that look at one head of keys. */
    private void queries(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            int first,
            MemorySegment packed,
            long keysAt,
            GemmScratch g) {
        int end = Math.min(p.rows(), first + rows);
        if (first < end) {
            tile.beginHead(operands, scratch, b, keyHead, g);
        }
        int count;
        for (int row = first; row < end; row += count) {
            count = GemmTile.height(end - row);
            tile.begin(operands, b, row, count, g);
            int key = g.firstKey / COLUMNS * COLUMNS;
            boolean only = g.endKey - key <= AttentionTile.BLOCK;
            do {
                int block = Math.min(AttentionTile.BLOCK, g.endKey - key);
                score(operands, b, keyHead, row, count, key, block, packed, keysAt, g);
                tile.weigh(operands, scratch, b, keyHead, row, count, key, block, g);
                if (only) {
                    AttentionTile.invert(count, g);
                }
                long at = keysAt + panels.valuesAt() + VectorPanels.offset(p.keys(), 0, key);
                for (int column = 0; column < p.valueSize(); column += COLUMNS) {
                    GemmTile.multiply(count, g.rows, packed, at, block, g.tile);
                    tile.put(operands, scratch, b, keyHead, row, count, key, block, column, only, g);
                    at += VectorPanels.panelBytes(p.keys());
                }
                key += block;
            } while (key < g.endKey);
            if (!only) {
                tile.divide(operands, b, keyHead, row, count, g);
            }
        }
    }

    /** The products of queries with some keys, from the first of a panel on. */
    private void score(
            MemorySegment[] operands,
            int b,
            int keyHead,
            int row,
            int count,
            int key,
            int block,
            MemorySegment packed,
            long keysAt,
            GemmScratch g) {
        for (int term = 0; term < p.size(); term += GemmTile.DEPTH) {
            int terms = Math.min(GemmTile.DEPTH, p.size() - term);
            tile.load(operands, b, keyHead, row, count, term, terms, g);
            long at = keysAt + VectorPanels.offset(p.size(), key / COLUMNS, term);
            for (int column = 0; column < block; column += COLUMNS) {
                GemmTile.multiply(count, g.block(0), packed, at, terms, g.tile);
                if (term == 0) {
                    put(g, count, column);
                } else {
                    add(g.tile, count, g.rows, column);
                }
                at += VectorPanels.panelBytes(p.size());
            }
        }
    }

    private static void put(GemmScratch g, int count, int column) {
        if (g.compiled) {
            putVectors(g.tile, count, g.rows, column);
        } else {
            PlainSoftmax.put(g.tile, count, g.rows, column);
        }
    }

    static void putVectors(float[] tile, int count, float[] rows, int column) {
        for (int r = 0; r < count; r++) {
            FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS));
            FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, tile, r * COLUMNS + LANES));
            a.intoArray(rows, r * ROW + column);
            b.intoArray(rows, r * ROW + column + LANES);
        }
    }

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

package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;

/**
 * Attention of a few queries, as where a text is continued: keys and values are read where they lie, once for all queries
 * of a tile, since to pack them would take longer than to multiply them. A part is a head of keys of one sequence, with the
 * queries of all heads that share it. Where heads are few and keys many, a part is a span of the keys of a head, and
 * {@link AttentionSpans} is a stage behind. Present keys and values, where they are asked for, are copies that are not
 * read.
 */
public final class VectorDirectAttention implements Kernel {
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final double BYTES_PER_NANO = 30;

    private final AttentionProblem p;
    private final AttentionOperands memory;
    private final AttentionSpans spans;
    private final int parts;
    private final double partNanos;
    private final AttentionTile tile;
    private final long scratch;

    private VectorDirectAttention(AttentionProblem p) {
        this.p = p;
        memory = new AttentionOperands(p);
        double bytes = (double) p.keys() * (p.size() + p.valueSize()) * Float.BYTES;
        double headNanos = AttentionTile.nanos(p, memory) + bytes / BYTES_PER_NANO;
        spans = AttentionSpans.of(p, memory, id(), headNanos);
        int count = spans == null ? 1 : spans.count();
        parts = p.batch() * p.keyHeads() * count;
        partNanos = headNanos / count;
        long panel = p.valueSize() % COLUMNS == 0 ? 0 : VectorPanels.panelBytes(AttentionTile.BLOCK);
        tile = new AttentionTile(p, memory, spans, panel);
        scratch = panel + AttentionTile.scratchBytes(p);
    }

    /**
     * A kernel.
     *
     * @param p the problem, its {@link AttentionProblem#size} at most 512
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
        return scratch;
    }

    @Override
    public Kernel next() {
        return spans;
    }

    @Override
    public long sharedBytes() {
        return spans == null ? 0 : spans.sharedBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        GemmScratch g = GemmScratch.take();
        g.compiled = AttentionWarmUps.ATTENTION.over();
        try {
            for (int part = from; part < to && part < parts; part++) {
                int head = spans == null ? part : part / spans.count();
                g.span = spans == null ? 0 : part % spans.count();
                head(operands, scratch, head / p.keyHeads(), head % p.keyHeads(), g);
            }
        } finally {
            g.give();
        }
    }

    /** All queries that look at one head of keys, with all of those or with a span of them. */
    private void head(MemorySegment[] operands, MemorySegment scratch, int b, int keyHead, GemmScratch g) {
        int first = spans == null ? 0 : spans.first(g.span);
        int end = spans == null ? p.keys() : spans.end(g.span);
        if (p.present()) {
            memory.gather(operands, scratch, 0, false, b, keyHead, first, end);
            memory.gather(operands, scratch, 0, true, b, keyHead, first, end);
        }
        if (p.queries() == 0) {
            return;
        }
        tile.beginHead(operands, scratch, b, keyHead, g);
        int count;
        for (int row = 0; row < p.rows(); row += count) {
            count = GemmTile.height(p.rows() - row);
            tile.begin(operands, b, row, count, g);
            if (spans != null) {
                spans.narrow(g);
            }
            tile.load(operands, b, keyHead, row, count, 0, p.size(), g);
            boolean only = spans == null && block(g.firstKey, g.endKey) == g.endKey - g.firstKey;
            int key = g.firstKey;
            do {
                int block = block(key, g.endKey);
                score(operands, b, keyHead, count, key, block, g);
                tile.weigh(operands, scratch, b, keyHead, row, count, key, block, g);
                if (only) {
                    AttentionTile.invert(count, g);
                }
                mix(operands, scratch, b, keyHead, row, count, key, block, only, g);
                key += block;
            } while (key < g.endKey);
            if (spans != null) {
                spans.save(operands[operands.length - 1], b, keyHead, row, count, g.span, g);
            } else if (!only) {
                tile.divide(operands, b, keyHead, row, count, g);
            }
        }
    }

    /** How many keys the block has that begins with one of them: all lie in the same memory. */
    private int block(int key, int end) {
        return Math.min(AttentionTile.BLOCK, Math.min(end, memory.lyingEnd(key)) - key);
    }

    /** The products of queries with some keys. */
    private void score(MemorySegment[] operands, int b, int keyHead, int count, int key, int block, GemmScratch g) {
        if (block == 0) {
            return;
        }
        MemorySegment keys = memory.lying(operands, false, key);
        long at = memory.lyingAt(b, keyHead, false, key);
        long step = memory.lyingStep(false, key) * Float.BYTES;
        float[] products = g.elements(DotRows.ELEMENTS);
        float[] queries = g.block(0);
        for (int j = 0; j < block; j += DotRows.KEYS) {
            int some = Math.min(DotRows.KEYS, block - j);
            for (int r = 0; r < count; r += DotRows.ROWS) {
                int rows = Math.min(DotRows.ROWS, count - r);
                DotRows.multiply(rows, queries, r, keys, at + j * step, step, some, p.size(), products, g.rows, j);
            }
        }
    }

    /** Adds up the values of some keys. */
    private void mix(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            int row,
            int count,
            int key,
            int block,
            boolean only,
            GemmScratch g) {
        MemorySegment values = memory.lying(operands, true, key);
        long at = memory.lyingAt(b, keyHead, true, key);
        long step = memory.lyingStep(true, key);
        for (int column = 0; column < p.valueSize(); column += COLUMNS) {
            int columns = Math.min(COLUMNS, p.valueSize() - column);
            long from = at + (long) column * Float.BYTES;
            if (columns == COLUMNS) {
                GemmTile.multiply(count, g.rows, values, from, step * Float.BYTES, block, g.tile, 0);
            } else {
                if (block > 0) {
                    VectorPanels.pack(values, from, step, block, columns, scratch, 0);
                }
                GemmTile.multiply(count, g.rows, scratch, 0, block, g.tile);
            }
            tile.put(operands, scratch, b, keyHead, row, count, key, block, column, only, g);
        }
    }
}

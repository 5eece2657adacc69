package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Spans of the keys of a head, each a part of {@link VectorDirectAttention}, where heads are few and keys many. What a span
 * makes lies in shared memory: for each query of the head results that are not yet divided, and the greatest score and the
 * sum that belong to them. As a kernel it is the stage that adds those up, from the first span to the last; a part is a
 * head.
 */
final class AttentionSpans implements Kernel {
    /** As many parts as suffice for many threads. */
    private static final int PARTS = 16;

    /** The least work that is a part of its own. */
    private static final double PART_NANOS = 50_000;

    private static final double ELEMENTS_PER_NANO = 1;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    private final AttentionProblem p;
    private final AttentionOperands memory;
    private final String id;
    private final int keys;
    private final int count;

    /**
     * Spans.
     *
     * @param p the problem
     * @param memory where its operands lie
     * @param id the name of the kernel
     * @param keys the keys of each span but the last
     */
    private AttentionSpans(AttentionProblem p, AttentionOperands memory, String id, int keys) {
        this.p = p;
        this.memory = memory;
        this.id = id;
        this.keys = keys;
        count = Math.ceilDiv(p.keys(), keys);
    }

    /**
     * The spans of a problem.
     *
     * @param p the problem
     * @param memory where its operands lie
     * @param id the name of the kernel
     * @param headNanos the estimated work of a head
     * @return the spans, or null if a head is a part
     */
    static AttentionSpans of(AttentionProblem p, AttentionOperands memory, String id, double headNanos) {
        int heads = Math.max(1, p.batch() * p.keyHeads());
        int wanted = (int) Math.clamp(headNanos / PART_NANOS, 1, Math.ceilDiv(PARTS, heads));
        int blocks = Math.max(1, Math.ceilDiv(Math.ceilDiv(p.keys(), wanted), AttentionTile.BLOCK));
        int keys = blocks * AttentionTile.BLOCK;
        return p.keys() > keys ? new AttentionSpans(p, memory, id, keys) : null;
    }

    /** How many there are of a head. */
    int count() {
        return count;
    }

    /** The first key of a span. */
    int first(int span) {
        return span * keys;
    }

    /** The key behind the last one of a span. */
    int end(int span) {
        return Math.min(p.keys(), first(span + 1));
    }

    /** Leaves of the keys that a tile may see those of its span. */
    void narrow(GemmScratch g) {
        int first = Math.max(g.firstKey, first(g.span));
        int end = Math.min(g.endKey, end(g.span));
        g.firstKey = first < end ? first : first(g.span);
        g.endKey = first < end ? end : g.firstKey;
    }

    /** Where the results of a query with the keys of a span lie; those of the next query lie behind them. */
    long rowAt(int b, int keyHead, int row, int span) {
        return index(b, keyHead, row, span) * p.valueSize() * Float.BYTES;
    }

    private long index(int b, int keyHead, int row, int span) {
        return (((long) b * p.keyHeads() + keyHead) * count + span) * p.rows() + row;
    }

    /** Where the greatest score of a query with the keys of a span lies; the sum lies behind it. */
    private long sumAt(int b, int keyHead, int row, int span) {
        long results = index(p.batch(), 0, 0, 0) * p.valueSize();
        return (results + 2 * index(b, keyHead, row, span)) * Float.BYTES;
    }

    /** Writes the greatest scores and the sums of a tile. */
    void save(MemorySegment shared, int b, int keyHead, int row, int rows, int span, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            long at = sumAt(b, keyHead, row + r, span);
            shared.set(SCALAR, at, g.running[r]);
            shared.set(SCALAR, at + Float.BYTES, g.sums[r]);
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return Math.max(1, p.batch() * p.keyHeads());
    }

    @Override
    public long partNanos() {
        return (long) (1 + (double) count * p.rows() * p.valueSize() / ELEMENTS_PER_NANO);
    }

    /** Of the stage before. */
    @Override
    public long sharedBytes() {
        return index(p.batch(), 0, 0, 0) * (p.valueSize() + 2L) * Float.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        GemmScratch g = GemmScratch.take();
        try {
            float[] rows = g.elements(2 * p.valueSize());
            for (int part = from; part < to && part < p.batch() * p.keyHeads(); part++) {
                for (int row = 0; row < p.rows(); row++) {
                    add(operands, part / p.keyHeads(), part % p.keyHeads(), row, rows);
                }
            }
        } finally {
            g.give();
        }
    }

    /** Adds up what the spans made of a query, each scaled from its own greatest score to that of all. */
    private void add(MemorySegment[] operands, int b, int keyHead, int row, float[] rows) {
        MemorySegment shared = operands[operands.length - 1];
        float max = Float.NEGATIVE_INFINITY;
        for (int span = 0; span < count; span++) {
            max = Math.max(max, shared.get(SCALAR, sumAt(b, keyHead, row, span)));
        }
        int size = p.valueSize();
        Arrays.fill(rows, 0, size, 0);
        float sum = 0;
        for (int span = 0; span < count; span++) {
            long at = sumAt(b, keyHead, row, span);
            float own = shared.get(SCALAR, at);
            float factor = own == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(own - max);
            sum += factor * shared.get(SCALAR, at + Float.BYTES);
            MemorySegment.copy(shared, SCALAR, rowAt(b, keyHead, row, span), rows, size, size);
            addScaled(rows, size, factor);
        }
        scale(rows, size, AttentionTile.inverse(sum));
        MemorySegment.copy(rows, 0, operands[p.yOperand()], SCALAR, memory.resultRow(b, keyHead, row), size);
    }

    private static void addScaled(float[] rows, int size, float factor) {
        for (int i = 0; i < size; i++) {
            rows[i] += rows[size + i] * factor;
        }
    }

    private static void scale(float[] rows, int size, float factor) {
        for (int i = 0; i < size; i++) {
            rows[i] *= factor;
        }
    }
}

package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.attention.PagedProblem.PAGE;
import static dev.tenon.kernel.attention.PagedProblem.RESULT;
import static dev.tenon.kernel.attention.PagedProblem.SEGMENT;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.PagedProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The second stage of attention over pages: reads keys and values in the pages. A part is some tokens and a key head. A tile is
 * some rows of queries of one sequence, of all heads of the group and of several tokens, for which a page is read once.
 *
 * <p>Each row is computed as if it were alone: dot products, exponentials and sums do not depend on the other rows of a tile, and
 * nothing is multiplied that a row does not see. Its values are added up page by page, in the order of positions.
 */
public final class VectorPagedAttention implements Kernel {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT;
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final long PANEL_ROW = (long) COLUMNS * Float.BYTES;
    private static final double PRODUCTS_PER_NANO = 10;
    private static final double EXPONENTIALS_PER_NANO = 3;

    private final PagedProblem p;
    private final PagedProblem.Dims d;
    private final float factor;
    /** Room for the last columns of a page, at the start of scratch memory; a page that was widened follows. */
    private final long tailBytes;

    private VectorPagedAttention(PagedProblem p) {
        this.p = p;
        this.d = p.dims();
        factor = p.softcap() > 0 ? p.scale() / p.softcap() : p.scale();
        tailBytes = d.size() % COLUMNS == 0 ? 0 : VectorPanels.panelBytes(PAGE);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with heads of at most {@link dev.tenon.kernel.MicroTile#DEPTH} elements
     * @return the stage
     */
    public static Kernel of(PagedProblem p) {
        return new VectorPagedAttention(p);
    }

    @Override
    public String id() {
        return "paged_attention_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return Math.max(1, p.parts());
    }

    @Override
    public long partNanos() {
        return (long) (1 + p.partPairs() * (2 * d.size() / PRODUCTS_PER_NANO + 1 / EXPONENTIALS_PER_NANO));
    }

    @Override
    public long scratchBytes() {
        return tailBytes + (p.half() ? PAGE * p.rowBytes() : 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        PagedTile t = PagedTile.take(operands, scratch);
        try {
            for (int part = from; part < to && part < p.parts(); part++) {
                int first = part / d.keyHeads() * p.partTokens();
                int end = Math.min(d.tokens(), first + p.partTokens()) * d.group();
                t.keyHead = part % d.keyHeads();
                for (int row = first * d.group(); row < end; row += t.rows) {
                    t.begin(p, row, end);
                    tile(t);
                }
            }
        } finally {
            t.give();
        }
    }

    private void tile(PagedTile t) {
        loadQueries(t);
        int first = t.first();
        int end = t.end();
        for (t.segment = first / SEGMENT * SEGMENT; t.segment < end; t.segment += SEGMENT) {
            multiplyKeys(t);
            if (p.softcap() > 0) {
                applySoftcap(t.s.scores, t.rows, t.width(), p.softcap());
            }
            hide(t);
            Arrays.fill(t.s.running, 0, t.rows, Float.NEGATIVE_INFINITY);
            Arrays.fill(t.s.sums, 0, t.rows, 0);
            ScoreSoftmax.run(t.s, t.width());
            t.merge();
            multiplyValues(t);
        }
        divide(t);
    }

    private void loadQueries(PagedTile t) {
        MemorySegment q = t.operands[0];
        for (int r = 0; r < t.rows; r++) {
            long at = p.queryOffset(t.keyHead, t.row + r);
            for (int i = 0; i < d.size(); i++) {
                t.s.queries[r * ROW + i] = q.get(SCALAR, at + (long) i * Float.BYTES) * factor;
            }
        }
    }

    /** Makes the rows of a page float32, if they are not, from the first that a row of the tile sees to the last. */
    private void open(PagedTile t, int operand, int page, int end) {
        t.pages = t.operands[operand];
        t.pageAt = p.pageOffset(p.page(t.operands, t.sequence, page / PAGE), t.keyHead);
        if (p.half()) {
            int from = Math.max(0, t.first() - page) * d.size();
            int count = Math.min(PAGE, end - page) * d.size() - from;
            MemorySegment.copy(t.pages, HALF, t.pageAt + (long) from * Short.BYTES, t.halves, 0, count);
            for (int i = 0; i < count; i++) {
                t.widened[i] = Float.float16ToFloat(t.halves[i]);
            }
            t.pages = t.memory;
            t.pageAt = tailBytes;
            MemorySegment.copy(t.widened, 0, t.memory, SCALAR, t.pageAt + (long) from * Float.BYTES, count);
        }
    }

    /** Writes the scores of the keys of the segment that each row sees. */
    private void multiplyKeys(PagedTile t) {
        int end = Math.min(t.end(), t.segment + SEGMENT);
        for (int page = Math.max(t.segment, t.first() / PAGE * PAGE); page < end; page += PAGE) {
            open(t, RESULT + 1, page, end);
            for (int r = 0; r < t.rows; r++) {
                int last = Math.min(PAGE, t.end[r] - page);
                for (int j = Math.max(0, t.first[r] - page); j < last; j += DotRows.MAX_KEYS) {
                    int count = Math.min(DotRows.MAX_KEYS, last - j);
                    long at = t.pageAt + j * p.rowBytes();
                    DotRows.multiply(t.s, r * ROW, t.pages, at, p.rowBytes(), count, d.size(), page - t.segment + j);
                }
            }
        }
    }

    /** Makes the scores of the keys of the segment that a row does not see negative infinity. */
    private static void hide(PagedTile t) {
        int width = t.width();
        for (int r = 0; r < t.rows; r++) {
            int from = Math.clamp(t.first[r] - t.segment, 0, width);
            int to = Math.clamp(t.end[r] - t.segment, from, width);
            Arrays.fill(t.s.scores, r * ROW, r * ROW + from, Float.NEGATIVE_INFINITY);
            Arrays.fill(t.s.scores, r * ROW + to, r * ROW + width, Float.NEGATIVE_INFINITY);
        }
    }

    private static void applySoftcap(float[] scores, int rows, int width, float softcap) {
        for (int r = 0; r < rows; r++) {
            for (int i = r * ROW; i < r * ROW + width; i += LANES) {
                VectorMath.tanh(FloatVector.fromArray(F32, scores, i))
                        .mul(softcap)
                        .intoArray(scores, i);
            }
        }
    }

    /** Adds the values of the segment, weighted by probabilities, to the results of the segments before. */
    private void multiplyValues(PagedTile t) {
        int end = Math.min(t.end(), t.segment + SEGMENT);
        for (int r = 0; r < t.rows; r++) {
            Arrays.fill(t.sums, r * ROW, r * ROW + d.size(), 0);
        }
        for (int page = Math.max(t.segment, t.first() / PAGE * PAGE); page < end; page += PAGE) {
            open(t, RESULT + 2, page, end);
            if (tailBytes > 0) {
                packTail(t, page, end);
            }
            int count;
            for (int r = 0; r < t.rows; r += count) {
                count = t.sameKeys(r, page);
                multiplyPage(t, r, count, page);
            }
        }
        addResults(t);
    }

    /** Packs the last columns of a page, which fill no panel: rows that some row of the tile sees. */
    private void packTail(PagedTile t, int page, int end) {
        int from = Math.max(0, t.first() - page);
        int count = Math.min(PAGE, end - page) - from;
        int columns = d.size() % COLUMNS;
        long at = t.pageAt + from * p.rowBytes() + (long) (d.size() - columns) * Float.BYTES;
        VectorPanels.pack(t.pages, at, d.size(), count, columns, t.memory, from * PANEL_ROW);
    }

    /** Adds the values of a page to the sums of some rows, which see the same keys of it. */
    private void multiplyPage(PagedTile t, int row, int count, int page) {
        int from = Math.max(0, t.first[row] - page);
        int keys = Math.min(PAGE, t.end[row] - page) - from;
        if (keys <= 0) {
            return;
        }
        for (int r = 0; r < count; r++) {
            int at = (row + r) * ROW + page - t.segment + from;
            System.arraycopy(t.s.scores, at, t.probabilities, r * ROW, keys);
        }
        for (int column = 0; column < d.size(); column += COLUMNS) {
            int columns = Math.min(COLUMNS, d.size() - column);
            if (columns == COLUMNS) {
                long at = t.pageAt + from * p.rowBytes() + (long) column * Float.BYTES;
                GemmTile.multiply(count, t.probabilities, t.pages, at, p.rowBytes(), keys, t.s.tile, 0);
            } else {
                GemmTile.multiply(count, t.probabilities, t.memory, from * PANEL_ROW, PANEL_ROW, keys, t.s.tile, 0);
            }
            for (int r = 0; r < count; r++) {
                addTile(t.s.tile, r * COLUMNS, columns, t.sums, (row + r) * ROW + column);
            }
        }
    }

    private static void addTile(float[] tile, int from, int count, float[] sums, int to) {
        for (int i = 0; i < count; i++) {
            sums[to + i] += tile[from + i];
        }
    }

    private void addResults(PagedTile t) {
        MemorySegment y = t.operands[RESULT];
        for (int r = 0; r < t.rows; r++) {
            if (t.end[r] <= t.segment || t.first[r] >= t.segment + SEGMENT) {
                continue;
            }
            long at = p.queryOffset(t.keyHead, t.row + r);
            boolean hasEarlier = t.segment > t.first[r];
            for (int i = 0; i < d.size(); i++) {
                long to = at + (long) i * Float.BYTES;
                float earlier = hasEarlier ? y.get(SCALAR, to) * t.before[r] : 0;
                y.set(SCALAR, to, earlier + t.sums[r * ROW + i] * t.own[r]);
            }
        }
    }

    private void divide(PagedTile t) {
        MemorySegment y = t.operands[RESULT];
        for (int r = 0; r < t.rows; r++) {
            float inverse = AttentionTile.inverse(t.sum[r]);
            long at = p.queryOffset(t.keyHead, t.row + r);
            for (long i = 0; i < p.rowBytes(); i += Float.BYTES) {
                y.set(SCALAR, at + i, y.get(SCALAR, at + i) * inverse);
            }
        }
    }
}

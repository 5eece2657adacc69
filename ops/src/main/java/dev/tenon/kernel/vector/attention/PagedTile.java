package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.attention.PagedProblem.PAGE;
import static dev.tenon.kernel.attention.PagedProblem.SEGMENT;

import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.attention.PagedProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The rows of queries that {@link VectorPagedAttention} works on together, with the arrays of a run. Instances come from a pool. An
 * instance belongs to one thread from {@link #take} to {@link #give}.
 */
final class PagedTile {
    private static final ScratchPool<PagedTile> POOL = new ScratchPool<>(PagedTile::new);

    /** The probabilities of a page, as {@link GemmTile} takes them. */
    final float[] probabilities = new float[GemmTile.ROWS * GemmTile.ROW];

    /** The sums of values in a segment, {@link GemmTile#ROW} elements apart. */
    final float[] sums = new float[GemmTile.ROWS * GemmTile.ROW];

    /** A page of float16, and the same numbers as float32. */
    final short[] halves = new short[PAGE * MicroTile.DEPTH];

    final float[] widened = new float[PAGE * MicroTile.DEPTH];

    /** The first position that each row sees. */
    final int[] first = new int[GemmTile.ROWS];

    /** The position after the last one that each row sees. */
    final int[] end = new int[GemmTile.ROWS];

    /** The factors of the results of the segments before. */
    final float[] before = new float[GemmTile.ROWS];

    /** The factors of the results of the segment. */
    final float[] own = new float[GemmTile.ROWS];

    /** The maximum of each row in the segments so far. */
    final float[] max = new float[GemmTile.ROWS];

    /** The sum of the probabilities of each row in the segments so far. */
    final float[] sum = new float[GemmTile.ROWS];

    /** Queries and scores. */
    AttentionScratch s;

    MemorySegment[] operands;
    MemorySegment memory;
    int keyHead;
    int sequence;

    /** The first row: the token times the group, plus the query head within the group. */
    int row;

    int rows;

    /** The first position of the segment. */
    int segment;

    /** The memory of the rows of a page of float32, and the offset of the first. */
    MemorySegment pages;

    long pageAt;

    private PagedTile() {}

    static PagedTile take(MemorySegment[] operands, MemorySegment memory) {
        PagedTile t = POOL.take();
        t.s = AttentionScratch.take(operands, memory);
        t.operands = operands;
        t.memory = memory;
        return t;
    }

    void give() {
        s.give();
        s = null;
        operands = null;
        memory = null;
        pages = null;
        POOL.give(this);
    }

    /** Begins a tile: rows of neighbouring positions of one sequence, from a row on, before the end of the part. */
    void begin(PagedProblem p, int from, int stop) {
        int group = p.dims().group();
        sequence = p.sequence(operands, from / group);
        row = from;
        rows = 0;
        while (rows < Math.min(GemmTile.ROWS, stop - from)) {
            int token = (from + rows) / group;
            int position = p.position(operands, token);
            boolean isNear = rows == 0 || position == end[rows - 1] || position == end[rows - 1] - 1;
            if (!isNear || p.sequence(operands, token) != sequence) {
                break;
            }
            first[rows] = p.firstPosition(position);
            end[rows] = position + 1;
            rows++;
        }
        s.rows = rows;
        Arrays.fill(max, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0, rows, 0);
    }

    /** The first position that any row sees. */
    int first() {
        int least = first[0];
        for (int r = 1; r < rows; r++) {
            least = Math.min(least, first[r]);
        }
        return least;
    }

    /** The position after the last one that any row sees. */
    int end() {
        int most = end[0];
        for (int r = 1; r < rows; r++) {
            most = Math.max(most, end[r]);
        }
        return most;
    }

    /** The scores of the segment, from its begin to the last key that any row sees, in whole vectors. */
    int width() {
        return Math.ceilDiv(Math.min(SEGMENT, end() - segment), SimdSpecies.LANES) * SimdSpecies.LANES;
    }

    /** How many rows, from one on, see the same keys of a page. */
    int sameKeys(int from, int page) {
        int count = 1;
        while (from + count < rows
                && Math.max(page, first[from + count]) == Math.max(page, first[from])
                && Math.min(page + PAGE, end[from + count]) == Math.min(page + PAGE, end[from])) {
            count++;
        }
        return count;
    }

    /** Joins maxima and sums of the segment with those of the segments before. */
    void merge() {
        for (int r = 0; r < rows; r++) {
            float next = Math.max(max[r], s.running[r]);
            before[r] = factor(max[r], next);
            own[r] = factor(s.running[r], next);
            sum[r] = sum[r] * before[r] + s.sums[r] * own[r];
            max[r] = next;
        }
    }

    private static float factor(float max, float next) {
        return max == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(max - next);
    }
}

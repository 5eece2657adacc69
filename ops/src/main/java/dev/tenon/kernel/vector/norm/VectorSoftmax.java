package dev.tenon.kernel.vector.norm;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Softmax over contiguous rows of float32, in blocks of rows that are loaded into an array which stays in the first cache,
 * worked on there by {@link SoftmaxRows} and copied out. The last vector of a row is filled up with negative infinity,
 * which changes neither maximum nor sum. Rows that the array does not hold are cut into pieces. Where there are many
 * blocks of rows of full vectors, one is loaded while there is arithmetic to do for the one before.
 *
 * <p>Results are copied out in bulk, since C2 would check every vector that a loop stores into a segment.
 */
public final class VectorSoftmax implements RowKernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long ROW_NANOS = 15;

    /** Elements in the array. Their sums are taken in float32, those of pieces are added up in float64. */
    private static final int BLOCK_ELEMENTS = 128 * LANES;

    /** Elements of rows that are worked on together: so few that the next ones come from memory meanwhile. */
    private static final int TOGETHER = 512;

    /** Pieces of a row that stay in arrays from one step to the next. */
    private static final int KEPT = 16;

    private final SoftmaxProblem p;
    private final RowPartition split;
    private final SoftmaxRows.Step[] steps;
    private final int padded;
    private final int block;

    private VectorSoftmax(SoftmaxProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer(), p.length(), PART_ELEMENTS);
        this.steps = p.log() ? SoftmaxRows.logarithmic() : SoftmaxRows.plain();
        this.padded = SoftmaxRows.padded(Math.min(p.length(), BLOCK_ELEMENTS));
        this.block = Math.clamp(TOGETHER / Math.max(1, padded), 1, SoftmaxRows.MOST);
    }

    /**
     * A kernel.
     *
     * @param p the rows, of inner 1; operands are input, output
     * @return the kernel
     */
    public static RowKernel of(SoftmaxProblem p) {
        return new VectorSoftmax(p);
    }

    @Override
    public String id() {
        return "softmax_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long first = split.start(from);
        run(operands[0], first * p.length() * Float.BYTES, operands[1], first, split.start(to), scratch);
    }

    @Override
    public long lines() {
        return p.outer();
    }

    @Override
    public long elements() {
        return p.length();
    }

    @Override
    public long results() {
        return p.length();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        GemmScratch g = GemmScratch.take();
        try {
            long behind = xAt - first * p.length() * Float.BYTES;
            long start = first;
            if (!p.log() && padded > 0 && p.length() == padded && last - start > 2L * block) {
                start = stream(x, behind, y, start, last, g);
            }
            for (; start < last; start += block) {
                long at = start * p.length() * Float.BYTES;
                if (p.length() > BLOCK_ELEMENTS) {
                    longRow(x, behind, y, at, g);
                } else {
                    rows(x, behind, y, at, (int) Math.min(block, last - start), g);
                }
            }
        } finally {
            g.give();
        }
    }

    /**
     * Softmax of full blocks of rows, three at a time.
     *
     * @param behind the bytes that elements lie behind where their results lie
     * @return the first row that is left
     */
    private long stream(MemorySegment x, long behind, MemorySegment y, long start, long end, GemmScratch g) {
        int elements = block * padded;
        int span = elements + block * LANES;
        long bytes = elements * (long) Float.BYTES;
        long at = start * padded * Float.BYTES;
        long first = at;
        long last = at + ((end - start) / block - 1) * bytes;
        float[] s = g.rows;
        int out = 0;
        int now = span;
        int in = 2 * span;
        SoftmaxRows.load(x, at + behind, block, padded, s, now, g);
        for (; at <= last; at += bytes) {
            // What the first round scales is nothing yet, and what the last one reads is of no use.
            SoftmaxRows.advance(x, Math.min(last, at + bytes) + behind, s, in, now, out, block, padded, g);
            SoftmaxRows.inverses(s, now + elements, block);
            SoftmaxRows.maxima(s, in + elements, block, g);
            if (at > first) {
                MemorySegment.copy(s, out, y, F32, at - bytes, elements);
            }
            int free = out;
            out = now;
            now = in;
            in = free;
        }
        SoftmaxRows.scale(s, out, block, padded);
        MemorySegment.copy(s, out, y, F32, last, elements);
        return start + (end - start) / block * block;
    }

    private void rows(MemorySegment x, long behind, MemorySegment y, long at, int rows, GemmScratch g) {
        int length = (int) p.length();
        SoftmaxRows.load(x, at + behind, rows, length, g.rows, 0, g);
        for (int i = 0; i < steps.length; i++) {
            step(i, g.rows, rows, length, g);
        }
        store(g.rows, y, at, rows, length);
    }

    /** A row in pieces, the first of which stay in arrays; the others are read anew for each step. */
    private void longRow(MemorySegment x, long behind, MemorySegment y, long at, GemmScratch g) {
        int pieces = (int) Math.ceilDiv(p.length(), padded);
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < pieces; i++) {
            float[] s = i < KEPT ? g.block(i) : g.rows;
            SoftmaxRows.load(x, place(at, i) + behind, 1, piece(i), s, 0, g);
            max = Math.max(max, g.maxima[0]);
        }
        g.maxima[0] = max;
        double sum = 0;
        for (int i = 0; i < pieces; i++) {
            float[] s = fetch(x, at + behind, i, g);
            step(SoftmaxRows.SUMS, s, 1, piece(i), g);
            sum += LaneSums.sum(g.lanes, 0);
            if (i >= KEPT && !p.log()) {
                store(s, y, place(at, i), 1, piece(i));
            }
        }
        Arrays.fill(g.lanes, 0, LANES, p.log() ? SoftmaxRows.logarithm(sum) : (float) (1 / sum));
        for (int i = 0; i < pieces; i++) {
            float[] s = p.log() ? fetch(x, at + behind, i, g) : fetch(y, at, i, g);
            step(SoftmaxRows.RESULTS, s, 1, piece(i), g);
            store(s, y, place(at, i), 1, piece(i));
        }
    }

    private float[] fetch(MemorySegment from, long at, int piece, GemmScratch g) {
        if (piece < KEPT) {
            return g.block(piece);
        }
        MemorySegment.copy(from, F32, place(at, piece), g.rows, 0, piece(piece));
        Arrays.fill(g.rows, piece(piece), padded, Float.NEGATIVE_INFINITY);
        return g.rows;
    }

    private long place(long at, int piece) {
        return at + (long) piece * padded * Float.BYTES;
    }

    /** The only call of steps, so that C2 sees many behind it and compiles none of them into its callers. */
    private void step(int step, float[] s, int rows, int length, GemmScratch g) {
        int full = SoftmaxRows.padded(length);
        steps[step].run(s, rows, full, full, g);
    }

    private int piece(int piece) {
        return (int) Math.min(padded, p.length() - (long) piece * padded);
    }

    private void store(float[] s, MemorySegment y, long at, int rows, int length) {
        if (length == padded) {
            MemorySegment.copy(s, 0, y, F32, at, rows * length);
            return;
        }
        if (padded == LANES && length > LANES / 2) {
            SoftmaxRows.store(s, y, at, rows, length);
            return;
        }
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(s, r * padded, y, F32, at + (long) r * length * Float.BYTES, length);
        }
    }
}

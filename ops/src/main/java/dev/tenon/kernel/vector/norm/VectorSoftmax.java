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
 * Softmax along the last axis of float32. A block of rows is loaded into an array that stays in the first-level cache,
 * goes through the loops of {@link SoftmaxRows} there, and is copied out. The last vector of each row is filled up with
 * negative infinity, which changes neither maximum nor sum. There are three ways, by the length and the number of rows:
 * <ul>
 * <li>Many rows of full vectors run through a software pipeline, which loads a block during the arithmetic of another
 *     one.
 * <li>Other rows are worked on block by block.
 * <li>A row that is too long for the array is cut into pieces.
 * </ul>
 *
 * <p>Results are copied out in bulk, because C2 would check the bounds of each vector that a loop stores into a
 * segment.
 */
public final class VectorSoftmax implements RowKernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long ROW_NANOS = 15;

    /** The most elements of a piece. They are added up in float32; the sums of pieces are added up in double. */
    private static final int PIECE_ELEMENTS = 128 * LANES;

    /** Elements of a block of rows: few enough that memory delivers the next block during their arithmetic. */
    private static final int BLOCK_ELEMENTS = 512;

    /** Pieces of a long row that stay in arrays from one loop to the next. Later pieces are read again. */
    private static final int KEPT_PIECES = 16;

    private final SoftmaxProblem p;
    private final RowPartition split;
    private final SoftmaxRows.Step[] steps;

    /** Elements of a row or of a piece, rounded up to full vectors. */
    private final int padded;

    /** Rows of a block. */
    private final int blockRows;

    private VectorSoftmax(SoftmaxProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer(), p.length(), PART_ELEMENTS);
        this.steps = p.log() ? SoftmaxRows.logSoftmaxSteps() : SoftmaxRows.softmaxSteps();
        this.padded = SoftmaxRows.padded(Math.min(p.length(), PIECE_ELEMENTS));
        this.blockRows = Math.clamp(BLOCK_ELEMENTS / Math.max(1, padded), 1, SoftmaxRows.MAX_ROWS);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with inner 1
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
        return split.maxPartRows() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
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
    public long rows() {
        return p.outer();
    }

    @Override
    public long rowLength() {
        return p.length();
    }

    @Override
    public long resultLength() {
        return p.length();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        GemmScratch g = GemmScratch.take();
        try {
            long xShift = xAt - first * p.length() * Float.BYTES;
            long start = first;
            if (!p.log() && padded > 0 && p.length() == padded && last - start > 2L * blockRows) {
                start = pipeline(x, xShift, y, start, last, g);
            }
            for (; start < last; start += blockRows) {
                long at = start * p.length() * Float.BYTES;
                if (p.length() > PIECE_ELEMENTS) {
                    longRow(x, xShift, y, at, g);
                } else {
                    rows(x, xShift, y, at, (int) Math.min(blockRows, last - start), g);
                }
            }
        } finally {
            g.give();
        }
    }

    /**
     * Computes full blocks of rows in a software pipeline of three blocks.
     *
     * @param xShift the offset of an element in x less the offset of its result in y, in bytes
     * @return the first row that is left
     */
    private long pipeline(MemorySegment x, long xShift, MemorySegment y, long start, long end, GemmScratch g) {
        int elements = blockRows * padded;
        int span = elements + blockRows * LANES;
        long bytes = elements * (long) Float.BYTES;
        long at = start * padded * Float.BYTES;
        long first = at;
        long last = at + ((end - start) / blockRows - 1) * bytes;
        float[] s = g.rows;
        int previous = 0;
        int current = span;
        int next = 2 * span;
        SoftmaxRows.load(x, at + xShift, blockRows, padded, s, current, g);
        for (; at <= last; at += bytes) {
            // The first iteration has no previous block and scales unused elements. The last one has no next block and
            // loads its own block again.
            long nextAt = Math.min(last, at + bytes) + xShift;
            SoftmaxRows.pipeline(x, nextAt, s, next, current, previous, blockRows, padded, g);
            SoftmaxRows.inverses(s, current + elements, blockRows);
            SoftmaxRows.maxima(s, next + elements, blockRows, g);
            if (at > first) {
                MemorySegment.copy(s, previous, y, F32, at - bytes, elements);
            }
            int free = previous;
            previous = current;
            current = next;
            next = free;
        }
        SoftmaxRows.scale(s, previous, blockRows, padded);
        MemorySegment.copy(s, previous, y, F32, last, elements);
        return start + (end - start) / blockRows * blockRows;
    }

    /** Computes a block of rows. */
    private void rows(MemorySegment x, long xShift, MemorySegment y, long at, int rows, GemmScratch g) {
        int length = (int) p.length();
        SoftmaxRows.load(x, at + xShift, rows, length, g.rows, 0, g);
        for (int i = 0; i < steps.length; i++) {
            step(i, g.rows, rows, length, g);
        }
        store(g.rows, y, at, rows, length);
    }

    /** Computes a row in pieces. The first pieces stay in arrays, the others are read again by each loop. */
    private void longRow(MemorySegment x, long xShift, MemorySegment y, long at, GemmScratch g) {
        int pieces = (int) Math.ceilDiv(p.length(), padded);
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < pieces; i++) {
            float[] s = i < KEPT_PIECES ? g.block(i) : g.rows;
            SoftmaxRows.load(x, pieceOffset(at, i) + xShift, 1, pieceLength(i), s, 0, g);
            max = Math.max(max, g.maxima[0]);
        }
        g.maxima[0] = max;
        double sum = 0;
        for (int i = 0; i < pieces; i++) {
            float[] s = fetch(x, at + xShift, i, g);
            step(SoftmaxRows.SUM_STEP, s, 1, pieceLength(i), g);
            sum += LaneSums.sum(g.lanes, 0);
            if (i >= KEPT_PIECES && !p.log()) {
                store(s, y, pieceOffset(at, i), 1, pieceLength(i));
            }
        }
        Arrays.fill(g.lanes, 0, LANES, p.log() ? SoftmaxRows.logarithm(sum) : (float) (1 / sum));
        for (int i = 0; i < pieces; i++) {
            float[] s = p.log() ? fetch(x, at + xShift, i, g) : fetch(y, at, i, g);
            step(SoftmaxRows.RESULT_STEP, s, 1, pieceLength(i), g);
            store(s, y, pieceOffset(at, i), 1, pieceLength(i));
        }
    }

    /** The array that holds a piece. Reads the piece from memory, unless it is one that stays in an array. */
    private float[] fetch(MemorySegment from, long at, int piece, GemmScratch g) {
        if (piece < KEPT_PIECES) {
            return g.block(piece);
        }
        MemorySegment.copy(from, F32, pieceOffset(at, piece), g.rows, 0, pieceLength(piece));
        Arrays.fill(g.rows, pieceLength(piece), padded, Float.NEGATIVE_INFINITY);
        return g.rows;
    }

    private long pieceOffset(long at, int piece) {
        return at + (long) piece * padded * Float.BYTES;
    }

    /**
     * Runs a step. All steps are called from here, so that C2 sees a call with many targets and does not inline any.
     */
    private void step(int step, float[] s, int rows, int length, GemmScratch g) {
        int full = SoftmaxRows.padded(length);
        steps[step].run(s, rows, full, full, g);
    }

    private int pieceLength(int piece) {
        return (int) Math.min(padded, p.length() - (long) piece * padded);
    }

    /** Copies the results of some rows to memory. */
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

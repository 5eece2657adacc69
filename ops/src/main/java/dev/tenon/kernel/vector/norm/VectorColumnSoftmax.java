package dev.tenon.kernel.vector.norm;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Softmax along an axis that is not the last: of columns side by side, a lane for each, so that nothing is summed across
 * lanes. Some vectors of columns are copied into an array, strip by strip as {@link SoftmaxStrips} has them, worked on
 * there and copied out. Where fewer columns than a vector has lanes lie side by side, several rows make one that is
 * nearly as long as a vector, and what their columns come to is put together per line.
 *
 * <p>The limit is the exponential, which takes some four times as long as moving an element there and back through the
 * second-level cache.
 */
public final class VectorColumnSoftmax implements RowKernel {
    /** The most rows of a column. */
    public static final long MOST_ROWS = 1 << 16;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long TILE_NANOS = 100;

    /** Elements of columns that are worked on together, about. */
    private static final int TILE_ELEMENTS = 8 << 10;

    /** The vectors of columns that are worked on together: rows of fewer are slow to read. */
    private static final int FEWEST = 4;

    private final SoftmaxProblem p;
    private final int rows;

    /** Elements of a row: the columns, or those of several rows where columns are few. */
    private final int row;

    /** How many times a row has each column. */
    private final int times;

    private final int tile;
    private final int tiles;
    private final RowPartition split;

    private VectorColumnSoftmax(SoftmaxProblem p) {
        this.p = p;
        long columns = p.inner();
        times = Math.clamp(Math.min(LANES / columns, p.length()), 1, LANES);
        row = Math.toIntExact(times * columns);
        rows = (int) Math.ceilDiv(p.length(), times);
        int vectors = Math.clamp(TILE_ELEMENTS / LANES / Math.max(1, rows), FEWEST, SoftmaxStrips.MOST);
        tile = Math.min(row, vectors * LANES);
        tiles = Math.ceilDiv(row, tile);
        split = RowPartition.of(p.outer() * tiles, (long) rows * tile, PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the columns, of at least one and at most {@link #MOST_ROWS} rows; operands are input, output
     * @return the kernel
     */
    public static RowKernel of(SoftmaxProblem p) {
        return new VectorColumnSoftmax(p);
    }

    @Override
    public String id() {
        return "softmax_f32_columns_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * ((long) rows * tile / ELEMENTS_PER_NANO + TILE_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        tiles(operands[0], 0, operands[1], split.start(from), split.start(to));
    }

    @Override
    public long lines() {
        return p.outer();
    }

    @Override
    public long elements() {
        return p.length() * p.inner();
    }

    @Override
    public long results() {
        return elements();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        tiles(x, xAt - first * elements() * Float.BYTES, y, first * tiles, last * tiles);
    }

    /** Computes some tiles, of elements that lie a number of bytes behind where their results lie. */
    private void tiles(MemorySegment x, long behind, MemorySegment y, long from, long to) {
        GemmScratch g = GemmScratch.take();
        try {
            float[] s = g.elements(rows * Math.ceilDiv(tile, LANES) * LANES);
            for (long i = from; i < to; i++) {
                int first = (int) (i % tiles) * tile;
                long at = (i / tiles * elements() + first) * Float.BYTES;
                int columns = Math.min(tile, row - first);
                int vectors = Math.ceilDiv(columns, LANES);
                load(x, at + behind, columns, vectors, s);
                compute(s, vectors, g);
                store(s, columns, vectors, y, at);
            }
        } finally {
            g.give();
        }
    }

    private void compute(float[] s, int vectors, GemmScratch g) {
        SoftmaxStrips.run(SoftmaxStrips.MAXIMA, s, vectors, rows, g.lanes);
        if (times > 1) {
            shareMaxima(g.lanes);
        }
        SoftmaxStrips.run(p.log() ? SoftmaxStrips.SUMS_ALONE : SoftmaxStrips.EXPONENTIALS, s, vectors, rows, g.lanes);
        if (times > 1) {
            shareSums(g.lanes, SoftmaxStrips.SUMS);
        }
        SoftmaxStrips.run(p.log() ? SoftmaxStrips.SUBTRACT : SoftmaxStrips.SCALE, s, vectors, rows, g.lanes);
    }

    /** Gives all lanes of a column the greatest of their maxima. */
    private void shareMaxima(float[] lanes) {
        int columns = (int) p.inner();
        for (int c = 0; c < columns; c++) {
            float max = lanes[c];
            for (int i = c + columns; i < row; i += columns) {
                max = lanes[i] > max ? lanes[i] : max;
            }
            for (int i = c; i < row; i += columns) {
                lanes[i] = max;
            }
        }
    }

    /** Gives all lanes of a column their sum. */
    private void shareSums(float[] lanes, int at) {
        int columns = (int) p.inner();
        for (int c = 0; c < columns; c++) {
            float sum = 0;
            for (int i = c; i < row; i += columns) {
                sum += lanes[at + i];
            }
            for (int i = c; i < row; i += columns) {
                lanes[at + i] = sum;
            }
        }
    }

    /** The elements of a row of a tile, of which the last one may have fewer. */
    private int columns(int r, int columns) {
        return (int) Math.min(columns, elements() - (long) r * row);
    }

    /** Copies a tile, its rows vector by vector unless the last vector reaches beyond memory or the line's last row. */
    private void load(MemorySegment x, long at, int columns, int vectors, float[] s) {
        long stride = (long) row * Float.BYTES;
        long free = x.byteSize() - at - vectors * VECTOR;
        int full = columns(rows - 1, columns) < columns ? rows - 1 : rows;
        int whole = free < 0 ? 0 : (int) Math.min(full, free / stride + 1);
        SoftmaxStrips.load(x, at, stride, whole, vectors, s, rows);
        for (int r = whole; r < rows; r++) {
            int count = columns(r, columns);
            for (int j = 0; j < vectors; j++) {
                int to = (j * rows + r) * LANES;
                int some = Math.clamp(count - j * LANES, 0, LANES);
                MemorySegment.copy(x, F32, at + r * stride + j * VECTOR, s, to, some);
                Arrays.fill(s, to + some, to + LANES, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /**
     * Copies the results of a tile. One that has all columns lies in one piece: what a vector of a row writes too much is
     * overwritten by the row behind it, unless it lies behind the line.
     */
    private void store(float[] s, int columns, int vectors, MemorySegment y, long at) {
        long stride = (long) row * Float.BYTES;
        int full = columns / LANES;
        int even = columns(rows - 1, columns) < columns ? rows - 1 : rows;
        int whole = full == vectors ? even : 0;
        long free = elements() - (long) vectors * LANES;
        if (full < vectors && tiles == 1 && free >= 0) {
            whole = (int) Math.min(even, free / row + 1);
        }
        SoftmaxStrips.store(s, rows, 0, whole, vectors, y, at, stride);
        SoftmaxStrips.store(s, rows, whole, even, full, y, at, stride);
        for (int r = whole; r < rows; r++) {
            int count = columns(r, columns);
            for (int j = r < even ? full : 0; j < vectors; j++) {
                int some = Math.clamp(count - j * LANES, 0, LANES);
                MemorySegment.copy(s, (j * rows + r) * LANES, y, F32, at + r * stride + j * VECTOR, some);
            }
        }
    }
}

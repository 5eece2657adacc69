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
 * Softmax along an axis that is not the last. Each lane of a vector works on a column of its own, so that no sum
 * crosses lanes. A tile of some vectors of columns is copied into the panels of {@link SoftmaxColumns}, goes through
 * its loops there, and is copied out.
 *
 * <p>If a row has fewer columns than a vector has lanes, several rows are joined into one that nearly fills a vector.
 * Several lanes then hold elements of the same column, and their maxima and sums are combined between the loops.
 */
public final class VectorColumnSoftmax implements RowKernel {
    /** The most elements of a line that this kernel takes. */
    public static final long MAX_ROWS = 1 << 16;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long TILE_NANOS = 100;

    /** Elements of a tile, about. */
    private static final int TILE_ELEMENTS = 8 << 10;

    /** The least vectors in a row of a tile: shorter rows are slow to read. */
    private static final int MIN_VECTORS = 4;

    private final SoftmaxProblem p;

    /** Joined rows of an outer index. */
    private final int rows;

    /** Elements of a joined row. */
    private final int rowLength;

    /** How many rows are joined into one. */
    private final int joined;

    /** Elements in a row of a tile. */
    private final int tileColumns;

    /** Tiles of an outer index. */
    private final int tiles;

    private final RowPartition split;

    private VectorColumnSoftmax(SoftmaxProblem p) {
        this.p = p;
        long columns = p.inner();
        joined = Math.clamp(Math.min(LANES / columns, p.length()), 1, LANES);
        rowLength = Math.toIntExact(joined * columns);
        rows = (int) Math.ceilDiv(p.length(), joined);
        int vectors = Math.clamp(TILE_ELEMENTS / LANES / Math.max(1, rows), MIN_VECTORS, SoftmaxColumns.MAX_PANELS);
        tileColumns = Math.min(rowLength, vectors * LANES);
        tiles = Math.ceilDiv(rowLength, tileColumns);
        split = RowPartition.of(p.outer() * tiles, (long) rows * tileColumns, PART_ELEMENTS);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with lines of 1 to {@link #MAX_ROWS} elements
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
        return split.maxPartRows() * ((long) rows * tileColumns / ELEMENTS_PER_NANO + TILE_NANOS);
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
    public long rows() {
        return p.outer();
    }

    @Override
    public long rowLength() {
        return p.length() * p.inner();
    }

    @Override
    public long resultLength() {
        return rowLength();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        tiles(x, xAt - first * rowLength() * Float.BYTES, y, first * tiles, last * tiles);
    }

    /**
     * Computes a range of tiles.
     *
     * @param xShift the offset of an element in x less the offset of its result in y, in bytes
     */
    private void tiles(MemorySegment x, long xShift, MemorySegment y, long from, long to) {
        GemmScratch g = GemmScratch.take();
        try {
            float[] s = g.elements(rows * Math.ceilDiv(tileColumns, LANES) * LANES);
            for (long i = from; i < to; i++) {
                int first = (int) (i % tiles) * tileColumns;
                long at = (i / tiles * rowLength() + first) * Float.BYTES;
                int columns = Math.min(tileColumns, rowLength - first);
                int vectors = Math.ceilDiv(columns, LANES);
                load(x, at + xShift, columns, vectors, s);
                compute(s, vectors, g);
                store(s, columns, vectors, y, at);
            }
        } finally {
            g.give();
        }
    }

    private void compute(float[] s, int vectors, GemmScratch g) {
        SoftmaxColumns.run(SoftmaxColumns.MAXIMA, s, vectors, rows, g.lanes);
        if (joined > 1) {
            combineMaxima(g.lanes);
        }
        SoftmaxColumns.run(p.log() ? SoftmaxColumns.SUMS_ONLY : SoftmaxColumns.EXPONENTIALS, s, vectors, rows, g.lanes);
        if (joined > 1) {
            combineSums(g.lanes, SoftmaxColumns.SUMS);
        }
        SoftmaxColumns.run(p.log() ? SoftmaxColumns.SUBTRACT : SoftmaxColumns.SCALE, s, vectors, rows, g.lanes);
    }

    /** Gives all lanes that hold the same column the greatest of their maxima. */
    private void combineMaxima(float[] lanes) {
        int columns = (int) p.inner();
        for (int c = 0; c < columns; c++) {
            float max = lanes[c];
            for (int i = c + columns; i < rowLength; i += columns) {
                max = lanes[i] > max ? lanes[i] : max;
            }
            for (int i = c; i < rowLength; i += columns) {
                lanes[i] = max;
            }
        }
    }

    /** Gives all lanes that hold the same column the total of their sums. */
    private void combineSums(float[] lanes, int at) {
        int columns = (int) p.inner();
        for (int c = 0; c < columns; c++) {
            float sum = 0;
            for (int i = c; i < rowLength; i += columns) {
                sum += lanes[at + i];
            }
            for (int i = c; i < rowLength; i += columns) {
                lanes[at + i] = sum;
            }
        }
    }

    /** The elements in a row of a tile. The last joined row may have fewer than the others. */
    private int columnsOf(int row, int columns) {
        return (int) Math.min(columns, rowLength() - (long) row * rowLength);
    }

    /**
     * Copies a tile into panels. Rows are copied by full vectors, except those whose last vector would reach beyond the
     * memory or beyond the last row of the outer index.
     */
    private void load(MemorySegment x, long at, int columns, int vectors, float[] s) {
        long stride = (long) rowLength * Float.BYTES;
        long free = x.byteSize() - at - vectors * VECTOR;
        int fullRows = columnsOf(rows - 1, columns) < columns ? rows - 1 : rows;
        int vectorRows = free < 0 ? 0 : (int) Math.min(fullRows, free / stride + 1);
        SoftmaxColumns.load(x, at, stride, vectorRows, vectors, s, rows);
        for (int r = vectorRows; r < rows; r++) {
            int count = columnsOf(r, columns);
            for (int j = 0; j < vectors; j++) {
                int to = (j * rows + r) * LANES;
                int lanes = Math.clamp(count - j * LANES, 0, LANES);
                MemorySegment.copy(x, F32, at + r * stride + j * VECTOR, s, to, lanes);
                Arrays.fill(s, to + lanes, to + LANES, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /**
     * Copies the results of a tile to memory. If a tile has all columns, its rows follow one another without a gap.
     * Then each row is stored by full vectors, and the next row overwrites the surplus lanes. This must not reach
     * beyond the elements of the outer index.
     */
    private void store(float[] s, int columns, int vectors, MemorySegment y, long at) {
        long stride = (long) rowLength * Float.BYTES;
        int fullVectors = columns / LANES;
        int fullRows = columnsOf(rows - 1, columns) < columns ? rows - 1 : rows;
        int vectorRows = fullVectors == vectors ? fullRows : 0;
        long free = rowLength() - (long) vectors * LANES;
        if (fullVectors < vectors && tiles == 1 && free >= 0) {
            vectorRows = (int) Math.min(fullRows, free / rowLength + 1);
        }
        SoftmaxColumns.store(s, rows, 0, vectorRows, vectors, y, at, stride);
        SoftmaxColumns.store(s, rows, vectorRows, fullRows, fullVectors, y, at, stride);
        for (int r = vectorRows; r < rows; r++) {
            int count = columnsOf(r, columns);
            for (int j = r < fullRows ? fullVectors : 0; j < vectors; j++) {
                int lanes = Math.clamp(count - j * LANES, 0, LANES);
                MemorySegment.copy(s, (j * rows + r) * LANES, y, F32, at + r * stride + j * VECTOR, lanes);
            }
        }
    }
}

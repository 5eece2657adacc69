package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Stacks of float32 products of a few rows with a matrix that lies as [k,n]: each row of the result is a sum of rows of
 * that matrix, each times a weight. The matrix is read once, as it lies and four of its rows at a time, so that a core reads
 * at the speed of its memory; a matrix that lies transposed times a column is such a product too. Sums stay in arrays that
 * the first-level cache holds.
 *
 * <p>Each element is summed in blocks of {@link MicroTile#DEPTH} terms, each block one chain of fused multiply-adds in the
 * order of k, so that its bits do not depend on how columns are cut.
 */
public final class VectorWeightedRows implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int DEPTH = MicroTile.DEPTH;

    /** Rows of the matrix that are added at a time. */
    private static final int FOUR = 4;

    /** Sums of a part at most. */
    private static final int MOST_SUMS = 4096;

    private static final int FEWEST_COLUMNS = 256;
    private static final int MOST_COLUMNS = 2048;

    /** Parts of a large product, for threads to share. */
    private static final int PARTS = 8;

    private final GemmProblem p;
    /** Whether the matrix is the left operand, which lies transposed; B is one column then. */
    private final boolean left;

    private final int rows;
    private final int columns;
    private final int chunk;
    private final int chunks;
    private final TileEpilogue end;

    private VectorWeightedRows(GemmProblem p) {
        this.p = p;
        left = p.n() == 1;
        rows = left ? 1 : p.m();
        columns = left ? p.m() : p.n();
        int most = Math.clamp(MOST_SUMS / Math.max(1, rows), LANES, MOST_COLUMNS);
        int shared = Math.clamp(Math.ceilDiv(columns, PARTS), Math.min(most, FEWEST_COLUMNS), most);
        chunk = Math.ceilDiv(shared, LANES) * LANES;
        chunks = Math.max(1, Math.ceilDiv(columns, chunk));
        end = TileEpilogue.behind(GemmEpilogue.of(p, false), 0);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a problem of float32, B not packed: B lies as [k,n], or A lies transposed and B is one column; the matrix
     *     has at least as many columns as a vector has lanes
     * @return the kernel
     */
    public static Kernel of(GemmProblem p) {
        return new VectorWeightedRows(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "gemm_f32_rows_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return Math.max(1, Math.multiplyExact(p.count(), chunks));
    }

    @Override
    public long partNanos() {
        return 1 + (long) Math.min(chunk, columns) * Math.max(1, p.k()) * (FOUR + rows) / (2L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(end, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (rows == 0 || p.count() == 0) {
            return;
        }
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int column = part % chunks * chunk;
                part(part / chunks, column, Math.min(chunk, columns - column), operands, scratch, arrays);
            }
        } finally {
            arrays.give();
        }
    }

    private void part(
            int product, int column, int width, MemorySegment[] operands, MemorySegment scratch, GemmScratch arrays) {
        MemorySegment matrix = operands[left ? 0 : 1];
        MemorySegment weights = operands[left ? 1 : 0];
        MemorySegment y = operands[p.yOperand()];
        long row = columns * (long) Float.BYTES;
        long matrixAt = (left ? p.left()[product] : p.right()[product]) * (long) p.k() * row;
        long weightsAt = (left ? p.right()[product] : p.left()[product]) * (long) rows * p.k() * Float.BYTES;
        int vectors = width / LANES;
        int sumRow = Math.ceilDiv(width, LANES) * LANES;
        float[] sums = arrays.elements(2 * rows * sumRow);
        int total = rows * sumRow;
        for (int from = 0; from == 0 || from < p.k(); from += DEPTH) {
            int to = Math.min(p.k(), from + DEPTH);
            // The sums of the first block are the totals of those behind it.
            int at = from == 0 ? total : 0;
            Arrays.fill(sums, at, at + total, 0);
            long first = matrixAt + column * (long) Float.BYTES;
            addRows(from, to, weights, weightsAt, matrix, first, vectors, sums, at, sumRow);
            if (vectors * LANES < width) {
                // The last vector ends with the last column, and begins among columns that it leaves alone.
                long last = matrixAt + row - VECTOR_BYTES;
                addRows(from, to, weights, weightsAt, matrix, last, 1, sums, at + vectors * LANES, sumRow);
            }
            if (from > 0) {
                add(sums, total);
            }
        }
        long yAt = ((long) product * rows * columns + column) * Float.BYTES;
        int beyond = sumRow - width;
        for (int i = 0; i < rows; i++) {
            int at = total + i * sumRow;
            long to = yAt + i * row;
            MemorySegment.copy(sums, at, y, SCALAR, to, vectors * LANES);
            int tail = width - vectors * LANES;
            MemorySegment.copy(sums, at + vectors * LANES + beyond, y, SCALAR, to + vectors * VECTOR_BYTES, tail);
        }
        if (end != null) {
            int height = left ? width : rows;
            end.apply(y, yAt, height, left ? 1 : width, p.n(), operands, scratch);
        }
    }

    private static void add(float[] sums, int total) {
        for (int i = 0; i < total; i++) {
            sums[total + i] += sums[i];
        }
    }

    /** Adds some rows of the matrix, each times its weights, to the sums of all rows. */
    private void addRows(
            int from,
            int to,
            MemorySegment weights,
            long weightsAt,
            MemorySegment matrix,
            long matrixAt,
            int vectors,
            float[] sums,
            int sumsAt,
            int sumRow) {
        if (vectors == 0) {
            return;
        }
        boolean transposed = p.transA() && !left;
        long step = transposed ? rows * (long) Float.BYTES : Float.BYTES;
        long next = transposed ? Float.BYTES : p.k() * (long) Float.BYTES;
        long row = columns * (long) Float.BYTES;
        boolean compiled = GemmWarmUps.WEIGHTED_ROWS.over();
        int t = from;
        for (; compiled && t + FOUR <= to; t += FOUR) {
            long at = matrixAt + t * row;
            for (int i = 0; i < rows; i++) {
                long w = weightsAt + i * next + t * step;
                float w0 = weights.get(SCALAR, w);
                float w1 = weights.get(SCALAR, w + step);
                float w2 = weights.get(SCALAR, w + 2 * step);
                float w3 = weights.get(SCALAR, w + 3 * step);
                four(w0, w1, w2, w3, matrix, at, row, vectors, sums, sumsAt + i * sumRow);
            }
        }
        for (; t < to; t++) {
            long at = matrixAt + t * row;
            for (int i = 0; i < rows; i++) {
                float w = weights.get(SCALAR, weightsAt + i * next + t * step);
                if (compiled) {
                    one(w, matrix, at, vectors, sums, sumsAt + i * sumRow);
                } else {
                    PlainDots.addRow(w, matrix, at, vectors, sums, sumsAt + i * sumRow);
                }
            }
        }
    }

    /** Adds four rows to sums, one after the other. */
    static void four(
            float weight0,
            float weight1,
            float weight2,
            float weight3,
            MemorySegment matrix,
            long at,
            long row,
            int vectors,
            float[] sums,
            int to) {
        matrix = NATIVE.cast(matrix);
        FloatVector w0 = FloatVector.broadcast(F32, weight0);
        FloatVector w1 = FloatVector.broadcast(F32, weight1);
        FloatVector w2 = FloatVector.broadcast(F32, weight2);
        FloatVector w3 = FloatVector.broadcast(F32, weight3);
        long second = at + row;
        long third = second + row;
        long fourth = third + row;
        for (int i = 0; i < vectors; i++) {
            long v = i * VECTOR_BYTES;
            FloatVector s = FLOATS.cast(FloatVector.fromArray(F32, sums, to + i * LANES));
            s = FLOATS.cast(FloatVector.fromMemorySegment(F32, matrix, at + v, ORDER))
                    .fma(w0, s);
            s = FLOATS.cast(FloatVector.fromMemorySegment(F32, matrix, second + v, ORDER))
                    .fma(w1, s);
            s = FLOATS.cast(FloatVector.fromMemorySegment(F32, matrix, third + v, ORDER))
                    .fma(w2, s);
            s = FLOATS.cast(FloatVector.fromMemorySegment(F32, matrix, fourth + v, ORDER))
                    .fma(w3, s);
            s.intoArray(sums, to + i * LANES);
        }
    }

    /** Adds one row to sums. */
    static void one(float weight, MemorySegment matrix, long at, int vectors, float[] sums, int to) {
        matrix = NATIVE.cast(matrix);
        FloatVector w = FloatVector.broadcast(F32, weight);
        for (int i = 0; i < vectors; i++) {
            FloatVector s = FloatVector.fromArray(F32, sums, to + i * LANES);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, matrix, at + i * VECTOR_BYTES, ORDER))
                    .fma(w, s)
                    .intoArray(sums, to + i * LANES);
        }
    }
}

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
 * Stacks of float32 products of a few rows with a matrix [k,n]: each row of the result is a sum of the matrix's rows,
 * each times a weight (BLAS's axpy). The matrix is not packed and is read once, four of its rows at a time, at the
 * speed of memory. A transposed matrix times a column is such a product too. The sums are in arrays that the
 * first-level cache holds.
 *
 * <p>Each element is summed in blocks of {@link MicroTile#DEPTH} terms, each block one chain of fused multiply-adds in
 * the order of k. So its bits do not depend on how columns are split into parts.
 */
public final class VectorAxpyGemm implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int DEPTH = MicroTile.DEPTH;

    /** The rows of the matrix that are added at a time. */
    private static final int ROWS = 4;

    /** The most sums of a part. */
    private static final int MAX_SUMS = 4096;

    private static final int MIN_COLUMNS = 256;
    private static final int MAX_COLUMNS = 2048;

    /** The parts of a large product, for threads to share. */
    private static final int TARGET_PARTS = 8;

    private final GemmProblem p;

    /** Whether the matrix is the left operand, stored transposed; B is then a single column. */
    private final boolean matrixIsLeft;

    private final int rows;
    private final int columns;
    private final int partColumns;
    private final int columnParts;

    /** Elements from a row of a part's sums to the next. */
    private final int sumRow;

    private final TileEpilogue epilogue;

    private VectorAxpyGemm(GemmProblem p) {
        this.p = p;
        matrixIsLeft = p.n() == 1;
        rows = matrixIsLeft ? 1 : p.m();
        columns = matrixIsLeft ? p.m() : p.n();
        int maxColumns = Math.clamp(MAX_SUMS / Math.max(1, rows), LANES, MAX_COLUMNS);
        int targetColumns =
                Math.clamp(Math.ceilDiv(columns, TARGET_PARTS), Math.min(maxColumns, MIN_COLUMNS), maxColumns);
        partColumns = Math.ceilDiv(targetColumns, LANES) * LANES;
        columnParts = Math.max(1, Math.ceilDiv(columns, partColumns));
        sumRow = Math.ceilDiv(Math.min(partColumns, columns), LANES) * LANES;
        epilogue = TileEpilogue.withScratchAfter(GemmEpilogue.of(p, false), 0);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a float32 problem, B not packed: either B is stored as [k,n], or A is stored transposed and B is a
     *     single column; the matrix has at least as many columns as a vector has lanes
     * @return the kernel
     */
    public static Kernel of(GemmProblem p) {
        return new VectorAxpyGemm(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "gemm_f32_rows_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return Math.max(1, Math.multiplyExact(p.count(), columnParts));
    }

    @Override
    public long partNanos() {
        return 1 + (long) Math.min(partColumns, columns) * Math.max(1, p.k()) * (ROWS + rows) / (2L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (rows == 0 || p.count() == 0) {
            return;
        }
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int column = part % columnParts * partColumns;
                computePart(
                        part / columnParts, column, Math.min(partColumns, columns - column), operands, scratch, arrays);
            }
        } finally {
            arrays.give();
        }
    }

    private void computePart(
            int product, int column, int width, MemorySegment[] operands, MemorySegment scratch, GemmScratch arrays) {
        MemorySegment y = operands[p.yOperand()];
        long row = columns * (long) Float.BYTES;
        long matrixAt = (matrixIsLeft ? p.aMatrix()[product] : p.bMatrix()[product]) * (long) p.k() * row;
        long weightsAt =
                (matrixIsLeft ? p.bMatrix()[product] : p.aMatrix()[product]) * (long) rows * p.k() * Float.BYTES;
        int vectors = width / LANES;
        float[] sums = arrays.elements(2 * rows * sumRow);
        int total = rows * sumRow;
        for (int from = 0; from == 0 || from < p.k(); from += DEPTH) {
            // The first block is summed into the totals, later ones into sums that are added to them.
            int at = from == 0 ? total : 0;
            Arrays.fill(sums, at, at + total, 0);
            long first = matrixAt + column * (long) Float.BYTES;
            addRows(from, operands, weightsAt, first, vectors, sums, at);
            if (vectors * LANES < width) {
                // The last vector overlaps the one before it and ends with the last column.
                long lastVector = matrixAt + row - VECTOR_BYTES;
                addRows(from, operands, weightsAt, lastVector, 1, sums, at + vectors * LANES);
            }
            if (from > 0) {
                addTotals(sums, total);
            }
        }
        long yAt = ((long) product * rows * columns + column) * Float.BYTES;
        int overlap = Math.ceilDiv(width, LANES) * LANES - width;
        for (int i = 0; i < rows; i++) {
            int at = total + i * sumRow;
            long to = yAt + i * row;
            MemorySegment.copy(sums, at, y, SCALAR, to, vectors * LANES);
            int tail = width - vectors * LANES;
            MemorySegment.copy(sums, at + vectors * LANES + overlap, y, SCALAR, to + vectors * VECTOR_BYTES, tail);
        }
        if (epilogue != null) {
            int height = matrixIsLeft ? width : rows;
            epilogue.apply(y, yAt, height, matrixIsLeft ? 1 : width, p.n(), operands, scratch);
        }
    }

    private static void addTotals(float[] sums, int total) {
        for (int i = 0; i < total; i++) {
            sums[total + i] += sums[i];
        }
    }

    /** Adds a block of the matrix's rows, each times its weights, to the sums of all result rows. */
    private void addRows(
            int from, MemorySegment[] operands, long weightsAt, long matrixAt, int vectors, float[] sums, int sumsAt) {
        if (vectors == 0) {
            return;
        }
        MemorySegment matrix = operands[matrixIsLeft ? 0 : 1];
        MemorySegment weights = operands[matrixIsLeft ? 1 : 0];
        int to = Math.min(p.k(), from + DEPTH);
        boolean transposed = p.transA() && !matrixIsLeft;
        long step = transposed ? rows * (long) Float.BYTES : Float.BYTES;
        long next = transposed ? Float.BYTES : p.k() * (long) Float.BYTES;
        long row = columns * (long) Float.BYTES;
        int t = from;
        for (; t + ROWS <= to; t += ROWS) {
            long at = matrixAt + t * row;
            for (int i = 0; i < rows; i++) {
                long w = weightsAt + i * next + t * step;
                float w0 = weights.get(SCALAR, w);
                float w1 = weights.get(SCALAR, w + step);
                float w2 = weights.get(SCALAR, w + 2 * step);
                float w3 = weights.get(SCALAR, w + 3 * step);
                addFourRows(w0, w1, w2, w3, matrix, at, row, vectors, sums, sumsAt + i * sumRow);
            }
        }
        for (; t < to; t++) {
            long at = matrixAt + t * row;
            for (int i = 0; i < rows; i++) {
                float w = weights.get(SCALAR, weightsAt + i * next + t * step);
                addOneRow(w, matrix, at, vectors, sums, sumsAt + i * sumRow);
            }
        }
    }

    /** Adds four rows to sums, one after the other. */
    private static void addFourRows(
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
    private static void addOneRow(float weight, MemorySegment matrix, long at, int vectors, float[] sums, int to) {
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

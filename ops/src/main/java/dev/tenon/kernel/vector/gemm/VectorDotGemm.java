package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Stacks of float32 products whose elements are dot products of rows in memory: a matrix times a column, or a few rows
 * times a transposed matrix. Neither operand is packed. The larger one is read once, four of its rows at a time, at the
 * speed of memory.
 *
 * <p>The order of a sum depends on the number of its terms and on {@link SimdSpecies} only: blocks of terms, each block
 * as many chains of fused multiply-adds as a vector has lanes; then the terms after the last whole vector.
 */
public final class VectorDotGemm implements Kernel {
    /** The rows of the matrix that are multiplied with a vector at a time. */
    static final int ROWS = 4;

    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final float[] ZEROS = new float[ROWS];

    /** The bytes of the terms of a block. */
    private static final long BLOCK_BYTES = 128 * VECTOR_BYTES;

    /** The elements of a part. */
    private static final long PART_ELEMENTS = 1 << 16;

    private final GemmProblem p;

    /** Whether the matrix is the left operand; B is then a single column. Else it is the transposed right operand. */
    private final boolean matrixIsLeft;

    private final int matrixRows;
    private final int vectorCount;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    private VectorDotGemm(GemmProblem p) {
        this.p = p;
        matrixIsLeft = p.n() == 1;
        matrixRows = matrixIsLeft ? p.m() : p.n();
        vectorCount = matrixIsLeft ? 1 : p.m();
        RowPartition byElements = RowPartition.of(matrixRows, Math.max(1, p.k()), PART_ELEMENTS);
        partition = new RowPartition(matrixRows, Math.ceilDiv(byElements.rowsPerPart(), ROWS) * ROWS);
        epilogue = TileEpilogue.withScratchAfter(GemmEpilogue.of(p, false), 0);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a float32 problem, B not packed: B is a single column or stored transposed, A is not stored transposed
     * @return the kernel
     */
    public static Kernel of(GemmProblem p) {
        return new VectorDotGemm(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "gemm_f32_dots_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return Math.max(1, Math.multiplyExact(p.count(), partition.parts()));
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * Math.max(ROWS, p.k()) * (ROWS + vectorCount) / (2L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (matrixRows == 0 || vectorCount == 0 || p.count() == 0) {
            return;
        }
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int product = part / partition.parts();
                int within = part % partition.parts();
                computePart(
                        product,
                        (int) partition.start(within),
                        (int) partition.start(within + 1),
                        operands,
                        scratch,
                        arrays);
            }
        } finally {
            arrays.give();
        }
    }

    private void computePart(
            int product, int from, int to, MemorySegment[] operands, MemorySegment scratch, GemmScratch arrays) {
        long row = p.k() * (long) Float.BYTES;
        long matrixAt = (matrixIsLeft ? p.aMatrix()[product] : p.bMatrix()[product]) * (long) matrixRows * row;
        long otherAt = (matrixIsLeft ? p.bMatrix()[product] : p.aMatrix()[product]) * (long) vectorCount * row;
        long yAt = (long) product * matrixRows * vectorCount * Float.BYTES;
        for (int r = from; r < to; r += ROWS) {
            int count = Math.min(ROWS, to - r);
            long at = matrixAt + r * row;
            for (int i = 0; i < vectorCount; i++) {
                long result = yAt + ((long) i * matrixRows + r) * Float.BYTES;
                computeDots(operands, at, count, otherAt + i * row, result, arrays);
            }
        }
        if (epilogue != null) {
            long at = yAt + from * (long) Float.BYTES;
            int height = matrixIsLeft ? to - from : vectorCount;
            int width = matrixIsLeft ? 1 : to - from;
            epilogue.apply(operands[p.yOperand()], at, height, width, p.n(), operands, scratch);
        }
    }

    /** Computes the dot products of up to four rows with a vector. */
    private void computeDots(
            MemorySegment[] operands, long at, int count, long vectorAt, long yAt, GemmScratch arrays) {
        MemorySegment matrix = operands[matrixIsLeft ? 0 : 1];
        MemorySegment vector = operands[matrixIsLeft ? 1 : 0];
        MemorySegment y = operands[p.yOperand()];
        long row = p.k() * (long) Float.BYTES;
        // Missing rows are replaced by the last one; four rows are always multiplied, so that all sums have the same
        // order.
        long second = at + Math.min(1, count - 1) * row;
        long third = at + Math.min(2, count - 1) * row;
        long fourth = at + Math.min(3, count - 1) * row;
        float[] lanes = arrays.lanes;
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        long end = F32.loopBound(p.k()) * (long) Float.BYTES;
        for (long i = 0; i < end; i += BLOCK_BYTES) {
            long bytes = Math.min(BLOCK_BYTES, end - i);
            dotFourRows(matrix, at + i, second + i, third + i, fourth + i, vector, vectorAt + i, bytes, lanes);
            s0 += LaneSums.sum(lanes, 0);
            s1 += LaneSums.sum(lanes, LANES);
            s2 += LaneSums.sum(lanes, 2 * LANES);
            s3 += LaneSums.sum(lanes, 3 * LANES);
        }
        for (long i = end; i < row; i += Float.BYTES) {
            double x = vector.get(SCALAR, vectorAt + i);
            s0 += x * matrix.get(SCALAR, at + i);
            s1 += x * matrix.get(SCALAR, second + i);
            s2 += x * matrix.get(SCALAR, third + i);
            s3 += x * matrix.get(SCALAR, fourth + i);
        }
        y.set(SCALAR, yAt, (float) s0);
        if (count > 1) {
            y.set(SCALAR, yAt + Float.BYTES, (float) s1);
        }
        if (count > 2) {
            y.set(SCALAR, yAt + 2L * Float.BYTES, (float) s2);
        }
        if (count > 3) {
            y.set(SCALAR, yAt + 3L * Float.BYTES, (float) s3);
        }
    }

    /**
     * Multiplies four rows with a vector; each lane is one chain.
     *
     * @param bytes the bytes of whole vectors
     * @param lanes receives the sums, a vector for each row
     */
    private static void dotFourRows(
            MemorySegment matrix,
            long first,
            long second,
            long third,
            long fourth,
            MemorySegment vector,
            long at,
            long bytes,
            float[] lanes) {
        matrix = NATIVE.cast(matrix);
        vector = NATIVE.cast(vector);
        FloatVector s0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector s1 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector s2 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector s3 = FloatVector.broadcast(F32, ZEROS[3]);
        for (long i = 0; i < bytes; i += VECTOR_BYTES) {
            FloatVector x = FloatVector.fromMemorySegment(F32, vector, at + i, ORDER);
            s0 = x.fma(FloatVector.fromMemorySegment(F32, matrix, first + i, ORDER), s0);
            s1 = x.fma(FloatVector.fromMemorySegment(F32, matrix, second + i, ORDER), s1);
            s2 = x.fma(FloatVector.fromMemorySegment(F32, matrix, third + i, ORDER), s2);
            s3 = x.fma(FloatVector.fromMemorySegment(F32, matrix, fourth + i, ORDER), s3);
        }
        s0.intoArray(lanes, 0);
        s1.intoArray(lanes, LANES);
        s2.intoArray(lanes, 2 * LANES);
        s3.intoArray(lanes, 3 * LANES);
    }
}

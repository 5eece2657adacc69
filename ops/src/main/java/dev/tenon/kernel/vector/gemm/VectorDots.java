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
 * Stacks of float32 products whose elements are dot products of rows that lie in memory one behind the other: a matrix times
 * a column, and a few rows times a matrix that lies transposed. Both are read as they lie, the larger one once and four of
 * its rows at a time, so that a core reads at the speed of its memory.
 *
 * <p>The order of a sum follows from the number of its terms and from {@link SimdSpecies} alone: blocks of terms, in each
 * of them as many chains of fused multiply-adds as a vector has lanes, and the terms behind the last whole vector.
 */
public final class VectorDots implements Kernel {
    /** Rows that meet a vector at a time. */
    static final int ROWS = 4;

    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final float[] ZEROS = new float[ROWS];

    /** Bytes of the terms of a block of a sum. */
    private static final long BLOCK_BYTES = 128 * VECTOR_BYTES;

    /** Elements that are worth a part. */
    private static final long PART_ELEMENTS = 1 << 16;

    private final GemmProblem p;
    /** Whether the matrix whose rows meet vectors is the left operand; B is a column then. */
    private final boolean left;

    private final int rows;
    private final int vectors;
    private final RowPartition parts;
    private final TileEpilogue end;

    private VectorDots(GemmProblem p) {
        this.p = p;
        left = p.n() == 1;
        rows = left ? p.m() : p.n();
        vectors = left ? 1 : p.m();
        RowPartition cut = RowPartition.of(rows, Math.max(1, p.k()), PART_ELEMENTS);
        parts = new RowPartition(rows, Math.ceilDiv(cut.rowsPerPart(), ROWS) * ROWS);
        end = TileEpilogue.behind(GemmEpilogue.of(p, false), 0);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a problem of float32, B not packed: B is one column, or lies transposed; A does not
     * @return the kernel
     */
    public static Kernel of(GemmProblem p) {
        return new VectorDots(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "gemm_f32_dots_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return Math.max(1, Math.multiplyExact(p.count(), parts.parts()));
    }

    @Override
    public long partNanos() {
        return 1 + parts.most() * Math.max(ROWS, p.k()) * (ROWS + vectors) / (2L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(end, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (rows == 0 || vectors == 0 || p.count() == 0) {
            return;
        }
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int product = part / parts.parts();
                int within = part % parts.parts();
                part(product, (int) parts.start(within), (int) parts.start(within + 1), operands, scratch, arrays);
            }
        } finally {
            arrays.give();
        }
    }

    private void part(
            int product, int from, int to, MemorySegment[] operands, MemorySegment scratch, GemmScratch arrays) {
        MemorySegment matrix = operands[left ? 0 : 1];
        MemorySegment other = operands[left ? 1 : 0];
        MemorySegment y = operands[p.yOperand()];
        long row = p.k() * (long) Float.BYTES;
        long matrixAt = (left ? p.left()[product] : p.right()[product]) * (long) rows * row;
        long otherAt = (left ? p.right()[product] : p.left()[product]) * (long) vectors * row;
        long yAt = (long) product * rows * vectors * Float.BYTES;
        for (int r = from; r < to; r += ROWS) {
            int count = Math.min(ROWS, to - r);
            long at = matrixAt + r * row;
            for (int i = 0; i < vectors; i++) {
                long result = yAt + ((long) i * rows + r) * Float.BYTES;
                dots(matrix, at, row, count, other, otherAt + i * row, y, result, arrays);
            }
        }
        if (end != null) {
            long at = yAt + from * (long) Float.BYTES;
            int height = left ? to - from : vectors;
            int width = left ? 1 : to - from;
            end.apply(y, at, height, width, p.n(), operands, scratch);
        }
    }

    /** The products of up to four rows with a vector. */
    private void dots(
            MemorySegment matrix,
            long at,
            long row,
            int count,
            MemorySegment vector,
            long vectorAt,
            MemorySegment y,
            long yAt,
            GemmScratch arrays) {
        // Rows that are not there are read in place of the last one, whose order of additions is that of all.
        long second = at + Math.min(1, count - 1) * row;
        long third = at + Math.min(2, count - 1) * row;
        long fourth = at + Math.min(3, count - 1) * row;
        boolean compiled = GemmWarmUps.DOTS.over();
        float[] lanes = arrays.lanes;
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        long end = F32.loopBound(p.k()) * (long) Float.BYTES;
        for (long i = 0; i < end; i += BLOCK_BYTES) {
            long bytes = Math.min(BLOCK_BYTES, end - i);
            if (compiled) {
                four(matrix, at + i, second + i, third + i, fourth + i, vector, vectorAt + i, bytes, lanes);
            } else {
                PlainDots.four(matrix, at + i, second + i, third + i, fourth + i, vector, vectorAt + i, bytes, lanes);
            }
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
     * Four rows times a vector, each as one chain for each lane.
     *
     * @param bytes the bytes of whole vectors
     * @param lanes the sums, a vector for each row
     */
    static void four(
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

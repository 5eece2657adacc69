package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The loops of {@link VectorDotGemm} and {@link VectorAxpyGemm} without vectors, which run until those are compiled:
 * see {@link dev.tenon.kernel.JitWarmUp}. Results have the same bits.
 */
final class PlainDots {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int LANES = SimdSpecies.LANES;

    private PlainDots() {}

    /** {@link VectorDotGemm#dotFourRows} without vectors. */
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
        int count = (int) (bytes / Float.BYTES);
        float[] x = new float[count];
        float[] row = new float[count];
        MemorySegment.copy(vector, SCALAR, at, x, 0, count);
        dot(matrix, first, x, row, lanes, 0);
        dot(matrix, second, x, row, lanes, LANES);
        dot(matrix, third, x, row, lanes, 2 * LANES);
        dot(matrix, fourth, x, row, lanes, 3 * LANES);
    }

    private static void dot(MemorySegment matrix, long at, float[] x, float[] row, float[] lanes, int to) {
        MemorySegment.copy(matrix, SCALAR, at, row, 0, row.length);
        Arrays.fill(lanes, to, to + LANES, 0);
        for (int i = 0; i < row.length; i += LANES) {
            add(x, row, i, lanes, to);
        }
    }

    private static void add(float[] x, float[] row, int from, float[] lanes, int to) {
        for (int i = 0; i < LANES; i++) {
            lanes[to + i] = Math.fma(x[from + i], row[from + i], lanes[to + i]);
        }
    }

    /** {@link VectorAxpyGemm#addOneRow} without vectors. */
    static void addRow(float weight, MemorySegment matrix, long at, int vectors, float[] sums, int to) {
        float[] row = new float[vectors * LANES];
        MemorySegment.copy(matrix, SCALAR, at, row, 0, row.length);
        for (int i = 0; i < row.length; i += LANES) {
            addRow(weight, row, i, sums, to + i);
        }
    }

    private static void addRow(float weight, float[] row, int from, float[] sums, int to) {
        for (int i = 0; i < LANES; i++) {
            sums[to + i] = Math.fma(row[from + i], weight, sums[to + i]);
        }
    }
}

package dev.tenon.kernel.vector.norm;

import dev.tenon.kernel.vector.PlainMath;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Scalar loops with the bits of the vector loops of {@code AttentionTile}. They run until the JVM has compiled those,
 * see {@link dev.tenon.kernel.JitWarmUp}.
 */
public final class PlainSoftmax {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int LANES = SimdSpecies.LANES;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ROW = GemmTile.ROW;

    private PlainSoftmax() {}

    /** Copies rows of memory, scaled, into the rows of an array from row {@code first} on. */
    public static void load(
            MemorySegment x, long at, long step, int rows, int length, float factor, float[] to, int first) {
        for (int r = 0; r < rows; r++) {
            int row = (first + r) * ROW;
            MemorySegment.copy(x, SCALAR, at + r * step, to, row, length);
            scale(to, row, length, factor);
        }
    }

    private static void scale(float[] row, int at, int length, float factor) {
        for (int i = at; i < at + length; i++) {
            row[i] *= factor;
        }
    }

    /** Copies the rows of a tile into rows of scores, from a column on. */
    public static void put(float[] tile, int count, float[] rows, int column) {
        for (int r = 0; r < count; r++) {
            System.arraycopy(tile, r * COLUMNS, rows, r * ROW + column, COLUMNS);
        }
    }

    /**
     * Adds a bias to a range of each row. Where the bias is negative infinity, the sum is negative infinity, even of
     * NaN.
     */
    public static void bias(MemorySegment addends, long at, long step, int count, int from, int to, float[] rows) {
        float[] row = new float[to];
        for (int r = 0; r < count; r++) {
            MemorySegment.copy(addends, SCALAR, at + r * step + (long) from * Float.BYTES, row, from, to - from);
            for (int i = from; i < to; i += PlainRows.SHORT) {
                add(row, i, Math.min(to, i + PlainRows.SHORT), rows, r * ROW);
            }
        }
    }

    private static void add(float[] addends, int from, int to, float[] rows, int row) {
        for (int i = from; i < to; i++) {
            float sum = rows[row + i] + addends[i];
            rows[row + i] = addends[i] == Float.NEGATIVE_INFINITY ? Float.NEGATIVE_INFINITY : sum;
        }
    }

    /** Does the work of {@link SoftmaxRows#maxima(float[], int, int, int, GemmScratch)}. */
    public static void maxima(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < length; i += PlainRows.SHORT) {
                max = max(s, r * step + i, Math.min(PlainRows.SHORT, length - i), max);
            }
            g.maxima[r] = max;
        }
    }

    private static float max(float[] s, int at, int count, float least) {
        float max = least;
        for (int i = at; i < at + count; i++) {
            max = s[i] > max ? s[i] : max;
        }
        return max;
    }

    /** Does the work of {@link SoftmaxRows#exponentials}. */
    public static void exponentials(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            int lanes = r * LANES;
            Arrays.fill(g.lanes, lanes, lanes + LANES, 0);
            float differences = 0;
            for (int i = r * step; i < r * step + length; i += LANES) {
                differences += exponentials(s, i, g.maxima[r], g.lanes, lanes);
            }
            if (Float.isNaN(differences)) {
                g.lanes[lanes] = Float.NaN;
            }
        }
    }

    /**
     * Replaces a vector of elements by exponentials. Returns the sum of the differences from the maximum of the row.
     */
    private static float exponentials(float[] s, int at, float max, float[] lanes, int lanesAt) {
        float differences = 0;
        for (int i = 0; i < LANES; i++) {
            float d = s[at + i] - max;
            float e = PlainMath.flushedExp(d);
            s[at + i] = e;
            lanes[lanesAt + i] += e;
            differences += d;
        }
        return differences;
    }

    /** Multiplies the first columns of each row of a tile by the factor of the row. */
    public static void scale(float[] tile, int count, int columns, float[] factors) {
        for (int r = 0; r < count; r++) {
            scale(tile, r * COLUMNS, columns, factors[r]);
        }
    }
}

package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Scalar twins of vector loops over rows in memory. They run until the vector loops are compiled, see {@link
 * dev.tenon.kernel.JitWarmUp}. They copy rows to arrays, because an access to a segment is several calls until it is compiled.
 * Each innermost loop is a method with a few dozen iterations: the JVM then compiles it once as a method, and does not first
 * replace a running loop.
 */
public final class PlainRows {
    /** The maximum iterations of an innermost loop. */
    public static final int SHORT = 64;

    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int LANES = SimdSpecies.LANES;

    /** The accumulators of {@code RowReductions}: four vectors. */
    private static final int CHAINS = 4 * LANES;

    /** The number of elements that are copied at a time. */
    private static final int PIECE = 2048;

    private PlainRows() {}

    /** Adds two operands, as {@code VectorBinary.add} does. An operand of step 0 is one element that is repeated. */
    public static void add(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        float[] sum = new float[Math.min(n, PIECE)];
        float[] other = new float[sum.length];
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            load(a, aAt, aStep, from, sum, count);
            load(b, bAt, bStep, from, other, count);
            for (int i = 0; i < count; i += SHORT) {
                add(sum, other, i, Math.min(count, i + SHORT));
            }
            MemorySegment.copy(sum, 0, y, SCALAR, yAt + (long) from * Float.BYTES, count);
        }
    }

    private static void add(float[] sum, float[] other, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += other[i];
        }
    }

    private static void load(MemorySegment x, long at, int step, int from, float[] to, int count) {
        if (step == 0) {
            Arrays.fill(to, 0, count, x.get(SCALAR, at));
        } else {
            MemorySegment.copy(x, SCALAR, at + (long) from * Float.BYTES, to, 0, count);
        }
    }

    /** Twin of {@code GemmEpilogue.addScaled}. */
    public static void scaledSum(MemorySegment y, long at, int n, float alpha, MemorySegment c, long cAt, float beta) {
        float[] sum = new float[Math.min(n, PIECE)];
        float[] other = new float[sum.length];
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            load(y, at, 1, from, sum, count);
            load(c, cAt, 1, from, other, count);
            for (int i = 0; i < count; i += SHORT) {
                scaledSum(sum, other, alpha, beta, i, Math.min(count, i + SHORT));
            }
            MemorySegment.copy(sum, 0, y, SCALAR, at + (long) from * Float.BYTES, count);
        }
    }

    private static void scaledSum(float[] sum, float[] other, float alpha, float beta, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] = alpha * sum[i] + beta * other[i];
        }
    }

    /** Twin of {@code GemmEpilogue.addConstant}. */
    public static void scaledSum(MemorySegment y, long at, int n, float alpha, float term) {
        float[] sum = new float[Math.min(n, PIECE)];
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            load(y, at, 1, from, sum, count);
            for (int i = 0; i < count; i += SHORT) {
                scaledSum(sum, alpha, term, i, Math.min(count, i + SHORT));
            }
            MemorySegment.copy(sum, 0, y, SCALAR, at + (long) from * Float.BYTES, count);
        }
    }

    private static void scaledSum(float[] sum, float alpha, float term, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] = alpha * sum[i] + term;
        }
    }

    /** Twin of {@code VectorUnary.gelu}. */
    public static void gelu(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        float[] piece = new float[Math.min(n, PIECE)];
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            load(x, xAt, 1, from, piece, count);
            for (int i = 0; i < count; i += SHORT) {
                gelu(piece, i, Math.min(count, i + SHORT));
            }
            MemorySegment.copy(piece, 0, y, SCALAR, yAt + (long) from * Float.BYTES, count);
        }
    }

    private static void gelu(float[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] = PlainMath.gelu(x[i]);
        }
    }

    /** The sum of the elements of whole vectors, added in the order of {@code RowReductions}. */
    public static double sum(MemorySegment x, long from, long end) {
        float[] row = row(x, from, (int) ((end - from) / Float.BYTES));
        float[] sums = new float[CHAINS];
        for (int at = 0; at < row.length; at += stride(row.length - at)) {
            addUp(sums, row, at, stride(row.length - at));
        }
        return sum(sums);
    }

    private static void addUp(float[] sums, float[] row, int at, int count) {
        for (int i = 0; i < count; i++) {
            sums[i] += row[at + i];
        }
    }

    /** The sum of the squared deviations from a number over whole vectors, added in the order of {@code RowReductions}. */
    public static double sumOfDeviations(MemorySegment x, long from, long end, float mean) {
        float[] row = row(x, from, (int) ((end - from) / Float.BYTES));
        float[] sums = new float[CHAINS];
        for (int at = 0; at < row.length; at += stride(row.length - at)) {
            addSquares(sums, row, at, stride(row.length - at), mean);
        }
        return sum(sums);
    }

    private static void addSquares(float[] sums, float[] row, int at, int count, float mean) {
        for (int i = 0; i < count; i++) {
            float d = row[at + i] - mean;
            sums[i] = Math.fma(d, d, sums[i]);
        }
    }

    /** The number of elements that are added at a time: four vectors, or one if fewer than four are left. */
    private static int stride(int left) {
        return left >= CHAINS ? CHAINS : LANES;
    }

    private static double sum(float[] sums) {
        double[] quarters = new double[4];
        for (int i = 0; i < LANES; i++) {
            float lane = (sums[i] + sums[LANES + i]) + (sums[2 * LANES + i] + sums[3 * LANES + i]);
            quarters[i % 4] += lane;
        }
        return (quarters[0] + quarters[1]) + (quarters[2] + quarters[3]);
    }

    /** Normalises a row, then scales and shifts it. */
    public static void shift(
            MemorySegment x,
            MemorySegment y,
            long at,
            MemorySegment scale,
            MemorySegment bias,
            float mean,
            float inverse,
            int length) {
        float[] row = row(x, at, length);
        float[] factors = row(scale, 0, length);
        float[] addends = row(bias, 0, length);
        for (int i = 0; i < length; i += SHORT) {
            shift(row, factors, addends, mean, inverse, i, Math.min(length, i + SHORT));
        }
        MemorySegment.copy(row, 0, y, SCALAR, at, length);
    }

    private static void shift(
            float[] row, float[] factors, float[] addends, float mean, float inverse, int from, int to) {
        for (int i = from; i < to; i++) {
            row[i] = Math.fma((row[i] - mean) * inverse, factors[i], addends[i]);
        }
    }

    private static float[] row(MemorySegment x, long at, int length) {
        float[] row = new float[length];
        MemorySegment.copy(x, SCALAR, at, row, 0, length);
        return row;
    }

    /** Whether the first elements of an array are finite. */
    public static boolean areFinite(float[] x, int length) {
        boolean finite = true;
        for (int i = 0; i < length; i += SHORT) {
            finite &= areFinite(x, i, Math.min(length, i + SHORT));
        }
        return finite;
    }

    private static boolean areFinite(float[] x, int from, int to) {
        float sum = 0;
        for (int i = from; i < to; i++) {
            sum += x[i] * 0f;
        }
        return sum == 0;
    }
}

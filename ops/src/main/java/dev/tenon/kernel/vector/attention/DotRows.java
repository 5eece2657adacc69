package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.norm.SoftmaxRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Dot products of a few queries with many keys. Keys are read in place, each a row of memory. The products of a query
 * and a key are first added up lane by lane, so that each dot product is a vector of partial sums in an array. Then
 * {@link #fold} halves the number of vectors again and again: it adds the halves of two vectors and puts the sums into
 * one. In the end each lane is a dot product. Only loads move data across lanes.
 */
final class DotRows {
    /** The most keys of one call. */
    static final int MAX_KEYS = 32;

    /** The most queries of one call. */
    static final int MAX_ROWS = 4;

    /** Elements of the array of partial sums. */
    static final int PARTIAL_SUMS = MAX_ROWS * MAX_KEYS * SimdSpecies.LANES;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;

    /** Each accumulator starts from a load of its own element. C2 would keep one shared zero vector as an object. */
    private static final float[] ZEROS = new float[2 * MAX_ROWS];

    /**
     * For each key the index of its vector in the array of partial sums, in elements. Folding reverses the bits of an
     * index within a vector, so vectors are stored in that order to begin with.
     */
    private static final int[] PLACES = places();

    /** For each width, from index {@code width * LANES} on: 1 in the lanes whose number has that bit, otherwise 0. */
    private static final float[] UPPER_LANES = upperLanes();

    private DotRows() {}

    private static int[] places() {
        int[] places = new int[MAX_KEYS];
        int unusedBits = Integer.SIZE - Integer.numberOfTrailingZeros(LANES);
        for (int i = 0; i < MAX_KEYS; i++) {
            int lane = i % LANES;
            places[i] = (i - lane + (Integer.reverse(lane) >>> unusedBits)) * LANES;
        }
        return places;
    }

    private static float[] upperLanes() {
        float[] upper = new float[LANES * LANES];
        for (int width = 1; width < LANES; width *= 2) {
            for (int lane = 0; lane < LANES; lane++) {
                upper[width * LANES + lane] = (lane & width) == 0 ? 0 : 1;
            }
        }
        return upper;
    }

    /**
     * Multiplies queries with keys. Reads queries from the first block of {@link GemmScratch} and writes products into
     * its rows, both {@link GemmTile#ROW} elements apart.
     *
     * @param g the arrays
     * @param row the first query
     * @param rows the number of queries, 1 to {@link #MAX_ROWS}; with more than two, {@link #MAX_ROWS} rows are read
     * @param k the memory of the keys
     * @param at the byte offset of the first key
     * @param step bytes from a key to the next
     * @param keys the number of keys, 1 to {@link #MAX_KEYS}
     * @param size elements of a query and of a key
     * @param column the index of the first product within a row; whole vectors are written from there on
     */
    static void multiply(
            GemmScratch g, int row, int rows, MemorySegment k, long at, long step, int keys, int size, int column) {
        if (AttentionWarmUps.DOT_ROWS.over()) {
            vectors(g, row, rows, k, at, step, keys, size, column);
        } else {
            PlainDotRows.multiply(rows, g.block(0), row, k, at, step, keys, size, g.rows, column);
        }
    }

    /** Does the work of {@link #multiply} by vector loops, whether they are compiled or not. */
    static void vectors(
            GemmScratch g, int row, int rows, MemorySegment k, long at, long step, int keys, int size, int column) {
        float[] a = g.block(0);
        float[] sums = g.elements(PARTIAL_SUMS);
        int body = size - size % LANES;
        if (rows > 2) {
            products4(a, row * ROW, k, at, step, keys, body, sums);
        } else {
            for (int r = 0; r < rows; r++) {
                products1(a, (row + r) * ROW, k, at, step, keys, body, sums, r * MAX_KEYS * LANES);
            }
        }
        if (body < size) {
            addTails(rows, a, row, k, at, step, keys, body, size, sums);
        }
        for (int width = LANES / 2, vectors = rows * MAX_KEYS; width > 0; width /= 2, vectors /= 2) {
            fold(sums, vectors, width);
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(sums, r * MAX_KEYS, g.rows, (row + r) * ROW + column, SoftmaxRows.padded(keys));
        }
    }

    /** Partial sums of one query with each key, over the elements that fill whole vectors. */
    static void products1(
            float[] a, int from, MemorySegment k, long at, long step, int keys, int size, float[] sums, int to) {
        k = NATIVE.cast(k);
        for (int j = 0; j < keys; j += 2) {
            long first = at + j * step;
            long second = j + 1 < keys ? first + step : first;
            FloatVector s0 = FloatVector.broadcast(F32, ZEROS[0]);
            FloatVector s1 = FloatVector.broadcast(F32, ZEROS[1]);
            for (int d = 0; d < size; d += LANES) {
                FloatVector x = FloatVector.fromArray(F32, a, from + d);
                s0 = x.fma(FloatVector.fromMemorySegment(F32, k, first, LE), s0);
                s1 = x.fma(FloatVector.fromMemorySegment(F32, k, second, LE), s1);
                first += LANES * (long) Float.BYTES;
                second += LANES * (long) Float.BYTES;
            }
            s0.intoArray(sums, to + PLACES[j]);
            s1.intoArray(sums, to + PLACES[j + 1]);
        }
    }

    /** Partial sums of four queries with each key, over the elements that fill whole vectors. */
    static void products4(float[] a, int from, MemorySegment k, long at, long step, int keys, int size, float[] sums) {
        k = NATIVE.cast(k);
        for (int j = 0; j < keys; j += 2) {
            long first = at + j * step;
            long second = j + 1 < keys ? first + step : first;
            FloatVector s0 = FloatVector.broadcast(F32, ZEROS[0]);
            FloatVector t0 = FloatVector.broadcast(F32, ZEROS[1]);
            FloatVector s1 = FloatVector.broadcast(F32, ZEROS[2]);
            FloatVector t1 = FloatVector.broadcast(F32, ZEROS[3]);
            FloatVector s2 = FloatVector.broadcast(F32, ZEROS[4]);
            FloatVector t2 = FloatVector.broadcast(F32, ZEROS[5]);
            FloatVector s3 = FloatVector.broadcast(F32, ZEROS[6]);
            FloatVector t3 = FloatVector.broadcast(F32, ZEROS[7]);
            for (int q = from; q < from + size; q += LANES) {
                FloatVector x = FloatVector.fromMemorySegment(F32, k, first, LE);
                FloatVector y = FloatVector.fromMemorySegment(F32, k, second, LE);
                FloatVector a0 = FloatVector.fromArray(F32, a, q);
                s0 = a0.fma(x, s0);
                t0 = a0.fma(y, t0);
                FloatVector a1 = FloatVector.fromArray(F32, a, q + ROW);
                s1 = a1.fma(x, s1);
                t1 = a1.fma(y, t1);
                FloatVector a2 = FloatVector.fromArray(F32, a, q + 2 * ROW);
                s2 = a2.fma(x, s2);
                t2 = a2.fma(y, t2);
                FloatVector a3 = FloatVector.fromArray(F32, a, q + 3 * ROW);
                s3 = a3.fma(x, s3);
                t3 = a3.fma(y, t3);
                first += LANES * (long) Float.BYTES;
                second += LANES * (long) Float.BYTES;
            }
            int p = PLACES[j];
            int r = PLACES[j + 1];
            s0.intoArray(sums, p);
            t0.intoArray(sums, r);
            s1.intoArray(sums, p + MAX_KEYS * LANES);
            t1.intoArray(sums, r + MAX_KEYS * LANES);
            s2.intoArray(sums, p + 2 * MAX_KEYS * LANES);
            t2.intoArray(sums, r + 2 * MAX_KEYS * LANES);
            s3.intoArray(sums, p + 3 * MAX_KEYS * LANES);
            t3.intoArray(sums, r + 3 * MAX_KEYS * LANES);
        }
    }

    /** Adds the products of the elements after the last whole vector to lane 0 of each partial sum. */
    private static void addTails(
            int rows,
            float[] a,
            int from,
            MemorySegment k,
            long at,
            long step,
            int keys,
            int body,
            int size,
            float[] sums) {
        for (int j = 0; j < keys; j++) {
            for (int r = 0; r < rows; r++) {
                int q = (from + r) * ROW;
                float sum = 0;
                for (int d = body; d < size; d++) {
                    sum = Math.fma(a[q + d], k.get(SCALAR, at + j * step + (long) d * Float.BYTES), sum);
                }
                sums[r * MAX_KEYS * LANES + PLACES[j]] += sum;
            }
        }
    }

    /**
     * Adds neighbouring groups of lanes within each vector, and puts the sums of two vectors into one.
     *
     * @param sums the vectors; the first half of them receives the result
     * @param vectors the number of vectors, even
     * @param width lanes of a group
     */
    static void fold(float[] sums, int vectors, int width) {
        VectorMask<Float> upper =
                FloatVector.fromArray(F32, UPPER_LANES, width * LANES).compare(VectorOperators.NE, 0f);
        int to = 0;
        for (int at = 0; at < vectors * LANES; at += 2 * LANES) {
            FloatVector x = FloatVector.fromArray(F32, sums, at);
            FloatVector y = FloatVector.fromArray(F32, sums, at + width);
            x = x.blend(FloatVector.fromArray(F32, sums, at + LANES - width), upper);
            y = y.blend(FloatVector.fromArray(F32, sums, at + LANES), upper);
            x.add(y).intoArray(sums, to);
            to += LANES;
        }
    }
}

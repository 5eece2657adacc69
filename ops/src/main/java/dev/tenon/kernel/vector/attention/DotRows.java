package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.norm.SoftmaxRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Products of a few rows with many keys that are read where they lie, a row of memory each. A product of two rows is a
 * vector of sums at first, lane by lane, and an array holds those of {@link #KEYS} keys. They are folded all together, by
 * halves, two vectors into one, until each has become a lane: so nothing crosses lanes but by loads.
 */
final class DotRows {
    /** Keys that are worked on together, at most. */
    static final int KEYS = 32;

    /** Rows that are worked on together, at most. */
    static final int ROWS = 4;

    /** Elements of an array of products. */
    static final int ELEMENTS = ROWS * KEYS * SimdSpecies.LANES;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;

    /** Every accumulator starts from an element of its own: one zero for all would be kept as an object. */
    private static final float[] ZEROS = new float[2 * ROWS];

    /** Where the vector of each key lies, in elements: folding puts lanes into the order of reversed bits. */
    private static final int[] PLACES = places();

    /** For each width, from its number of lanes on: 1 in the lanes whose number has that bit, else 0. */
    private static final float[] HIGH = high();

    private DotRows() {}

    private static int[] places() {
        int[] places = new int[KEYS];
        int unused = Integer.SIZE - Integer.numberOfTrailingZeros(LANES);
        for (int i = 0; i < KEYS; i++) {
            int lane = i % LANES;
            places[i] = (i - lane + (Integer.reverse(lane) >>> unused)) * LANES;
        }
        return places;
    }

    private static float[] high() {
        float[] high = new float[LANES * LANES];
        for (int width = 1; width < LANES; width *= 2) {
            for (int lane = 0; lane < LANES; lane++) {
                high[width * LANES + lane] = (lane & width) == 0 ? 0 : 1;
            }
        }
        return high;
    }

    /**
     * Multiplies rows with keys.
     *
     * @param rows the number of rows, 1 to {@link #ROWS}
     * @param a the rows, {@link GemmTile#ROW} elements apart; {@link #ROWS} of them are read if more than two count
     * @param from the number of the first row, of those in A and of those of the result
     * @param k memory that holds the keys
     * @param at the byte offset of the first key
     * @param step bytes from a key to the next
     * @param keys the number of keys, 1 to {@link #KEYS}
     * @param size elements of a row and of a key
     * @param products works in {@link #ELEMENTS}
     * @param to the result, {@link GemmTile#ROW} elements from row to row; whole vectors are written
     * @param column the first element of a row of it
     */
    static void multiply(
            int rows,
            float[] a,
            int from,
            MemorySegment k,
            long at,
            long step,
            int keys,
            int size,
            float[] products,
            float[] to,
            int column) {
        if (AttentionWarmUps.DOT_ROWS.over()) {
            vectors(rows, a, from, k, at, step, keys, size, products, to, column);
        } else {
            PlainDotRows.multiply(rows, a, from, k, at, step, keys, size, to, column);
        }
    }

    /** Multiplies rows with keys on vectors, compiled or not. */
    static void vectors(
            int rows,
            float[] a,
            int from,
            MemorySegment k,
            long at,
            long step,
            int keys,
            int size,
            float[] products,
            float[] to,
            int column) {
        int body = size - size % LANES;
        if (rows > 2) {
            products4(a, from * ROW, k, at, step, keys, body, products);
        } else {
            for (int r = 0; r < rows; r++) {
                products1(a, (from + r) * ROW, k, at, step, keys, body, products, r * KEYS * LANES);
            }
        }
        if (body < size) {
            addTails(rows, a, from, k, at, step, keys, body, size, products);
        }
        for (int width = LANES / 2, vectors = rows * KEYS; width > 0; width /= 2, vectors /= 2) {
            fold(products, vectors, width);
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(products, r * KEYS, to, (from + r) * ROW + column, SoftmaxRows.padded(keys));
        }
    }

    /** The vectors of products of one row with keys, of whole vectors of elements. */
    static void products1(
            float[] a, int from, MemorySegment k, long at, long step, int keys, int size, float[] products, int to) {
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
            s0.intoArray(products, to + PLACES[j]);
            s1.intoArray(products, to + PLACES[j + 1]);
        }
    }

    /** The vectors of products of four rows with keys, of whole vectors of elements. */
    static void products4(
            float[] a, int from, MemorySegment k, long at, long step, int keys, int size, float[] products) {
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
            s0.intoArray(products, p);
            t0.intoArray(products, r);
            s1.intoArray(products, p + KEYS * LANES);
            t1.intoArray(products, r + KEYS * LANES);
            s2.intoArray(products, p + 2 * KEYS * LANES);
            t2.intoArray(products, r + 2 * KEYS * LANES);
            s3.intoArray(products, p + 3 * KEYS * LANES);
            t3.intoArray(products, r + 3 * KEYS * LANES);
        }
    }

    /** Adds the products of elements behind the last whole vector to the first lanes. */
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
            float[] products) {
        for (int j = 0; j < keys; j++) {
            for (int r = 0; r < rows; r++) {
                int q = (from + r) * ROW;
                float sum = 0;
                for (int d = body; d < size; d++) {
                    sum = Math.fma(a[q + d], k.get(SCALAR, at + j * step + (long) d * Float.BYTES), sum);
                }
                products[r * KEYS * LANES + PLACES[j]] += sum;
            }
        }
    }

    /**
     * Adds the halves of groups of lanes, and puts the sums of two vectors into one.
     *
     * @param products the vectors; the first half of them are the result
     * @param vectors their number, even
     * @param width lanes of a half of a group
     */
    static void fold(float[] products, int vectors, int width) {
        VectorMask<Float> high = FloatVector.fromArray(F32, HIGH, width * LANES).compare(VectorOperators.NE, 0f);
        int to = 0;
        for (int at = 0; at < vectors * LANES; at += 2 * LANES) {
            FloatVector x = FloatVector.fromArray(F32, products, at);
            FloatVector y = FloatVector.fromArray(F32, products, at + width);
            x = x.blend(FloatVector.fromArray(F32, products, at + LANES - width), high);
            y = y.blend(FloatVector.fromArray(F32, products, at + LANES), high);
            x.add(y).intoArray(products, to);
            to += LANES;
        }
    }
}

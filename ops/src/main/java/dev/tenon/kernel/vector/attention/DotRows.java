package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Dot products of a query with many keys. Keys are read in place, each a row of memory. The products of a query and a key
 * are first added up lane by lane, so that each dot product is a vector of partial sums in an array. Then {@link #fold}
 * halves the number of vectors again and again: it adds the halves of two vectors and puts the sums into one. In the end
 * each lane is a dot product. Only loads move data across lanes.
 */
final class DotRows {
    /** The most keys of one call. */
    static final int MAX_KEYS = 32;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;

    /** Each accumulator starts from a load of its own element. C2 would keep one shared zero vector as an object. */
    private static final float[] ZEROS = new float[2];

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
     * Multiplies a query with keys.
     *
     * @param s holds the queries and receives the scores
     * @param row the index of the first element of the query, and of the first score
     * @param k the memory of the keys
     * @param at the byte offset of the first key
     * @param step bytes from a key to the next
     * @param keys the number of keys, 1 to {@link #MAX_KEYS}
     * @param size elements of the query and of a key
     * @param column the index of the first score within its row; whole vectors are written from there on
     */
    static void multiply(
            AttentionScratch s, int row, MemorySegment k, long at, long step, int keys, int size, int column) {
        float[] sums = s.products;
        int body = size - size % LANES;
        addProducts(s.queries, row, k, at, step, keys, body, sums);
        for (int j = 0; j < keys && body < size; j++) {
            float sum = 0;
            for (int d = body; d < size; d++) {
                float key = k.get(SCALAR, at + j * step + (long) d * Float.BYTES);
                sum = Math.fma(s.queries[row + d], key, sum);
            }
            sums[PLACES[j]] += sum;
        }
        int vectors = MAX_KEYS;
        for (int width = LANES / 2; width > 0; width /= 2) {
            fold(sums, vectors, width);
            vectors /= 2;
        }
        System.arraycopy(sums, 0, s.scores, row + column, Math.ceilDiv(keys, LANES) * LANES);
    }

    /** Adds up the products of a query with each key lane by lane, over the elements that fill whole vectors. */
    private static void addProducts(
            float[] a, int from, MemorySegment k, long at, long step, int keys, int size, float[] sums) {
        k = NATIVE.cast(k);
        for (int j = 0; j < keys; j += 2) {
            long first = at + j * step;
            long second = j + 1 < keys ? first + step : first;
            FloatVector s0 = FloatVector.broadcast(F32, ZEROS[0]);
            FloatVector s1 = FloatVector.broadcast(F32, ZEROS[1]);
            for (int d = from; d < from + size; d += LANES) {
                FloatVector x = FloatVector.fromArray(F32, a, d);
                s0 = x.fma(FloatVector.fromMemorySegment(F32, k, first, LE), s0);
                s1 = x.fma(FloatVector.fromMemorySegment(F32, k, second, LE), s1);
                first += LANES * (long) Float.BYTES;
                second += LANES * (long) Float.BYTES;
            }
            s0.intoArray(sums, PLACES[j]);
            s1.intoArray(sums, PLACES[j + 1]);
        }
    }

    /**
     * Adds neighbouring groups of lanes within each vector, and puts the sums of two vectors into one.
     *
     * @param sums the vectors; the first half of them receives the result
     * @param vectors the number of vectors, even
     * @param width lanes of a group
     */
    private static void fold(float[] sums, int vectors, int width) {
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

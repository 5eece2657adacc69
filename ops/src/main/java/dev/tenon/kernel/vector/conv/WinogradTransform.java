package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.conv.WinogradPoints;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The transforms of tiles for the points of {@link WinogradPoints}, for a vector of tiles at a time, which are
 * neighbours or the tiles of as many channels: {@code B' d B} of an input tile, {@code A' m A} of products. Each is
 * done along columns into an array, then along rows. With points 0, a, -a, b, -b and infinity, each row of B' holds the
 * coefficients of the product of all {@code x - p} except that of the row's own point.
 */
final class WinogradTransform {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float A = (float) WinogradPoints.POINT;
    private static final float B = 2 * A;
    private static final float AA = A * A;
    private static final float BB = B * B;
    private static final float SUM = AA + BB;
    private static final float PRODUCT = AA * BB;

    private WinogradTransform() {}

    /**
     * Transforms input tiles of 6 x 6 elements.
     *
     * @param x the memory of the input
     * @param from the byte offset of the first tile
     * @param offsets the byte offsets of the 36 elements from there
     * @param t an array for 36 vectors
     * @param v receives the results, 36 vectors
     * @param at the byte offset of the first one
     * @param stride bytes from one to the next
     */
    static void input4(MemorySegment x, long from, int[] offsets, float[] t, MemorySegment v, long at, long stride) {
        x = NATIVE.cast(x);
        v = NATIVE.cast(v);
        FloatVector a = FloatVector.broadcast(F32, A);
        FloatVector minusA = FloatVector.broadcast(F32, -A);
        FloatVector b = FloatVector.broadcast(F32, B);
        FloatVector minusB = FloatVector.broadcast(F32, -B);
        FloatVector minusAA = FloatVector.broadcast(F32, -AA);
        FloatVector minusBB = FloatVector.broadcast(F32, -BB);
        FloatVector minusSum = FloatVector.broadcast(F32, -SUM);
        FloatVector product = FloatVector.broadcast(F32, PRODUCT);
        for (int j = 0; j < 6; j++) {
            FloatVector d0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + offsets[j], ORDER));
            FloatVector d1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + offsets[6 + j], ORDER));
            FloatVector d2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + offsets[12 + j], ORDER));
            FloatVector d3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + offsets[18 + j], ORDER));
            FloatVector d4 = FloatVector.fromMemorySegment(F32, x, from + offsets[24 + j], ORDER);
            FloatVector d5 = FloatVector.fromMemorySegment(F32, x, from + offsets[30 + j], ORDER);
            int to = j * LANES;
            d0.fma(product, d2.fma(minusSum, d4)).intoArray(t, to);
            FloatVector p = d2.fma(minusBB, d4);
            FloatVector q = d1.fma(minusBB, d3);
            q.fma(a, p).intoArray(t, to + 6 * LANES);
            q.fma(minusA, p).intoArray(t, to + 12 * LANES);
            p = d2.fma(minusAA, d4);
            q = d1.fma(minusAA, d3);
            q.fma(b, p).intoArray(t, to + 18 * LANES);
            q.fma(minusB, p).intoArray(t, to + 24 * LANES);
            d1.fma(product, d3.fma(minusSum, d5)).intoArray(t, to + 30 * LANES);
        }
        for (int i = 0; i < 6; i++) {
            int row = 6 * i * LANES;
            FloatVector d1 = FLOATS.cast(FloatVector.fromArray(F32, t, row + LANES));
            FloatVector d2 = FLOATS.cast(FloatVector.fromArray(F32, t, row + 2 * LANES));
            FloatVector d3 = FLOATS.cast(FloatVector.fromArray(F32, t, row + 3 * LANES));
            FloatVector d4 = FloatVector.fromArray(F32, t, row + 4 * LANES);
            long to = at + 6L * i * stride;
            FloatVector d0 = FLOATS.cast(FloatVector.fromArray(F32, t, row));
            d0.fma(product, d2.fma(minusSum, d4)).intoMemorySegment(v, to, ORDER);
            FloatVector p = d2.fma(minusBB, d4);
            FloatVector q = d1.fma(minusBB, d3);
            q.fma(a, p).intoMemorySegment(v, to + stride, ORDER);
            q.fma(minusA, p).intoMemorySegment(v, to + 2 * stride, ORDER);
            p = d2.fma(minusAA, d4);
            q = d1.fma(minusAA, d3);
            q.fma(b, p).intoMemorySegment(v, to + 3 * stride, ORDER);
            q.fma(minusB, p).intoMemorySegment(v, to + 4 * stride, ORDER);
            FloatVector d5 = FloatVector.fromArray(F32, t, row + 5 * LANES);
            d1.fma(product, d3.fma(minusSum, d5)).intoMemorySegment(v, to + 5 * stride, ORDER);
        }
    }

    /**
     * Transforms input tiles of 4 x 4 elements.
     *
     * @param x the memory of the input
     * @param from the byte offset of the first tile
     * @param offsets the byte offsets of the 16 elements from there
     * @param t an array for 16 vectors
     * @param v receives the results, 16 vectors
     * @param at the byte offset of the first one
     * @param stride bytes from one to the next
     */
    static void input2(MemorySegment x, long from, int[] offsets, float[] t, MemorySegment v, long at, long stride) {
        x = NATIVE.cast(x);
        v = NATIVE.cast(v);
        for (int j = 0; j < 4; j++) {
            FloatVector d0 = FloatVector.fromMemorySegment(F32, x, from + offsets[j], ORDER);
            FloatVector d1 = FloatVector.fromMemorySegment(F32, x, from + offsets[4 + j], ORDER);
            FloatVector d2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + offsets[8 + j], ORDER));
            FloatVector d3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + offsets[12 + j], ORDER));
            int to = j * LANES;
            d2.sub(d0).intoArray(t, to);
            d2.add(d1).intoArray(t, to + 4 * LANES);
            d2.sub(d1).intoArray(t, to + 8 * LANES);
            d3.sub(d1).intoArray(t, to + 12 * LANES);
        }
        for (int i = 0; i < 4; i++) {
            int row = 4 * i * LANES;
            FloatVector d0 = FloatVector.fromArray(F32, t, row);
            FloatVector d1 = FloatVector.fromArray(F32, t, row + LANES);
            FloatVector d2 = FLOATS.cast(FloatVector.fromArray(F32, t, row + 2 * LANES));
            FloatVector d3 = FLOATS.cast(FloatVector.fromArray(F32, t, row + 3 * LANES));
            long to = at + 4L * i * stride;
            d2.sub(d0).intoMemorySegment(v, to, ORDER);
            d2.add(d1).intoMemorySegment(v, to + stride, ORDER);
            d2.sub(d1).intoMemorySegment(v, to + 2 * stride, ORDER);
            d3.sub(d1).intoMemorySegment(v, to + 3 * stride, ORDER);
        }
    }

    /**
     * Stores a tile of products in the array that their transform reads.
     *
     * @param tile the products as in {@link GemmTile}; the contents of invalid columns are undefined
     * @param rows the number of rows
     * @param add whether to add them to the contents of the array
     * @param m the products of all tiles
     * @param to the index of the tile's first element
     */
    static void storeProducts(float[] tile, int rows, boolean add, float[] m, int to) {
        for (int i = 0; i < rows * GemmTile.COLUMNS; i += LANES) {
            FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, tile, i));
            (add ? v.add(FloatVector.fromArray(F32, m, to + i)) : v).intoArray(m, to + i);
        }
    }

    /**
     * Transforms products into output tiles of 4 x 4 elements, and adds a number to all elements of a tile.
     *
     * @param m the products, 36 vectors
     * @param from the index of the first one
     * @param stride elements from one to the next
     * @param t an array for 36 vectors; the last 16 receive the result
     * @param start the numbers, one for each lane
     * @param first the index of the first of them
     */
    static void output4(float[] m, int from, int stride, float[] t, float[] start, int first) {
        FloatVector a = FloatVector.broadcast(F32, A);
        FloatVector b = FloatVector.broadcast(F32, B);
        FloatVector aa = FloatVector.broadcast(F32, AA);
        FloatVector bb = FloatVector.broadcast(F32, BB);
        FloatVector aaa = FloatVector.broadcast(F32, A * AA);
        FloatVector bbb = FloatVector.broadcast(F32, B * BB);
        for (int j = 0; j < 6; j++) {
            int at = from + j * stride;
            FloatVector m1 = FLOATS.cast(FloatVector.fromArray(F32, m, at + 6 * stride));
            FloatVector m2 = FloatVector.fromArray(F32, m, at + 12 * stride);
            FloatVector m3 = FLOATS.cast(FloatVector.fromArray(F32, m, at + 18 * stride));
            FloatVector m4 = FloatVector.fromArray(F32, m, at + 24 * stride);
            FloatVector even = m1.add(m2);
            FloatVector odd = m1.sub(m2);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            int to = j * LANES;
            FLOATS.cast(FloatVector.fromArray(F32, m, at)).add(even).add(even2).intoArray(t, to);
            odd.fma(a, odd2.mul(b)).intoArray(t, to + 6 * LANES);
            even.fma(aa, even2.mul(bb)).intoArray(t, to + 12 * LANES);
            FloatVector m5 = FloatVector.fromArray(F32, m, at + 30 * stride);
            odd.fma(aaa, odd2.fma(bbb, m5)).intoArray(t, to + 18 * LANES);
        }
        FloatVector c = FloatVector.fromArray(F32, start, first);
        // From the last row to the first: results overwrite columns that were read before.
        for (int i = 3; i >= 0; i--) {
            int row = 6 * i * LANES;
            FloatVector m0 = FLOATS.cast(FloatVector.fromArray(F32, t, row)).add(c);
            FloatVector m1 = FLOATS.cast(FloatVector.fromArray(F32, t, row + LANES));
            FloatVector m2 = FloatVector.fromArray(F32, t, row + 2 * LANES);
            FloatVector m3 = FLOATS.cast(FloatVector.fromArray(F32, t, row + 3 * LANES));
            FloatVector m4 = FloatVector.fromArray(F32, t, row + 4 * LANES);
            FloatVector m5 =
                    FLOATS.cast(FloatVector.fromArray(F32, t, row + 5 * LANES)).add(c);
            FloatVector even = m1.add(m2);
            FloatVector odd = m1.sub(m2);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            int to = (20 + 4 * i) * LANES;
            m0.add(even).add(even2).intoArray(t, to);
            odd.fma(a, odd2.fma(b, c)).intoArray(t, to + LANES);
            even.fma(aa, even2.fma(bb, c)).intoArray(t, to + 2 * LANES);
            odd.fma(aaa, odd2.fma(bbb, m5)).intoArray(t, to + 3 * LANES);
        }
    }

    /**
     * Transforms products into output tiles of 2 x 2 elements, and adds a number to all elements of a tile.
     *
     * @param m the products, 16 vectors
     * @param from the index of the first one
     * @param stride elements from one to the next
     * @param t an array for 36 vectors; the last 4 receive the result
     * @param start the numbers, one for each lane
     * @param first the index of the first of them
     */
    static void output2(float[] m, int from, int stride, float[] t, float[] start, int first) {
        for (int j = 0; j < 4; j++) {
            int at = from + j * stride;
            FloatVector m1 = FloatVector.fromArray(F32, m, at + 4 * stride);
            FloatVector m2 = FloatVector.fromArray(F32, m, at + 8 * stride);
            int to = j * LANES;
            FLOATS.cast(FloatVector.fromArray(F32, m, at)).add(m1).add(m2).intoArray(t, to);
            FLOATS.cast(FloatVector.fromArray(F32, m, at + 12 * stride))
                    .add(m1)
                    .sub(m2)
                    .intoArray(t, to + 4 * LANES);
        }
        FloatVector b = FloatVector.fromArray(F32, start, first);
        for (int i = 0; i < 2; i++) {
            int row = 4 * i * LANES;
            FloatVector m0 = FLOATS.cast(FloatVector.fromArray(F32, t, row));
            FloatVector m1 = FloatVector.fromArray(F32, t, row + LANES);
            FloatVector m2 = FloatVector.fromArray(F32, t, row + 2 * LANES);
            FloatVector m3 = FLOATS.cast(FloatVector.fromArray(F32, t, row + 3 * LANES));
            int to = (32 + 2 * i) * LANES;
            m0.add(m1).add(m2).add(b).intoArray(t, to);
            m3.add(m1).sub(m2).add(b).intoArray(t, to + LANES);
        }
    }
}

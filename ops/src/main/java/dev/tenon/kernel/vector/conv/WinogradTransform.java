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
 * The transforms of tiles for the points of {@link WinogradPoints}, a vector of tiles at a time, be they neighbours or of
 * as many channels: {@code B' d B} of a tile of the input, {@code A' m A} of the products. Each is done along columns into
 * an array, then along rows. With points 0, a, -a, b, -b and infinity the rows of B' are the coefficients of the product
 * of all {@code x - p} but the row's own.
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
     * Transforms tiles of 6 x 6 elements of the input.
     *
     * @param x the memory of the input
     * @param from where the first tile lies, bytes
     * @param places the distance of each of the 36 elements from there
     * @param t an array for 36 vectors
     * @param v where the results go, 36 vectors
     * @param at where the first one goes, bytes
     * @param apart bytes from one to the next
     */
    static void input4(MemorySegment x, long from, int[] places, float[] t, MemorySegment v, long at, long apart) {
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
            FloatVector d0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + places[j], ORDER));
            FloatVector d1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + places[6 + j], ORDER));
            FloatVector d2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + places[12 + j], ORDER));
            FloatVector d3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + places[18 + j], ORDER));
            FloatVector d4 = FloatVector.fromMemorySegment(F32, x, from + places[24 + j], ORDER);
            FloatVector d5 = FloatVector.fromMemorySegment(F32, x, from + places[30 + j], ORDER);
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
            long to = at + 6L * i * apart;
            FloatVector d0 = FLOATS.cast(FloatVector.fromArray(F32, t, row));
            d0.fma(product, d2.fma(minusSum, d4)).intoMemorySegment(v, to, ORDER);
            FloatVector p = d2.fma(minusBB, d4);
            FloatVector q = d1.fma(minusBB, d3);
            q.fma(a, p).intoMemorySegment(v, to + apart, ORDER);
            q.fma(minusA, p).intoMemorySegment(v, to + 2 * apart, ORDER);
            p = d2.fma(minusAA, d4);
            q = d1.fma(minusAA, d3);
            q.fma(b, p).intoMemorySegment(v, to + 3 * apart, ORDER);
            q.fma(minusB, p).intoMemorySegment(v, to + 4 * apart, ORDER);
            FloatVector d5 = FloatVector.fromArray(F32, t, row + 5 * LANES);
            d1.fma(product, d3.fma(minusSum, d5)).intoMemorySegment(v, to + 5 * apart, ORDER);
        }
    }

    /**
     * Transforms tiles of 4 x 4 elements of the input.
     *
     * @param x the memory of the input
     * @param from where the first tile lies, bytes
     * @param places the distance of each of the 16 elements from there
     * @param t an array for 16 vectors
     * @param v where the results go, 16 vectors
     * @param at where the first one goes, bytes
     * @param apart bytes from one to the next
     */
    static void input2(MemorySegment x, long from, int[] places, float[] t, MemorySegment v, long at, long apart) {
        x = NATIVE.cast(x);
        v = NATIVE.cast(v);
        for (int j = 0; j < 4; j++) {
            FloatVector d0 = FloatVector.fromMemorySegment(F32, x, from + places[j], ORDER);
            FloatVector d1 = FloatVector.fromMemorySegment(F32, x, from + places[4 + j], ORDER);
            FloatVector d2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + places[8 + j], ORDER));
            FloatVector d3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + places[12 + j], ORDER));
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
            long to = at + 4L * i * apart;
            d2.sub(d0).intoMemorySegment(v, to, ORDER);
            d2.add(d1).intoMemorySegment(v, to + apart, ORDER);
            d2.sub(d1).intoMemorySegment(v, to + 2 * apart, ORDER);
            d3.sub(d1).intoMemorySegment(v, to + 3 * apart, ORDER);
        }
    }

    /**
     * Puts a tile of products where their transform reads them.
     *
     * @param tile the products, as {@link GemmTile} has them; of columns that do not count the transform sees anything
     * @param rows the number of rows
     * @param add whether they are added to what is there
     * @param m the products of all tiles
     * @param to the index of the tile's first element
     */
    static void put(float[] tile, int rows, boolean add, float[] m, int to) {
        for (int i = 0; i < rows * GemmTile.COLUMNS; i += LANES) {
            FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, tile, i));
            (add ? v.add(FloatVector.fromArray(F32, m, to + i)) : v).intoArray(m, to + i);
        }
    }

    /**
     * Transforms products into tiles of 4 x 4 elements of the output, and adds a number to all of a tile.
     *
     * @param m the products, 36 vectors
     * @param from the index of the first one
     * @param apart elements from one to the next
     * @param t an array for 36 vectors, of which the last 16 are the result afterwards
     * @param start the numbers, one for each lane
     * @param first the index of the first of them
     */
    static void output4(float[] m, int from, int apart, float[] t, float[] start, int first) {
        FloatVector a = FloatVector.broadcast(F32, A);
        FloatVector b = FloatVector.broadcast(F32, B);
        FloatVector aa = FloatVector.broadcast(F32, AA);
        FloatVector bb = FloatVector.broadcast(F32, BB);
        FloatVector aaa = FloatVector.broadcast(F32, A * AA);
        FloatVector bbb = FloatVector.broadcast(F32, B * BB);
        for (int j = 0; j < 6; j++) {
            int at = from + j * apart;
            FloatVector m1 = FLOATS.cast(FloatVector.fromArray(F32, m, at + 6 * apart));
            FloatVector m2 = FloatVector.fromArray(F32, m, at + 12 * apart);
            FloatVector m3 = FLOATS.cast(FloatVector.fromArray(F32, m, at + 18 * apart));
            FloatVector m4 = FloatVector.fromArray(F32, m, at + 24 * apart);
            FloatVector even = m1.add(m2);
            FloatVector odd = m1.sub(m2);
            FloatVector even2 = m3.add(m4);
            FloatVector odd2 = m3.sub(m4);
            int to = j * LANES;
            FLOATS.cast(FloatVector.fromArray(F32, m, at)).add(even).add(even2).intoArray(t, to);
            odd.fma(a, odd2.mul(b)).intoArray(t, to + 6 * LANES);
            even.fma(aa, even2.mul(bb)).intoArray(t, to + 12 * LANES);
            FloatVector m5 = FloatVector.fromArray(F32, m, at + 30 * apart);
            odd.fma(aaa, odd2.fma(bbb, m5)).intoArray(t, to + 18 * LANES);
        }
        FloatVector c = FloatVector.fromArray(F32, start, first);
        // From the last row on: the results go where columns lay that were read before.
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
     * Transforms products into tiles of 2 x 2 elements of the output, and adds a number to all of a tile.
     *
     * @param m the products, 16 vectors
     * @param from the index of the first one
     * @param apart elements from one to the next
     * @param t an array for 36 vectors, of which the last 4 are the result afterwards
     * @param start the numbers, one for each lane
     * @param first the index of the first of them
     */
    static void output2(float[] m, int from, int apart, float[] t, float[] start, int first) {
        for (int j = 0; j < 4; j++) {
            int at = from + j * apart;
            FloatVector m1 = FloatVector.fromArray(F32, m, at + 4 * apart);
            FloatVector m2 = FloatVector.fromArray(F32, m, at + 8 * apart);
            int to = j * LANES;
            FLOATS.cast(FloatVector.fromArray(F32, m, at)).add(m1).add(m2).intoArray(t, to);
            FLOATS.cast(FloatVector.fromArray(F32, m, at + 12 * apart))
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

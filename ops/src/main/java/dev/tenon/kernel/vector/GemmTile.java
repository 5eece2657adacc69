package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import dev.tenon.kernel.MicroTile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of the matrix product: a tile of {@code rows} times one panel, {@code tile = A * B} over {@code k}
 * terms. Each element is one chain of fused multiply-adds in the order of k, whatever the number of rows, starting from
 * zero.
 *
 * <p>Shape of the loops, each point of which costs a factor when it is not kept:
 *
 * <ul>
 *   <li>Every accumulator starts from a load of its own. A zero shared by several is kept as a boxed object through the
 *       loop.
 *   <li>A and the result lie in arrays. Operations on segments cost the client compiler (C1) so many virtual registers
 *       that it gives up on a method with 50 of them at tier 3 though not at tier 2, and then the method stays at tier 2
 *       for ever, a hundred times slower. {@code rows12} is near the limit: add no operation to it without checking that
 *       {@code -XX:TieredStopAtLevel=3} compiles it.
 *   <li>The steps over k are arguments though they never vary. With constants C2 hoists the bounds checks, splits the
 *       loop into a nest, and spills pointers and vectors inside of it; with variables a few checks stay, and hold the
 *       loads near their use.
 *   <li>Of {@code rows5}, the tile of 16 registers, the term itself is A's index, and only the checks of the panel stay: what
 *       limits it is how many instructions a core takes at once. Six rows would leave one register beside sums, a row of
 *       the panel and an element of A, and whether C2 then spills a sum changes from one JVM to another: half the speed.
 * </ul>
 */
final class GemmTile {
    /** The most rows of a tile: what the vector registers hold beside a row of the panel and a broadcast element. */
    static final int ROWS = VectorShape.REGISTERS >= 32 ? 12 : 5;

    /** Columns of a panel. */
    static final int COLUMNS = 2 * VectorShape.LANES;

    /** The most terms that one call takes. */
    static final int DEPTH = MicroTile.DEPTH;

    /** Elements from a row of A to the next: not a multiple of 4096 bytes, which would put the rows into one cache set. */
    static final int ROW = DEPTH + 16;

    private static final int LANES = VectorShape.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZEROS = new float[2 * 12];

    private GemmTile() {}

    /**
     * How many of some rows the next tile takes, so that all of them cost least.
     *
     * @param left rows that are left, at least 1
     * @return 1 to {@link #ROWS}
     */
    static int height(int left) {
        if (left >= ROWS) {
            return left == 13 || left == 16 ? Math.min(8, ROWS) : ROWS;
        }
        return switch (left) {
            case 6 -> 4;
            case 7, 9, 10 -> 5;
            default -> left;
        };
    }

    /**
     * Multiplies a tile.
     *
     * @param rows 1 to {@link #ROWS}
     * @param a A from its first element on, {@link #ROW} elements from row to row; up to {@link #ROWS} rows are read,
     *     of which those beyond {@code rows} have no effect on the first {@code rows} rows of the result
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the panel's first term
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, {@link #COLUMNS} elements from row to row; written, not read
     */
    static void multiply(int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        multiply(rows, a, b, bOffset, 2 * VECTOR_BYTES, k, tile, 0);
    }

    /**
     * Multiplies a tile with rows of B that lie some bytes apart.
     *
     * @param rows 1 to {@link #ROWS}
     * @param a A as the other method has it
     * @param b memory that holds B
     * @param bOffset the byte offset of its first row
     * @param bStep bytes from a row to the next, each of {@link #COLUMNS} columns
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, as the other method has it, which up to {@link #ROWS} rows are written of
     * @param to the index of its first element
     */
    static void multiply(int rows, float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        if (Rehearsals.tile(rows).over()) {
            vectors(rows, a, b, bOffset, bStep, k, tile, to);
        } else if (Rehearsals.tile(ROWS).over()) {
            vectors(ROWS, a, b, bOffset, bStep, k, tile, to);
        } else {
            PlainTile.multiply(rows, a, b, bOffset, bStep, k, tile, to);
        }
    }

    /**
     * Whether the loops for a number of rows are compiled; asks for all of them.
     *
     * @param rows at least 1
     * @return true if none is to be avoided
     */
    static boolean isCompiled(int rows) {
        // Whatever is left above two of the most rows takes the most.
        int left = rows < 2 * ROWS ? rows : ROWS + rows % ROWS;
        boolean compiled = Rehearsals.tile(ROWS).over();
        while (left > 0) {
            compiled &= Rehearsals.tile(height(left)).over();
            left -= height(left);
        }
        return compiled;
    }

    /** Multiplies a tile with rows of B that lie some bytes apart on vectors, compiled or not. */
    static void vectors(int rows, float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        loops(rows, a, 1, b, bOffset, bStep, k, tile, to);
    }

    private static void loops(
            int rows, float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        if (rows == 1) {
            rows1(a, aStep, b, bOffset, bStep, k, tile, to);
        } else if (rows == 2) {
            rows2(a, aStep, b, bOffset, bStep, k, tile, to);
        } else if (rows <= 4) {
            rows4(a, aStep, b, bOffset, bStep, k, tile, to);
        } else if (rows == 5) {
            rows5(a, b, bOffset, bStep, k, tile, to);
        } else if (rows <= 8) {
            rows8(a, aStep, b, bOffset, bStep, k, tile, to);
        } else {
            rows12(a, aStep, b, bOffset, bStep, k, tile, to);
        }
    }

    /** 1 row. */
    private static void rows1(
            float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            q += aStep;
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
    }

    /** 2 rows. */
    private static void rows2(
            float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[q + ROW]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            q += aStep;
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
    }

    /** 4 rows. */
    private static void rows4(
            float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[q + ROW]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[q + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[q + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            q += aStep;
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
        l2.intoArray(tile, to + 4 * LANES);
        r2.intoArray(tile, to + 5 * LANES);
        l3.intoArray(tile, to + 6 * LANES);
        r3.intoArray(tile, to + 7 * LANES);
    }

    /** 5 rows. */
    private static void rows5(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector r4 = FloatVector.broadcast(F32, ZEROS[9]);
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[p + ROW]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[p + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[p + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FloatVector.broadcast(F32, a[p + 4 * ROW]);
            l4 = a4.fma(bl, l4);
            r4 = a4.fma(br, r4);
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
        l2.intoArray(tile, to + 4 * LANES);
        r2.intoArray(tile, to + 5 * LANES);
        l3.intoArray(tile, to + 6 * LANES);
        r3.intoArray(tile, to + 7 * LANES);
        l4.intoArray(tile, to + 8 * LANES);
        r4.intoArray(tile, to + 9 * LANES);
    }

    /** 8 rows. */
    private static void rows8(
            float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector r4 = FloatVector.broadcast(F32, ZEROS[9]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[10]);
        FloatVector r5 = FloatVector.broadcast(F32, ZEROS[11]);
        FloatVector l6 = FloatVector.broadcast(F32, ZEROS[12]);
        FloatVector r6 = FloatVector.broadcast(F32, ZEROS[13]);
        FloatVector l7 = FloatVector.broadcast(F32, ZEROS[14]);
        FloatVector r7 = FloatVector.broadcast(F32, ZEROS[15]);
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[q + ROW]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[q + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[q + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FloatVector.broadcast(F32, a[q + 4 * ROW]);
            l4 = a4.fma(bl, l4);
            r4 = a4.fma(br, r4);
            FloatVector a5 = FloatVector.broadcast(F32, a[q + 5 * ROW]);
            l5 = a5.fma(bl, l5);
            r5 = a5.fma(br, r5);
            FloatVector a6 = FloatVector.broadcast(F32, a[q + 6 * ROW]);
            l6 = a6.fma(bl, l6);
            r6 = a6.fma(br, r6);
            FloatVector a7 = FloatVector.broadcast(F32, a[q + 7 * ROW]);
            l7 = a7.fma(bl, l7);
            r7 = a7.fma(br, r7);
            q += aStep;
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
        l2.intoArray(tile, to + 4 * LANES);
        r2.intoArray(tile, to + 5 * LANES);
        l3.intoArray(tile, to + 6 * LANES);
        r3.intoArray(tile, to + 7 * LANES);
        l4.intoArray(tile, to + 8 * LANES);
        r4.intoArray(tile, to + 9 * LANES);
        l5.intoArray(tile, to + 10 * LANES);
        r5.intoArray(tile, to + 11 * LANES);
        l6.intoArray(tile, to + 12 * LANES);
        r6.intoArray(tile, to + 13 * LANES);
        l7.intoArray(tile, to + 14 * LANES);
        r7.intoArray(tile, to + 15 * LANES);
    }

    /** 12 rows. */
    private static void rows12(
            float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector r4 = FloatVector.broadcast(F32, ZEROS[9]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[10]);
        FloatVector r5 = FloatVector.broadcast(F32, ZEROS[11]);
        FloatVector l6 = FloatVector.broadcast(F32, ZEROS[12]);
        FloatVector r6 = FloatVector.broadcast(F32, ZEROS[13]);
        FloatVector l7 = FloatVector.broadcast(F32, ZEROS[14]);
        FloatVector r7 = FloatVector.broadcast(F32, ZEROS[15]);
        FloatVector l8 = FloatVector.broadcast(F32, ZEROS[16]);
        FloatVector r8 = FloatVector.broadcast(F32, ZEROS[17]);
        FloatVector l9 = FloatVector.broadcast(F32, ZEROS[18]);
        FloatVector r9 = FloatVector.broadcast(F32, ZEROS[19]);
        FloatVector l10 = FloatVector.broadcast(F32, ZEROS[20]);
        FloatVector r10 = FloatVector.broadcast(F32, ZEROS[21]);
        FloatVector l11 = FloatVector.broadcast(F32, ZEROS[22]);
        FloatVector r11 = FloatVector.broadcast(F32, ZEROS[23]);
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[q + ROW]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[q + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[q + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FloatVector.broadcast(F32, a[q + 4 * ROW]);
            l4 = a4.fma(bl, l4);
            r4 = a4.fma(br, r4);
            FloatVector a5 = FloatVector.broadcast(F32, a[q + 5 * ROW]);
            l5 = a5.fma(bl, l5);
            r5 = a5.fma(br, r5);
            FloatVector a6 = FloatVector.broadcast(F32, a[q + 6 * ROW]);
            l6 = a6.fma(bl, l6);
            r6 = a6.fma(br, r6);
            FloatVector a7 = FloatVector.broadcast(F32, a[q + 7 * ROW]);
            l7 = a7.fma(bl, l7);
            r7 = a7.fma(br, r7);
            FloatVector a8 = FloatVector.broadcast(F32, a[q + 8 * ROW]);
            l8 = a8.fma(bl, l8);
            r8 = a8.fma(br, r8);
            FloatVector a9 = FloatVector.broadcast(F32, a[q + 9 * ROW]);
            l9 = a9.fma(bl, l9);
            r9 = a9.fma(br, r9);
            FloatVector a10 = FloatVector.broadcast(F32, a[q + 10 * ROW]);
            l10 = a10.fma(bl, l10);
            r10 = a10.fma(br, r10);
            FloatVector a11 = FloatVector.broadcast(F32, a[q + 11 * ROW]);
            l11 = a11.fma(bl, l11);
            r11 = a11.fma(br, r11);
            q += aStep;
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
        l2.intoArray(tile, to + 4 * LANES);
        r2.intoArray(tile, to + 5 * LANES);
        l3.intoArray(tile, to + 6 * LANES);
        r3.intoArray(tile, to + 7 * LANES);
        l4.intoArray(tile, to + 8 * LANES);
        r4.intoArray(tile, to + 9 * LANES);
        l5.intoArray(tile, to + 10 * LANES);
        r5.intoArray(tile, to + 11 * LANES);
        l6.intoArray(tile, to + 12 * LANES);
        r6.intoArray(tile, to + 13 * LANES);
        l7.intoArray(tile, to + 14 * LANES);
        r7.intoArray(tile, to + 15 * LANES);
        l8.intoArray(tile, to + 16 * LANES);
        r8.intoArray(tile, to + 17 * LANES);
        l9.intoArray(tile, to + 18 * LANES);
        r9.intoArray(tile, to + 19 * LANES);
        l10.intoArray(tile, to + 20 * LANES);
        r10.intoArray(tile, to + 21 * LANES);
        l11.intoArray(tile, to + 22 * LANES);
        r11.intoArray(tile, to + 23 * LANES);
    }
}

package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link GemmTile} for few rows. Arguments are those of its {@code multiply}. {@code rows4} serves three
 * rows too.
 */
final class LowTile {
    private static final int ROW = GemmTile.ROW;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZEROS = new float[2 * 12];

    private LowTile() {}

    /** 1 row. */
    static void rows1(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
    }

    /** 2 rows. */
    static void rows2(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
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
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
    }

    /** 4 rows. */
    static void rows4(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
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
    static void rows5(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
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
}

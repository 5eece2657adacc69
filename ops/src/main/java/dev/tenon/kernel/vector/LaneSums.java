package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sums across the lanes of a vector in one order: that of {@code reduceLanes(ADD)} is left open, and differs between
 * interpreted and compiled code.
 */
public final class LaneSums {
    /** Bytes of a vector. */
    public static final long BYTES = (long) SimdSpecies.LANES * Float.BYTES;

    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long STEP = 4L * Float.BYTES;

    private LaneSums() {}

    /**
     * The sum of a vector in memory, in four chains of additions. In memory and not as an argument, since a vector that
     * is handed over to a method may be boxed, and by scalars, since a second species would make the call sites of vector
     * operations polymorphic.
     */
    public static double sum(MemorySegment memory, long offset) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        for (long at = offset; at < offset + BYTES; at += STEP) {
            a += memory.get(SCALAR, at);
            b += memory.get(SCALAR, at + Float.BYTES);
            c += memory.get(SCALAR, at + 2 * Float.BYTES);
            d += memory.get(SCALAR, at + 3 * Float.BYTES);
        }
        return (a + b) + (c + d);
    }

    /** The sum of a vector in an array, in four chains of additions. */
    public static float sum(float[] lanes, int offset) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = offset; i < offset + SimdSpecies.LANES; i += 4) {
            a += lanes[i];
            b += lanes[i + 1];
            c += lanes[i + 2];
            d += lanes[i + 3];
        }
        return (a + b) + (c + d);
    }
}

package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sums across the lanes of a vector in a fixed order. {@code reduceLanes(ADD)} leaves the order open, and it differs between
 * interpreted and compiled code.
 */
public final class LaneSums {
    /** The size of a vector, bytes. */
    public static final long BYTES = (long) SimdSpecies.LANES * Float.BYTES;

    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long STEP = 4L * Float.BYTES;

    private LaneSums() {}

    /**
     * The sum of a vector in memory, with four accumulators. The vector is in memory because a vector that is passed as an
     * argument may be boxed. The sum is computed by scalars because a second species would make the call sites of vector
     * operations polymorphic.
     *
     * @param memory the memory
     * @param offset the offset of the vector, bytes
     * @return the sum
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

    /**
     * The sum of a vector in an array, with four accumulators.
     *
     * @param lanes the array
     * @param offset the index of the first lane
     * @return the sum
     */
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

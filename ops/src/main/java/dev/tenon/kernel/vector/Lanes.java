package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Sums across the lanes of a vector, in double and in one order: that of {@code reduceLanes(ADD)} is left open, and
 * differs between interpreted and compiled code.
 */
final class Lanes {
    /** Bytes of the scratch memory that a sum needs. */
    static final long BYTES = 64;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int LANES = VectorShape.F32.length();

    private Lanes() {}

    /** The sum of the lanes, by way of {@link #BYTES} of scratch memory from an offset on. */
    static double sum(FloatVector v, MemorySegment scratch, long offset) {
        v.intoMemorySegment(scratch, offset, ByteOrder.LITTLE_ENDIAN);
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        for (int i = 0; i < LANES; i += 4) {
            long at = offset + (long) i * Float.BYTES;
            a += scratch.get(F32, at);
            b += scratch.get(F32, at + 4);
            c += scratch.get(F32, at + 8);
            d += scratch.get(F32, at + 12);
        }
        return (a + b) + (c + d);
    }
}

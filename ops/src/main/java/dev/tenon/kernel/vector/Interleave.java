package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Interleaves two or four vectors: writes the first lanes of all of them, then the second lanes, and so on. */
public final class Interleave {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorMask<Float> ODD = VectorMask.fromLong(F32, 0xAAAA_AAAA_AAAA_AAAAL >>> (64 - LANES));
    private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(F32, i -> i / 2);
    private static final VectorShuffle<Float> HIGH = VectorShuffle.fromOp(F32, i -> LANES / 2 + i / 2);

    private Interleave() {}

    /**
     * Writes vectors interleaved.
     *
     * @param from holds the vectors, one after the other
     * @param at the index of the first lane of the first vector
     * @param count the number of vectors, 2 or 4
     * @param to the memory to write
     * @param offset the offset of the first element written, bytes
     */
    public static void write(float[] from, int at, int count, MemorySegment to, long offset) {
        if (count == 2) {
            two(from, at, to, offset);
        } else {
            four(from, at, to, offset);
        }
    }

    private static void two(float[] from, int at, MemorySegment to, long offset) {
        to = NATIVE.cast(to);
        FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, from, at));
        FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, from, at + LANES));
        a.rearrange(LOW).blend(b.rearrange(LOW), ODD).intoMemorySegment(to, offset, ORDER);
        a.rearrange(HIGH).blend(b.rearrange(HIGH), ODD).intoMemorySegment(to, offset + VECTOR, ORDER);
    }

    /** Interleaves the first with the third and the second with the fourth, then the two results. */
    private static void four(float[] from, int at, MemorySegment to, long offset) {
        to = NATIVE.cast(to);
        FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, from, at));
        FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, from, at + LANES));
        FloatVector c = FLOATS.cast(FloatVector.fromArray(F32, from, at + 2 * LANES));
        FloatVector d = FLOATS.cast(FloatVector.fromArray(F32, from, at + 3 * LANES));
        FloatVector x = a.rearrange(LOW).blend(c.rearrange(LOW), ODD);
        FloatVector y = b.rearrange(LOW).blend(d.rearrange(LOW), ODD);
        x.rearrange(LOW).blend(y.rearrange(LOW), ODD).intoMemorySegment(to, offset, ORDER);
        x.rearrange(HIGH).blend(y.rearrange(HIGH), ODD).intoMemorySegment(to, offset + VECTOR, ORDER);
        x = a.rearrange(HIGH).blend(c.rearrange(HIGH), ODD);
        y = b.rearrange(HIGH).blend(d.rearrange(HIGH), ODD);
        x.rearrange(LOW).blend(y.rearrange(LOW), ODD).intoMemorySegment(to, offset + 2 * VECTOR, ORDER);
        x.rearrange(HIGH).blend(y.rearrange(HIGH), ODD).intoMemorySegment(to, offset + 3 * VECTOR, ORDER);
    }
}

package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Gathers every n-th float32 of a row into a contiguous row. It writes exactly the elements of the result. It may read up to
 * four vectors from the first element on, within the segment.
 */
public final class StridedCopy {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    /** Moves the even lanes to the lower half and again to the upper half. */
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F32, i -> 2 * i % LANES);

    private static final VectorMask<Float> UPPER = VectorMask.fromLong(F32, ((1L << (LANES / 2)) - 1) << (LANES / 2));

    /** Moves every fourth lane to each quarter of the result. */
    private static final VectorShuffle<Float> FOURTH = VectorShuffle.fromOp(F32, i -> 4 * i % LANES);

    private static final VectorMask<Float> SECOND_QUARTER = quarter(1);
    private static final VectorMask<Float> THIRD_QUARTER = quarter(2);
    private static final VectorMask<Float> LAST_QUARTER = quarter(3);

    private StridedCopy() {}

    private static VectorMask<Float> quarter(int index) {
        return VectorMask.fromLong(F32, ((1L << (LANES / 4)) - 1) << (index * (LANES / 4)));
    }

    /**
     * Copies elements.
     *
     * @param x the source
     * @param from the offset of the first element in the source, bytes
     * @param stride the distance of the elements in the source, elements
     * @param to the target; source and target do not overlap
     * @param at the offset of the first element in the target, bytes
     * @param count the number of elements to copy
     */
    public static void copy(MemorySegment x, long from, int stride, MemorySegment to, long at, int count) {
        if (count == 0) {
            return;
        }
        if (stride == 1) {
            dense(x, from, to, at, count);
        } else if (stride == 2) {
            everySecond(x, from, to, at, count);
        } else if (stride == 4) {
            everyFourth(x, from, to, at, count);
        } else {
            strided(x, from, stride, to, at, 0, count);
        }
    }

    /** Whether a segment has a whole vector at an offset. A masked store beyond its end would allocate what it compares. */
    private static boolean isWhole(MemorySegment to, long at) {
        return at + VECTOR <= to.byteSize();
    }

    private static void dense(MemorySegment x, long from, MemorySegment to, long at, int count) {
        x = NATIVE.cast(x);
        to = NATIVE.cast(to);
        if (count < LANES) {
            if (from + VECTOR <= x.byteSize() && isWhole(to, at)) {
                FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from, ORDER))
                        .intoMemorySegment(to, at, ORDER, F32.indexInRange(0, count));
            } else {
                MemorySegment.copy(x, from, to, at, (long) count * Float.BYTES);
            }
            return;
        }
        long last = (long) (count - LANES) * Float.BYTES;
        for (long i = 0; i < last; i += VECTOR) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + i, ORDER)).intoMemorySegment(to, at + i, ORDER);
        }
        FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + last, ORDER)).intoMemorySegment(to, at + last, ORDER);
    }

    private static void everySecond(MemorySegment x, long from, MemorySegment to, long at, int count) {
        x = NATIVE.cast(x);
        to = NATIVE.cast(to);
        int j = 0;
        for (; j < count - LANES; j += LANES) {
            long i = (long) j * Float.BYTES;
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + 2 * i, ORDER));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + 2 * i + VECTOR, ORDER));
            a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER).intoMemorySegment(to, at + i, ORDER);
        }
        long i = (long) j * Float.BYTES;
        if (from + 2 * i + 2 * VECTOR <= x.byteSize() && isWhole(to, at + i)) {
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + 2 * i, ORDER));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + 2 * i + VECTOR, ORDER));
            a.rearrange(EVEN)
                    .blend(b.rearrange(EVEN), UPPER)
                    .intoMemorySegment(to, at + i, ORDER, F32.indexInRange(j, count));
        } else {
            strided(x, from, 2, to, at, j, count);
        }
    }

    private static void everyFourth(MemorySegment x, long from, MemorySegment to, long at, int count) {
        x = NATIVE.cast(x);
        to = NATIVE.cast(to);
        int j = 0;
        for (; j < count - LANES; j += LANES) {
            long i = from + 4L * j * Float.BYTES;
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, i, ORDER))
                    .rearrange(FOURTH)
                    .blend(
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, i + VECTOR, ORDER))
                                    .rearrange(FOURTH),
                            SECOND_QUARTER)
                    .blend(
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, i + 2 * VECTOR, ORDER))
                                    .rearrange(FOURTH),
                            THIRD_QUARTER)
                    .blend(
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, i + 3 * VECTOR, ORDER))
                                    .rearrange(FOURTH),
                            LAST_QUARTER)
                    .intoMemorySegment(to, at + (long) j * Float.BYTES, ORDER);
        }
        strided(x, from, 4, to, at, j, count);
    }

    private static void strided(MemorySegment x, long from, int stride, MemorySegment to, long at, int j0, int count) {
        for (int j = j0; j < count; j++) {
            to.set(SCALAR, at + (long) j * Float.BYTES, x.get(SCALAR, from + (long) j * stride * Float.BYTES));
        }
    }
}

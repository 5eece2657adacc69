package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The loops of {@link VectorIndexedPool}. Offsets are bytes. */
final class IndexedPoolLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt INTEGER = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** Vectors of long integers, and as many integers. */
    private static final class Longs {
        private static final int COUNT = LANES / 2;
        private static final VectorSpecies<Long> I64 =
                LANES == 16 ? LongVector.SPECIES_512 : LANES == 8 ? LongVector.SPECIES_256 : LongVector.SPECIES_128;
        private static final VectorSpecies<Integer> HALF =
                LANES == 16 ? IntVector.SPECIES_256 : LANES == 8 ? IntVector.SPECIES_128 : IntVector.SPECIES_64;

        private Longs() {}
    }

    /** Takes every second lane, of a first vector to the lower half of the result, of a second one to the upper. */
    private static final class Seconds {
        private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F32, i -> 2 * i % LANES);
        private static final VectorShuffle<Float> ODD = VectorShuffle.fromOp(F32, i -> 2 * i % LANES + 1);
        private static final VectorMask<Float> UPPER =
                VectorMask.fromLong(F32, ((1L << (LANES / 2)) - 1) << (LANES / 2));

        private Seconds() {}
    }

    private IndexedPoolLoops() {}

    /**
     * Takes a row apart by the remainders of its elements' places in the padded row.
     *
     * @param x memory of the row
     * @param from where it lies
     * @param columns the windows along it
     * @param s scratch memory
     * @param to where the elements of remainder 0 go
     * @param apart from there to those of the next remainder
     */
    static void apart(MemorySegment x, long from, Window2d.Axis columns, MemorySegment s, long to, long apart) {
        int stride = columns.stride();
        int before = columns.padBegin();
        int width = columns.input();
        if (stride == 1) {
            MemorySegment.copy(x, from, s, to + (long) before * Float.BYTES, (long) width * Float.BYTES);
            return;
        }
        int done = 0;
        if (stride == 2 && width >= 2 * LANES) {
            long even = to + before % 2 * apart + (long) (before / 2) * Float.BYTES;
            long odd = to + (before + 1) % 2 * apart + (long) ((before + 1) / 2) * Float.BYTES;
            done = width / 2 * 2;
            seconds(x, from, done, s, even, odd);
        }
        for (int i = done; i < width; i++) {
            int place = i + before;
            float v = x.get(SCALAR, from + (long) i * Float.BYTES);
            s.set(SCALAR, to + place % stride * apart + (long) (place / stride) * Float.BYTES, v);
        }
    }

    /** Takes an even number of elements apart, at least two vectors. The last two vectors lie on those before them. */
    private static void seconds(MemorySegment x, long from, int count, MemorySegment s, long even, long odd) {
        s = NATIVE.cast(s);
        MemorySegment source = NATIVE.cast(x);
        for (int j = 0; j < count; j += 2 * LANES) {
            long at = (long) Math.min(j, count - 2 * LANES) * Float.BYTES;
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at, ORDER));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at + VECTOR, ORDER));
            a.rearrange(Seconds.EVEN)
                    .blend(b.rearrange(Seconds.EVEN), Seconds.UPPER)
                    .intoMemorySegment(s, even + at / 2, ORDER);
            a.rearrange(Seconds.ODD)
                    .blend(b.rearrange(Seconds.ODD), Seconds.UPPER)
                    .intoMemorySegment(s, odd + at / 2, ORDER);
        }
    }

    /**
     * Starts windows of which nothing has been seen.
     *
     * @param s scratch memory
     * @param most where the maxima lie
     * @param found where their places lie, as long as the first ones behind it
     * @param firsts the place of the first element of each window, whole vectors
     */
    static void start(MemorySegment s, long most, long found, int[] firsts) {
        s = NATIVE.cast(s);
        for (int j = 0; j < firsts.length; j += LANES) {
            FLOATS.cast(FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY))
                    .intoMemorySegment(s, most + (long) j * Float.BYTES, ORDER);
            INTS.cast(IntVector.fromArray(I32, firsts, j)).intoMemorySegment(s, found + (long) j * Float.BYTES, ORDER);
        }
    }

    /**
     * Looks at a row of elements.
     *
     * @param s scratch memory
     * @param from the row, taken apart
     * @param tapAt where the elements of each tap lie behind it
     * @param tapStep the place of each
     * @param place what is added to it on this row
     * @param most where the maxima lie
     * @param found where their places lie, right behind the maxima
     */
    static void row(MemorySegment s, long from, long[] tapAt, int[] tapStep, int place, long most, long found) {
        s = NATIVE.cast(s);
        for (long j = 0; j < found - most; j += VECTOR) {
            FloatVector best = FloatVector.fromMemorySegment(F32, s, most + j, ORDER);
            IntVector at = IntVector.fromMemorySegment(I32, s, found + j, ORDER);
            for (int t = 0; t < tapAt.length; t++) {
                FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, from + tapAt[t] + j, ORDER));
                // Greater, or the first NaN.
                VectorMask<Float> better =
                        FLOATS.cast(best).compare(VectorOperators.EQ, best).andNot(v.compare(VectorOperators.LE, best));
                best = FLOATS.cast(best).blend(v, better);
                at = INTS.cast(at).blend(place + tapStep[t], better.cast(I32));
            }
            FLOATS.cast(best).intoMemorySegment(s, most + j, ORDER);
            INTS.cast(at).intoMemorySegment(s, found + j, ORDER);
        }
    }

    /**
     * Writes indices.
     *
     * @param s scratch memory
     * @param found where the places lie
     * @param starts what is added to each
     * @param start what is added to all
     * @param count how many
     * @param y memory of the indices
     * @param to where they go
     */
    static void indices(MemorySegment s, long found, int[] starts, long start, int count, MemorySegment y, long to) {
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        int j = 0;
        for (; j + Longs.COUNT <= count; j += Longs.COUNT) {
            IntVector place = IntVector.fromMemorySegment(Longs.HALF, s, found + (long) j * Integer.BYTES, ORDER)
                    .add(IntVector.fromArray(Longs.HALF, starts, j));
            ((LongVector) place.convertShape(VectorOperators.I2L, Longs.I64, 0))
                    .add(start)
                    .intoMemorySegment(y, to + (long) j * Long.BYTES, ORDER);
        }
        for (; j < count; j++) {
            int place = s.get(INTEGER, found + (long) j * Integer.BYTES) + starts[j];
            y.set(LONG, to + (long) j * Long.BYTES, start + place);
        }
    }
}

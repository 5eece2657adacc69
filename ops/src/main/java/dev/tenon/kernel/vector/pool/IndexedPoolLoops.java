package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.StridedCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link VectorIndexedPool}. Offsets are bytes. A <i>relative index</i> is the index of an element less
 * that of its window's first element.
 */
final class IndexedPoolLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfInt INTEGER = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** Vectors of int64, and vectors of as many int32. */
    private static final class Longs {
        private static final int COUNT = LANES / 2;
        private static final VectorSpecies<Long> I64 =
                LANES == 16 ? LongVector.SPECIES_512 : LANES == 8 ? LongVector.SPECIES_256 : LongVector.SPECIES_128;
        private static final VectorSpecies<Integer> HALF =
                LANES == 16 ? IntVector.SPECIES_256 : LANES == 8 ? IntVector.SPECIES_128 : IntVector.SPECIES_64;

        private Longs() {}
    }

    private IndexedPoolLoops() {}

    /**
     * Copies a row in polyphase order: elements with the same remainder of their position in the padded row by the
     * stride become neighbours.
     *
     * @param x memory of the row
     * @param from the offset of the row
     * @param columns the windows along the row
     * @param s scratch memory
     * @param to the offset of the elements of remainder 0
     * @param phaseBytes from there to the elements of the next remainder
     */
    static void deinterleave(
            MemorySegment x, long from, Window2d.Axis columns, MemorySegment s, long to, long phaseBytes) {
        int stride = columns.stride();
        for (int phase = 0; phase < stride; phase++) {
            int first = Math.floorMod(phase - columns.padBegin(), stride);
            int count = Math.max(0, Math.ceilDiv(columns.input() - first, stride));
            long at = to + phase * phaseBytes + (first + columns.padBegin()) / stride * (long) Float.BYTES;
            StridedCopy.copy(x, from + first * (long) Float.BYTES, stride, s, at, count);
        }
    }

    /**
     * Initialises the maxima of a row of windows and their relative indices.
     *
     * @param s scratch memory
     * @param maximaOffset the offset of the maxima
     * @param indicesOffset the offset of their relative indices
     * @param firstTapIndices the relative index of the first tap of each window that is inside the row, padded to whole
     *     vectors
     */
    static void initialise(MemorySegment s, long maximaOffset, long indicesOffset, int[] firstTapIndices) {
        s = NATIVE.cast(s);
        for (int j = 0; j < firstTapIndices.length; j += LANES) {
            FLOATS.cast(FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY))
                    .intoMemorySegment(s, maximaOffset + (long) j * Float.BYTES, ORDER);
            INTS.cast(IntVector.fromArray(I32, firstTapIndices, j))
                    .intoMemorySegment(s, indicesOffset + (long) j * Float.BYTES, ORDER);
        }
    }

    /**
     * Updates the maxima and their relative indices with a row of elements.
     *
     * @param s scratch memory
     * @param from the offset of the row, in polyphase order
     * @param tapOffsets the offsets of the taps of the first window from there
     * @param tapIndices the relative index of each tap on the first row
     * @param rowIndex the relative index of this row
     * @param maximaOffset the offset of the maxima
     * @param indicesOffset the offset of their relative indices, right after the maxima
     */
    static void updateMaxima(
            MemorySegment s,
            long from,
            long[] tapOffsets,
            int[] tapIndices,
            int rowIndex,
            long maximaOffset,
            long indicesOffset) {
        s = NATIVE.cast(s);
        for (long j = 0; j < indicesOffset - maximaOffset; j += VECTOR) {
            FloatVector max = FloatVector.fromMemorySegment(F32, s, maximaOffset + j, ORDER);
            IntVector index = IntVector.fromMemorySegment(I32, s, indicesOffset + j, ORDER);
            for (int t = 0; t < tapOffsets.length; t++) {
                FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, from + tapOffsets[t] + j, ORDER));
                // Greater, or the first NaN.
                VectorMask<Float> better =
                        FLOATS.cast(max).compare(VectorOperators.EQ, max).andNot(v.compare(VectorOperators.LE, max));
                max = FLOATS.cast(max).blend(v, better);
                index = INTS.cast(index).blend(rowIndex + tapIndices[t], better.cast(I32));
            }
            FLOATS.cast(max).intoMemorySegment(s, maximaOffset + j, ORDER);
            INTS.cast(index).intoMemorySegment(s, indicesOffset + j, ORDER);
        }
    }

    /**
     * Writes the indices of a row of windows.
     *
     * @param s scratch memory
     * @param indicesOffset the offset of the relative indices
     * @param windowIndices the index of the first element of each window, less base
     * @param base added to all indices
     * @param count the number of windows
     * @param y memory of the indices
     * @param to the offset of the first index
     */
    static void storeIndices(
            MemorySegment s, long indicesOffset, int[] windowIndices, long base, int count, MemorySegment y, long to) {
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        int j = 0;
        for (; j + Longs.COUNT <= count; j += Longs.COUNT) {
            IntVector place = IntVector.fromMemorySegment(
                            Longs.HALF, s, indicesOffset + (long) j * Integer.BYTES, ORDER)
                    .add(IntVector.fromArray(Longs.HALF, windowIndices, j));
            ((LongVector) place.convertShape(VectorOperators.I2L, Longs.I64, 0))
                    .add(base)
                    .intoMemorySegment(y, to + (long) j * Long.BYTES, ORDER);
        }
        for (; j < count; j++) {
            int place = s.get(INTEGER, indicesOffset + (long) j * Integer.BYTES) + windowIndices[j];
            y.set(LONG, to + (long) j * Long.BYTES, base + place);
        }
    }
}

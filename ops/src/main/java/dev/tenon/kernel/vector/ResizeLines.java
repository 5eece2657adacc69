package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.VectorShape.Floats.F32;
import static dev.tenon.kernel.vector.VectorShape.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Lines of neighbouring elements, each the weighted sum of others: what resizing along an axis does behind which other axes
 * follow. A line is a row of a plane, or what moves together in one. Vectors are those of a line, the last of which overlaps
 * the one before it; of a line that is shorter than a vector one is read and written all the same. Offsets and pitches,
 * the distances of lines, are bytes.
 */
final class ResizeLines {
    private static final int LANES = VectorShape.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lines that loops are rehearsed with. */
    static final int REHEARSED = 8;

    private final EvenTaps taps;
    private final int elements;
    private final int vectors;
    private final long lastAt;

    /**
     * Loops.
     *
     * @param taps how lines are made
     * @param elements the elements of a line
     */
    ResizeLines(EvenTaps taps, int elements) {
        this.taps = taps;
        this.elements = elements;
        vectors = Math.ceilDiv(elements, LANES);
        lastAt = Math.max(0, elements - LANES) * (long) Float.BYTES;
    }

    /**
     * Loops that are rehearsed: some lines of two vectors.
     *
     * @param each the taps of a line
     */
    static ResizeLines rehearsed(int each) {
        return new ResizeLines(new EvenTaps(each, new int[REHEARSED * each], new float[REHEARSED * each]), 2 * LANES);
    }

    /**
     * Makes lines.
     *
     * @param compiled whether loops on vectors are compiled, and may read and write a vector of every line
     * @param x the memory of the lines that they are made of
     * @param from where the first of those lies
     * @param pitch their distance
     * @param first the first line to make
     * @param count how many
     * @param y the memory to write
     * @param to where the first goes
     * @param outPitch the distance of those
     */
    void make(
            boolean compiled,
            MemorySegment x,
            long from,
            long pitch,
            int first,
            int count,
            MemorySegment y,
            long to,
            long outPitch) {
        if (!compiled) {
            PlainResize.lines(taps, elements, x, from, pitch, first, count, y, to, outPitch);
        } else if (taps.each() == 1) {
            move(x, from, pitch, first, count, y, to, outPitch);
        } else if (taps.each() == 2) {
            pairs(x, from, pitch, first, count, y, to, outPitch);
        } else {
            sums(x, from, pitch, first, count, y, to, outPitch);
        }
    }

    /** Lines of one tap. */
    void move(MemorySegment x, long from, long pitch, int first, int count, MemorySegment y, long to, long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        for (int i = 0; i < count; i++) {
            long a = index[first + i] * pitch;
            long out = i * outPitch;
            for (int v = 0; v < vectors - 1; v++) {
                FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + a + v * VECTOR, ORDER))
                        .intoMemorySegment(target, to + out + v * VECTOR, ORDER);
            }
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + a + lastAt, ORDER))
                    .intoMemorySegment(target, to + out + lastAt, ORDER);
        }
    }

    /** Lines of two taps. */
    void pairs(MemorySegment x, long from, long pitch, int first, int count, MemorySegment y, long to, long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        for (int i = 0; i < count; i++) {
            int tap = 2 * (first + i);
            long a = index[tap] * pitch;
            long b = index[tap + 1] * pitch;
            long out = i * outPitch;
            FloatVector aWeight = FloatVector.broadcast(F32, weight[tap]);
            FloatVector bWeight = FloatVector.broadcast(F32, weight[tap + 1]);
            for (int v = 0; v < vectors - 1; v++) {
                FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + b + v * VECTOR, ORDER))
                        .fma(
                                bWeight,
                                FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + a + v * VECTOR, ORDER))
                                        .mul(aWeight))
                        .intoMemorySegment(target, to + out + v * VECTOR, ORDER);
            }
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + b + lastAt, ORDER))
                    .fma(
                            bWeight,
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + a + lastAt, ORDER))
                                    .mul(aWeight))
                    .intoMemorySegment(target, to + out + lastAt, ORDER);
        }
    }

    /** Lines of any number of taps. */
    void sums(MemorySegment x, long from, long pitch, int first, int count, MemorySegment y, long to, long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        int each = taps.each();
        for (int i = 0; i < count; i++) {
            int tap = (first + i) * each;
            for (int v = 0; v < vectors; v++) {
                long at = Math.min(v * VECTOR, lastAt);
                FloatVector sum = FLOATS.cast(
                                FloatVector.fromMemorySegment(F32, source, from + index[tap] * pitch + at, ORDER))
                        .mul(weight[tap]);
                for (int t = 1; t < each; t++) {
                    sum = FLOATS.cast(FloatVector.fromMemorySegment(
                                    F32, source, from + index[tap + t] * pitch + at, ORDER))
                            .fma(FloatVector.broadcast(F32, weight[tap + t]), sum);
                }
                sum.intoMemorySegment(target, to + i * outPitch + at, ORDER);
            }
        }
    }
}

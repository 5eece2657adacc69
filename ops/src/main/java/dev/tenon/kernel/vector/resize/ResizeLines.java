package dev.tenon.kernel.vector.resize;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Lines of neighbouring elements, each the weighted sum of others: what resizing along an axis does behind which other axes
 * follow. A line is a row of a plane, or what moves together in one. Vectors are those of a line, the last of which overlaps
 * the one before it; of a line that is shorter than a vector one is read and written all the same.
 *
 * <p>A loop makes four vectors at a time, the last one of a line again where there are fewer, and goes through all lines: of
 * lines of few vectors a loop for each would cost more than its work. Of two lines the first is loaded first: memory takes it
 * badly if it is read from its end to its beginning. Offsets and pitches, the distances of lines, are bytes.
 */
final class ResizeLines {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lines that loops are warmed up with. */
    static final int WARM_UP_LINES = 8;

    /** What a sum begins with: a number that changes no other, as 0 would change -0. */
    private static final float NOTHING = -0f;

    private static final long BLOCK = 4 * VECTOR;

    private final EvenTaps taps;
    private final int elements;
    private final long bytes;
    private final int blocks;
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
        bytes = elements * (long) Float.BYTES;
        blocks = (int) Math.ceilDiv(bytes, BLOCK);
        lastAt = Math.max(0, bytes - VECTOR);
    }

    /**
     * Loops that are warmed up: some lines of two vectors.
     *
     * @param each the taps of a line
     */
    static ResizeLines forWarmUp(int each) {
        return new ResizeLines(
                new EvenTaps(each, new int[WARM_UP_LINES * each], new float[WARM_UP_LINES * each]), 2 * LANES);
    }

    /** Whether {@link #pairsOfPairs} makes rows along with lines: those of two taps. */
    boolean makesRows(EvenTaps rows) {
        return rows.each() == 2 && taps.each() == 2;
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
        int line = first;
        int last = first + count - 1;
        long a = from + index[line] * pitch;
        long at = 0;
        for (int left = blocks * count; left > 0; left--) {
            long at0 = Math.min(at, lastAt);
            long at1 = Math.min(at + VECTOR, lastAt);
            long at2 = Math.min(at + 2 * VECTOR, lastAt);
            long at3 = Math.min(at + 3 * VECTOR, lastAt);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at0, ORDER))
                    .intoMemorySegment(target, to + at0, ORDER);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at1, ORDER))
                    .intoMemorySegment(target, to + at1, ORDER);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at2, ORDER))
                    .intoMemorySegment(target, to + at2, ORDER);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at3, ORDER))
                    .intoMemorySegment(target, to + at3, ORDER);
            at += BLOCK;
            if (at >= bytes) {
                at = 0;
                to += outPitch;
                line = Math.min(line + 1, last);
                a = from + index[line] * pitch;
            }
        }
    }

    /** Lines of two taps. */
    void pairs(MemorySegment x, long from, long pitch, int first, int count, MemorySegment y, long to, long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        int tap = 2 * first;
        int last = 2 * (first + count - 1);
        long a = from + index[tap] * pitch;
        long b = from + index[tap + 1] * pitch;
        long at = 0;
        for (int left = blocks * count; left > 0; left--) {
            FloatVector aWeight = FloatVector.broadcast(F32, weight[tap]);
            FloatVector bWeight = FloatVector.broadcast(F32, weight[tap + 1]);
            long at0 = Math.min(at, lastAt);
            long at1 = Math.min(at + VECTOR, lastAt);
            long at2 = Math.min(at + 2 * VECTOR, lastAt);
            long at3 = Math.min(at + 3 * VECTOR, lastAt);
            FloatVector sum0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at0, ORDER))
                    .mul(aWeight);
            FloatVector sum1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at1, ORDER))
                    .mul(aWeight);
            FloatVector sum2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at2, ORDER))
                    .mul(aWeight);
            FloatVector sum3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at3, ORDER))
                    .mul(aWeight);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, b + at0, ORDER))
                    .fma(bWeight, sum0)
                    .intoMemorySegment(target, to + at0, ORDER);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, b + at1, ORDER))
                    .fma(bWeight, sum1)
                    .intoMemorySegment(target, to + at1, ORDER);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, b + at2, ORDER))
                    .fma(bWeight, sum2)
                    .intoMemorySegment(target, to + at2, ORDER);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, b + at3, ORDER))
                    .fma(bWeight, sum3)
                    .intoMemorySegment(target, to + at3, ORDER);
            at += BLOCK;
            if (at >= bytes) {
                at = 0;
                to += outPitch;
                tap = Math.min(tap + 2, last);
                a = from + index[tap] * pitch;
                b = from + index[tap + 1] * pitch;
            }
        }
    }

    /** Lines of any number of taps. */
    void sums(MemorySegment x, long from, long pitch, int first, int count, MemorySegment y, long to, long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        int each = taps.each();
        int tap = each * first;
        long at = 0;
        for (int left = blocks * count; left > 0; left--) {
            long at0 = Math.min(at, lastAt);
            long at1 = Math.min(at + VECTOR, lastAt);
            long at2 = Math.min(at + 2 * VECTOR, lastAt);
            long at3 = Math.min(at + 3 * VECTOR, lastAt);
            FloatVector sum0 = FloatVector.broadcast(F32, NOTHING);
            FloatVector sum1 = FloatVector.broadcast(F32, NOTHING);
            FloatVector sum2 = FloatVector.broadcast(F32, NOTHING);
            FloatVector sum3 = FloatVector.broadcast(F32, NOTHING);
            for (int t = tap; t < tap + each; t++) {
                long a = from + index[t] * pitch;
                FloatVector aWeight = FloatVector.broadcast(F32, weight[t]);
                sum0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at0, ORDER))
                        .fma(aWeight, sum0);
                sum1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at1, ORDER))
                        .fma(aWeight, sum1);
                sum2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at2, ORDER))
                        .fma(aWeight, sum2);
                sum3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a + at3, ORDER))
                        .fma(aWeight, sum3);
            }
            sum0.intoMemorySegment(target, to + at0, ORDER);
            sum1.intoMemorySegment(target, to + at1, ORDER);
            sum2.intoMemorySegment(target, to + at2, ORDER);
            sum3.intoMemorySegment(target, to + at3, ORDER);
            at += BLOCK;
            if (at >= bytes) {
                at = 0;
                to += outPitch;
                tap += each;
            }
        }
    }

    /**
     * Rows of two taps of lines of two.
     *
     * @param down how rows are made
     * @param x the memory of the data
     * @param from where its first row lies
     * @param pitch the distance of rows of the data, in which lines lie one behind the other
     * @param first the first row to make
     * @param count how many
     * @param y the memory to write
     * @param to where the first goes
     * @param outPitch the distance of those
     */
    void pairsOfPairs(
            EvenTaps down,
            MemorySegment x,
            long from,
            long pitch,
            int first,
            int count,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        int last = index.length - 2;
        for (int i = 0; i < count; i++) {
            int row = 2 * (first + i);
            long low = from + down.index()[row] * pitch;
            long high = from + down.index()[row + 1] * pitch;
            FloatVector lowWeight = FloatVector.broadcast(F32, down.weight()[row]);
            FloatVector highWeight = FloatVector.broadcast(F32, down.weight()[row + 1]);
            int tap = 0;
            long a = index[0] * bytes;
            long b = index[1] * bytes;
            long out = to + i * outPitch;
            long at = 0;
            for (int left = blocks * taps.output(); left > 0; left--) {
                FloatVector aWeight = FloatVector.broadcast(F32, weight[tap]);
                FloatVector bWeight = FloatVector.broadcast(F32, weight[tap + 1]);
                long at0 = Math.min(at, lastAt);
                long at1 = Math.min(at + VECTOR, lastAt);
                long at2 = Math.min(at + 2 * VECTOR, lastAt);
                long at3 = Math.min(at + 3 * VECTOR, lastAt);
                FloatVector a0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + a + at0, ORDER))
                        .mul(lowWeight);
                FloatVector b0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + b + at0, ORDER))
                        .mul(lowWeight);
                a0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + a + at0, ORDER))
                        .fma(highWeight, a0);
                b0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + b + at0, ORDER))
                        .fma(highWeight, b0);
                b0.fma(bWeight, a0.mul(aWeight)).intoMemorySegment(target, out + at0, ORDER);
                FloatVector a1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + a + at1, ORDER))
                        .mul(lowWeight);
                FloatVector b1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + b + at1, ORDER))
                        .mul(lowWeight);
                a1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + a + at1, ORDER))
                        .fma(highWeight, a1);
                b1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + b + at1, ORDER))
                        .fma(highWeight, b1);
                b1.fma(bWeight, a1.mul(aWeight)).intoMemorySegment(target, out + at1, ORDER);
                FloatVector a2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + a + at2, ORDER))
                        .mul(lowWeight);
                FloatVector b2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + b + at2, ORDER))
                        .mul(lowWeight);
                a2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + a + at2, ORDER))
                        .fma(highWeight, a2);
                b2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + b + at2, ORDER))
                        .fma(highWeight, b2);
                b2.fma(bWeight, a2.mul(aWeight)).intoMemorySegment(target, out + at2, ORDER);
                FloatVector a3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + a + at3, ORDER))
                        .mul(lowWeight);
                FloatVector b3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, low + b + at3, ORDER))
                        .mul(lowWeight);
                a3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + a + at3, ORDER))
                        .fma(highWeight, a3);
                b3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, high + b + at3, ORDER))
                        .fma(highWeight, b3);
                b3.fma(bWeight, a3.mul(aWeight)).intoMemorySegment(target, out + at3, ORDER);
                at += BLOCK;
                if (at >= bytes) {
                    at = 0;
                    out += bytes;
                    tap = Math.min(tap + 2, last);
                    a = index[tap] * bytes;
                    b = index[tap + 1] * bytes;
                }
            }
        }
    }
}

package dev.tenon.kernel.vector.resize;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Loops that resize along an axis which is not the innermost one. Each line of the result is a weighted sum of lines of the
 * data. A line is contiguous: a row of a plane, or the elements after a column. The last vector of a line overlaps the one before
 * it. If a line is shorter than a vector, a whole vector is read and written all the same.
 *
 * <p>A loop computes four vectors at a time; if a line has fewer left, it computes the last one again. One loop goes over all
 * lines, because a loop for each short line would cost more to start than to run. Of two lines, the one with the lower address
 * is loaded first, because memory is slow if it is read backwards. Offsets and strides, the distances of lines, are bytes.
 */
final class OuterAxisLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The number of lines in a warm-up. */
    static final int WARM_UP_LINES = 8;

    /** The initial value of a sum. Adding it changes no number, whereas adding 0 would change -0. */
    private static final float NEUTRAL = -0f;

    private static final long BLOCK = 4 * VECTOR;

    private final UniformTaps taps;
    private final int length;
    private final long bytes;
    private final int blocks;
    private final long lastAt;

    /**
     * Makes the loops.
     *
     * @param taps the taps of the lines of the result
     * @param length the number of elements of a line
     */
    OuterAxisLoops(UniformTaps taps, int length) {
        this.taps = taps;
        this.length = length;
        bytes = length * (long) Float.BYTES;
        blocks = (int) Math.ceilDiv(bytes, BLOCK);
        lastAt = Math.max(0, bytes - VECTOR);
    }

    /**
     * Loops for a warm-up, with lines of two vectors.
     *
     * @param perElement the number of taps of a line
     */
    static OuterAxisLoops forWarmUp(int perElement) {
        return new OuterAxisLoops(
                new UniformTaps(perElement, new int[WARM_UP_LINES * perElement], new float[WARM_UP_LINES * perElement]),
                2 * LANES);
    }

    /** Whether {@link #pairsOfPairs} can resize rows and columns in one loop: if both have two taps. */
    boolean fusesRows(UniformTaps rows) {
        return rows.perElement() == 2 && taps.perElement() == 2;
    }

    /**
     * Computes lines.
     *
     * @param compiled whether to run vector loops. They may read and write at least one vector of every line
     * @param x the memory of the data
     * @param from the offset of the first line of the data
     * @param stride the distance of lines of the data
     * @param first the first line of the result to compute
     * @param count the number of lines to compute
     * @param y the memory of the result
     * @param to the offset of the first line that is written
     * @param outStride the distance of lines of the result
     */
    void run(
            boolean compiled,
            MemorySegment x,
            long from,
            long stride,
            int first,
            int count,
            MemorySegment y,
            long to,
            long outStride) {
        if (!compiled) {
            PlainResize.lines(taps, length, x, from, stride, first, count, y, to, outStride);
        } else if (taps.perElement() == 1) {
            copy(x, from, stride, first, count, y, to, outStride);
        } else if (taps.perElement() == 2) {
            pairs(x, from, stride, first, count, y, to, outStride);
        } else {
            sums(x, from, stride, first, count, y, to, outStride);
        }
    }

    /** Computes lines of one tap. */
    void copy(MemorySegment x, long from, long stride, int first, int count, MemorySegment y, long to, long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        int line = first;
        int last = first + count - 1;
        long a = from + index[line] * stride;
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
                to += outStride;
                line = Math.min(line + 1, last);
                a = from + index[line] * stride;
            }
        }
    }

    /** Computes lines of two taps. */
    void pairs(
            MemorySegment x, long from, long stride, int first, int count, MemorySegment y, long to, long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        int tap = 2 * first;
        int last = 2 * (first + count - 1);
        long a = from + index[tap] * stride;
        long b = from + index[tap + 1] * stride;
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
                to += outStride;
                tap = Math.min(tap + 2, last);
                a = from + index[tap] * stride;
                b = from + index[tap + 1] * stride;
            }
        }
    }

    /** Computes lines of any number of taps. */
    void sums(MemorySegment x, long from, long stride, int first, int count, MemorySegment y, long to, long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        int each = taps.perElement();
        int tap = each * first;
        long at = 0;
        for (int left = blocks * count; left > 0; left--) {
            long at0 = Math.min(at, lastAt);
            long at1 = Math.min(at + VECTOR, lastAt);
            long at2 = Math.min(at + 2 * VECTOR, lastAt);
            long at3 = Math.min(at + 3 * VECTOR, lastAt);
            FloatVector sum0 = FloatVector.broadcast(F32, NEUTRAL);
            FloatVector sum1 = FloatVector.broadcast(F32, NEUTRAL);
            FloatVector sum2 = FloatVector.broadcast(F32, NEUTRAL);
            FloatVector sum3 = FloatVector.broadcast(F32, NEUTRAL);
            for (int t = tap; t < tap + each; t++) {
                long a = from + index[t] * stride;
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
                to += outStride;
                tap += each;
            }
        }
    }

    /**
     * Resizes rows and columns in one loop, if both have two taps. A row is a sequence of lines.
     *
     * @param down the taps of the rows
     * @param x the memory of the data
     * @param from the offset of the first row of the data
     * @param stride the distance of rows of the data
     * @param first the first row of the result to compute
     * @param count the number of rows to compute
     * @param y the memory of the result
     * @param to the offset of the first row that is written
     * @param outStride the distance of rows of the result
     */
    void pairsOfPairs(
            UniformTaps down,
            MemorySegment x,
            long from,
            long stride,
            int first,
            int count,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] index = taps.index();
        float[] weight = taps.weight();
        int last = index.length - 2;
        for (int i = 0; i < count; i++) {
            int row = 2 * (first + i);
            long low = from + down.index()[row] * stride;
            long high = from + down.index()[row + 1] * stride;
            FloatVector lowWeight = FloatVector.broadcast(F32, down.weight()[row]);
            FloatVector highWeight = FloatVector.broadcast(F32, down.weight()[row + 1]);
            int tap = 0;
            long a = index[0] * bytes;
            long b = index[1] * bytes;
            long out = to + i * outStride;
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

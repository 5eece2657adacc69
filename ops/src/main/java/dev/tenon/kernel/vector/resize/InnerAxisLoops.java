package dev.tenon.kernel.vector.resize;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Loops that resize along the innermost axis. Neighbouring elements of the result are weighted sums of elements that are near
 * each other, which {@link InnerAxisSteps} selects by shuffles.
 *
 * <p>A loop computes several rows at a time, so that lanes and weights are loaded once for all of them. If the number of rows
 * is not a multiple, the last row is computed again. Loops of sums take four rows, because arithmetic limits them. Other loops
 * take two: with more rows the order of writes slows memory down. For the same reason loops read lower addresses first. Offsets
 * and strides, the distances of rows, are bytes.
 */
final class InnerAxisLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The number of rows that loops of sums compute at a time. The numbers of all other loops divide it. */
    static final int SUM_ROWS = 4;

    /** The number of rows that copies, and sums over rows and columns, compute at a time. */
    private static final int COPY_ROWS = 2;

    /** The initial value of a sum. Adding it changes no number, whereas adding 0 would change -0. */
    private static final float NEUTRAL = -0f;

    private final InnerAxisSteps steps;

    /**
     * Makes the loops.
     *
     * @param steps the plan of a row
     */
    InnerAxisLoops(InnerAxisSteps steps) {
        this.steps = steps;
    }

    /** The plan of a row. */
    InnerAxisSteps steps() {
        return steps;
    }

    /** The minimum number of bytes of a row that a loop reads, even if the row is shorter. */
    long minReadBytes() {
        return steps.vectors * VECTOR;
    }

    /** Whether {@link #pairsOfPairs} can resize rows and columns in one loop: if both have two taps, in one vector a step. */
    boolean fusesRows(UniformTaps rows) {
        return rows.perElement() == 2 && steps.taps.perElement() == 2 && steps.vectors == 1 && !steps.scattered;
    }

    /**
     * Computes rows.
     *
     * @param compiled whether to run vector loops. They read at least {@link #minReadBytes} bytes of every row, and write up to
     *     a vector past its end unless steps are exact
     * @param x the memory of the data
     * @param from the offset of its first row
     * @param rows the row of the data that each row of the result is computed from
     * @param first the first row of the result to compute
     * @param count the number of rows to compute
     * @param stride the distance of rows of the data
     * @param y the memory of the result
     * @param to the offset of the first row that is written
     * @param outStride the distance of rows of the result
     */
    void run(
            boolean compiled,
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        int each = steps.taps.perElement();
        if (!compiled || steps.scattered) {
            PlainResize.lanes(steps.taps, steps.input, x, from, rows, first, count, stride, y, to, outStride);
        } else if (steps.vectors == 1) {
            if (each == 1) {
                copy(x, from, rows, first, count, stride, y, to, outStride);
            } else if (each == 2) {
                pairs(x, from, rows, first, count, stride, y, to, outStride);
            } else {
                sums(x, from, rows, first, count, stride, y, to, outStride);
            }
        } else if (each == 1) {
            copyWide(x, from, rows, first, count, stride, y, to, outStride);
        } else if (each == 2) {
            pairsWide(x, from, rows, first, count, stride, y, to, outStride);
        } else {
            sumsWide(x, from, rows, first, count, stride, y, to, outStride);
        }
    }

    /** Rows of one tap, from one vector. */
    void copy(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += COPY_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            long x0 = from + rows[first + i] * stride;
            long x1 = from + rows[first + i1] * stride;
            long y0 = to + i * outStride;
            long y1 = to + i1 * outStride;
            for (int s = 0; s < steps.count; s++) {
                IntVector lane = INTS.cast(IntVector.fromArray(I32, steps.intLanes, s * LANES));
                long in = steps.loadAt[s] * (long) Float.BYTES;
                long out = steps.storeAt[s] * (long) Float.BYTES;
                IntVector data0 = IntVector.fromMemorySegment(I32, source, x0 + in, ORDER);
                lane.selectFrom(data0).intoMemorySegment(target, y0 + out, ORDER);
                IntVector data1 = IntVector.fromMemorySegment(I32, source, x1 + in, ORDER);
                lane.selectFrom(data1).intoMemorySegment(target, y1 + out, ORDER);
            }
        }
    }

    /** Rows of one tap, from two vectors. */
    void copyWide(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += COPY_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            long x0 = from + rows[first + i] * stride;
            long x1 = from + rows[first + i1] * stride;
            long y0 = to + i * outStride;
            long y1 = to + i1 * outStride;
            for (int s = 0; s < steps.count; s++) {
                IntVector lane = INTS.cast(IntVector.fromArray(I32, steps.intLanes, s * LANES));
                long in = steps.loadAt[s] * (long) Float.BYTES;
                long out = steps.storeAt[s] * (long) Float.BYTES;
                IntVector low0 = IntVector.fromMemorySegment(I32, source, x0 + in, ORDER);
                IntVector high0 = IntVector.fromMemorySegment(I32, source, x0 + in + VECTOR, ORDER);
                lane.selectFrom(low0, high0).intoMemorySegment(target, y0 + out, ORDER);
                IntVector low1 = IntVector.fromMemorySegment(I32, source, x1 + in, ORDER);
                IntVector high1 = IntVector.fromMemorySegment(I32, source, x1 + in + VECTOR, ORDER);
                lane.selectFrom(low1, high1).intoMemorySegment(target, y1 + out, ORDER);
            }
        }
    }

    /** Rows of two taps, from one vector. */
    void pairs(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += SUM_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * stride;
            long x1 = from + rows[first + i1] * stride;
            long x2 = from + rows[first + i2] * stride;
            long x3 = from + rows[first + i3] * stride;
            long y0 = to + i * outStride;
            long y1 = to + i1 * outStride;
            long y2 = to + i2 * outStride;
            long y3 = to + i3 * outStride;
            for (int s = 0; s < steps.count; s++) {
                int tap = s * 2 * LANES;
                FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                long in = steps.loadAt[s] * (long) Float.BYTES;
                long out = steps.storeAt[s] * (long) Float.BYTES;
                FloatVector data0 = FloatVector.fromMemorySegment(F32, source, x0 + in, ORDER);
                b.selectFrom(data0)
                        .fma(bWeight, a.selectFrom(data0).mul(aWeight))
                        .intoMemorySegment(target, y0 + out, ORDER);
                FloatVector data1 = FloatVector.fromMemorySegment(F32, source, x1 + in, ORDER);
                b.selectFrom(data1)
                        .fma(bWeight, a.selectFrom(data1).mul(aWeight))
                        .intoMemorySegment(target, y1 + out, ORDER);
                FloatVector data2 = FloatVector.fromMemorySegment(F32, source, x2 + in, ORDER);
                b.selectFrom(data2)
                        .fma(bWeight, a.selectFrom(data2).mul(aWeight))
                        .intoMemorySegment(target, y2 + out, ORDER);
                FloatVector data3 = FloatVector.fromMemorySegment(F32, source, x3 + in, ORDER);
                b.selectFrom(data3)
                        .fma(bWeight, a.selectFrom(data3).mul(aWeight))
                        .intoMemorySegment(target, y3 + out, ORDER);
            }
        }
    }

    /** Rows of two taps, from two vectors. */
    void pairsWide(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += SUM_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * stride;
            long x1 = from + rows[first + i1] * stride;
            long x2 = from + rows[first + i2] * stride;
            long x3 = from + rows[first + i3] * stride;
            long y0 = to + i * outStride;
            long y1 = to + i1 * outStride;
            long y2 = to + i2 * outStride;
            long y3 = to + i3 * outStride;
            for (int s = 0; s < steps.count; s++) {
                int tap = s * 2 * LANES;
                FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                long in = steps.loadAt[s] * (long) Float.BYTES;
                long out = steps.storeAt[s] * (long) Float.BYTES;
                FloatVector low0 = FloatVector.fromMemorySegment(F32, source, x0 + in, ORDER);
                FloatVector high0 = FloatVector.fromMemorySegment(F32, source, x0 + in + VECTOR, ORDER);
                b.selectFrom(low0, high0)
                        .fma(bWeight, a.selectFrom(low0, high0).mul(aWeight))
                        .intoMemorySegment(target, y0 + out, ORDER);
                FloatVector low1 = FloatVector.fromMemorySegment(F32, source, x1 + in, ORDER);
                FloatVector high1 = FloatVector.fromMemorySegment(F32, source, x1 + in + VECTOR, ORDER);
                b.selectFrom(low1, high1)
                        .fma(bWeight, a.selectFrom(low1, high1).mul(aWeight))
                        .intoMemorySegment(target, y1 + out, ORDER);
                FloatVector low2 = FloatVector.fromMemorySegment(F32, source, x2 + in, ORDER);
                FloatVector high2 = FloatVector.fromMemorySegment(F32, source, x2 + in + VECTOR, ORDER);
                b.selectFrom(low2, high2)
                        .fma(bWeight, a.selectFrom(low2, high2).mul(aWeight))
                        .intoMemorySegment(target, y2 + out, ORDER);
                FloatVector low3 = FloatVector.fromMemorySegment(F32, source, x3 + in, ORDER);
                FloatVector high3 = FloatVector.fromMemorySegment(F32, source, x3 + in + VECTOR, ORDER);
                b.selectFrom(low3, high3)
                        .fma(bWeight, a.selectFrom(low3, high3).mul(aWeight))
                        .intoMemorySegment(target, y3 + out, ORDER);
            }
        }
    }

    /** Rows of any number of taps, each pair from one vector. */
    void sums(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += SUM_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * stride;
            long x1 = from + rows[first + i1] * stride;
            long x2 = from + rows[first + i2] * stride;
            long x3 = from + rows[first + i3] * stride;
            long y0 = to + i * outStride;
            long y1 = to + i1 * outStride;
            long y2 = to + i2 * outStride;
            long y3 = to + i3 * outStride;
            for (int s = 0; s < steps.count; s++) {
                FloatVector sum0 = FloatVector.broadcast(F32, NEUTRAL);
                FloatVector sum1 = FloatVector.broadcast(F32, NEUTRAL);
                FloatVector sum2 = FloatVector.broadcast(F32, NEUTRAL);
                FloatVector sum3 = FloatVector.broadcast(F32, NEUTRAL);
                for (int q = s * steps.pairs; q < (s + 1) * steps.pairs; q++) {
                    int tap = q * 2 * LANES;
                    FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                    FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                    FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                    FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                    long in = steps.loadAt[q] * (long) Float.BYTES;
                    FloatVector data0 = FloatVector.fromMemorySegment(F32, source, x0 + in, ORDER);
                    sum0 = b.selectFrom(data0).fma(bWeight, a.selectFrom(data0).fma(aWeight, sum0));
                    FloatVector data1 = FloatVector.fromMemorySegment(F32, source, x1 + in, ORDER);
                    sum1 = b.selectFrom(data1).fma(bWeight, a.selectFrom(data1).fma(aWeight, sum1));
                    FloatVector data2 = FloatVector.fromMemorySegment(F32, source, x2 + in, ORDER);
                    sum2 = b.selectFrom(data2).fma(bWeight, a.selectFrom(data2).fma(aWeight, sum2));
                    FloatVector data3 = FloatVector.fromMemorySegment(F32, source, x3 + in, ORDER);
                    sum3 = b.selectFrom(data3).fma(bWeight, a.selectFrom(data3).fma(aWeight, sum3));
                }
                long out = steps.storeAt[s] * (long) Float.BYTES;
                FLOATS.cast(sum0).intoMemorySegment(target, y0 + out, ORDER);
                FLOATS.cast(sum1).intoMemorySegment(target, y1 + out, ORDER);
                FLOATS.cast(sum2).intoMemorySegment(target, y2 + out, ORDER);
                FLOATS.cast(sum3).intoMemorySegment(target, y3 + out, ORDER);
            }
        }
    }

    /** Rows of any number of taps, each pair from two vectors. */
    void sumsWide(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += SUM_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * stride;
            long x1 = from + rows[first + i1] * stride;
            long x2 = from + rows[first + i2] * stride;
            long x3 = from + rows[first + i3] * stride;
            long y0 = to + i * outStride;
            long y1 = to + i1 * outStride;
            long y2 = to + i2 * outStride;
            long y3 = to + i3 * outStride;
            for (int s = 0; s < steps.count; s++) {
                FloatVector sum0 = FloatVector.broadcast(F32, NEUTRAL);
                FloatVector sum1 = FloatVector.broadcast(F32, NEUTRAL);
                FloatVector sum2 = FloatVector.broadcast(F32, NEUTRAL);
                FloatVector sum3 = FloatVector.broadcast(F32, NEUTRAL);
                for (int q = s * steps.pairs; q < (s + 1) * steps.pairs; q++) {
                    int tap = q * 2 * LANES;
                    FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                    FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                    FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                    FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                    long in = steps.loadAt[q] * (long) Float.BYTES;
                    FloatVector low0 = FloatVector.fromMemorySegment(F32, source, x0 + in, ORDER);
                    FloatVector high0 = FloatVector.fromMemorySegment(F32, source, x0 + in + VECTOR, ORDER);
                    sum0 = b.selectFrom(low0, high0)
                            .fma(bWeight, a.selectFrom(low0, high0).fma(aWeight, sum0));
                    FloatVector low1 = FloatVector.fromMemorySegment(F32, source, x1 + in, ORDER);
                    FloatVector high1 = FloatVector.fromMemorySegment(F32, source, x1 + in + VECTOR, ORDER);
                    sum1 = b.selectFrom(low1, high1)
                            .fma(bWeight, a.selectFrom(low1, high1).fma(aWeight, sum1));
                    FloatVector low2 = FloatVector.fromMemorySegment(F32, source, x2 + in, ORDER);
                    FloatVector high2 = FloatVector.fromMemorySegment(F32, source, x2 + in + VECTOR, ORDER);
                    sum2 = b.selectFrom(low2, high2)
                            .fma(bWeight, a.selectFrom(low2, high2).fma(aWeight, sum2));
                    FloatVector low3 = FloatVector.fromMemorySegment(F32, source, x3 + in, ORDER);
                    FloatVector high3 = FloatVector.fromMemorySegment(F32, source, x3 + in + VECTOR, ORDER);
                    sum3 = b.selectFrom(low3, high3)
                            .fma(bWeight, a.selectFrom(low3, high3).fma(aWeight, sum3));
                }
                long out = steps.storeAt[s] * (long) Float.BYTES;
                FLOATS.cast(sum0).intoMemorySegment(target, y0 + out, ORDER);
                FLOATS.cast(sum1).intoMemorySegment(target, y1 + out, ORDER);
                FLOATS.cast(sum2).intoMemorySegment(target, y2 + out, ORDER);
                FLOATS.cast(sum3).intoMemorySegment(target, y3 + out, ORDER);
            }
        }
    }

    /**
     * Resizes rows and columns in one loop, if both have two taps, from one vector of each row.
     *
     * @param down the taps of the rows
     * @param x the memory of the data
     * @param from the offset of its first row
     * @param first the first row of the result to compute
     * @param count the number of rows to compute
     * @param stride the distance of rows of the data
     * @param y the memory of the result
     * @param to the offset of the first row that is written
     * @param outStride the distance of rows of the result
     */
    void pairsOfPairs(
            UniformTaps down,
            MemorySegment x,
            long from,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] rows = down.index();
        float[] weights = down.weight();
        for (int i = 0; i < count; i += COPY_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int tap0 = (first + i) * 2;
            int tap1 = (first + i1) * 2;
            long a0 = from + rows[tap0] * stride;
            long b0 = from + rows[tap0 + 1] * stride;
            long a1 = from + rows[tap1] * stride;
            long b1 = from + rows[tap1 + 1] * stride;
            FloatVector a0Weight = FloatVector.broadcast(F32, weights[tap0]);
            FloatVector b0Weight = FloatVector.broadcast(F32, weights[tap0 + 1]);
            FloatVector a1Weight = FloatVector.broadcast(F32, weights[tap1]);
            FloatVector b1Weight = FloatVector.broadcast(F32, weights[tap1 + 1]);
            long y0 = to + i * outStride;
            long y1 = to + i1 * outStride;
            for (int s = 0; s < steps.count; s++) {
                int tap = s * 2 * LANES;
                FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                long in = steps.loadAt[s] * (long) Float.BYTES;
                long out = steps.storeAt[s] * (long) Float.BYTES;
                FloatVector row0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a0 + in, ORDER))
                        .mul(a0Weight);
                FloatVector row1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, a1 + in, ORDER))
                        .mul(a1Weight);
                row0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, b0 + in, ORDER))
                        .fma(b0Weight, row0);
                row1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, b1 + in, ORDER))
                        .fma(b1Weight, row1);
                b.selectFrom(row0)
                        .fma(bWeight, a.selectFrom(row0).mul(aWeight))
                        .intoMemorySegment(target, y0 + out, ORDER);
                b.selectFrom(row1)
                        .fma(bWeight, a.selectFrom(row1).mul(aWeight))
                        .intoMemorySegment(target, y1 + out, ORDER);
            }
        }
    }
}

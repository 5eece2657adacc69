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
 * Rows of which neighbouring elements are weighted sums of elements near to each other: what resizing along the innermost axis
 * does, by {@link LaneSteps}.
 *
 * <p>Some rows are made together, so that what a step needs is loaded once for all of them; the last of a number that is no
 * multiple of those is made again. Sums take four, as arithmetic binds them, and what is not bound by it two: the more rows
 * at once, the worse memory takes the order in which they are written. For the same reason loops load first what lies first.
 * Offsets and pitches, the distances of rows, are bytes.
 */
final class ResizeLanes {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Rows that sums are made of together: more than of anything else, of which this is a multiple. */
    static final int ROWS = 4;

    /** Rows that are made together by moves, and by sums of rows and columns at once. */
    private static final int FEW_ROWS = 2;

    /** What a sum begins with: a number that changes no other, as 0 would change -0. */
    private static final float NOTHING = -0f;

    private final LaneSteps steps;

    /**
     * Loops.
     *
     * @param steps how vectors of the result are made
     */
    ResizeLanes(LaneSteps steps) {
        this.steps = steps;
    }

    /** How vectors of the result are made. */
    LaneSteps steps() {
        return steps;
    }

    /** The bytes of a row that may be read, at least; rows may be shorter. */
    long least() {
        return steps.windows * VECTOR;
    }

    /** Whether {@link #pairsOfPairs} makes rows along with columns: those of two taps, and one vector for a step. */
    boolean makesRows(EvenTaps rows) {
        return rows.each() == 2 && steps.taps.each() == 2 && steps.windows == 1 && !steps.scattered;
    }

    /**
     * Makes rows.
     *
     * @param compiled whether loops on vectors are compiled, and may read {@link #least} bytes of every row, and write a vector
     *     too many unless steps are exact
     * @param x the memory of the data
     * @param from where its first row lies
     * @param rows which of its rows each row is made of
     * @param first the first row to make
     * @param count how many
     * @param pitch the distance of rows of the data
     * @param y the memory to write
     * @param to where the first row goes
     * @param outPitch the distance of those
     */
    void make(
            boolean compiled,
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        int each = steps.taps.each();
        if (!compiled || steps.scattered) {
            PlainResize.lanes(steps.taps, steps.input, x, from, rows, first, count, pitch, y, to, outPitch);
        } else if (steps.windows == 1) {
            if (each == 1) {
                move(x, from, rows, first, count, pitch, y, to, outPitch);
            } else if (each == 2) {
                pairs(x, from, rows, first, count, pitch, y, to, outPitch);
            } else {
                sums(x, from, rows, first, count, pitch, y, to, outPitch);
            }
        } else if (each == 1) {
            moveWide(x, from, rows, first, count, pitch, y, to, outPitch);
        } else if (each == 2) {
            pairsWide(x, from, rows, first, count, pitch, y, to, outPitch);
        } else {
            sumsWide(x, from, rows, first, count, pitch, y, to, outPitch);
        }
    }

    /** One tap, from one vector. */
    void move(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += FEW_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            long x0 = from + rows[first + i] * pitch;
            long x1 = from + rows[first + i1] * pitch;
            long y0 = to + i * outPitch;
            long y1 = to + i1 * outPitch;
            for (int s = 0; s < steps.count; s++) {
                IntVector lane = INTS.cast(IntVector.fromArray(I32, steps.moves, s * LANES));
                long in = steps.inAt[s] * (long) Float.BYTES;
                long out = steps.outAt[s] * (long) Float.BYTES;
                IntVector data0 = IntVector.fromMemorySegment(I32, source, x0 + in, ORDER);
                lane.selectFrom(data0).intoMemorySegment(target, y0 + out, ORDER);
                IntVector data1 = IntVector.fromMemorySegment(I32, source, x1 + in, ORDER);
                lane.selectFrom(data1).intoMemorySegment(target, y1 + out, ORDER);
            }
        }
    }

    /** One tap, from two vectors. */
    void moveWide(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += FEW_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            long x0 = from + rows[first + i] * pitch;
            long x1 = from + rows[first + i1] * pitch;
            long y0 = to + i * outPitch;
            long y1 = to + i1 * outPitch;
            for (int s = 0; s < steps.count; s++) {
                IntVector lane = INTS.cast(IntVector.fromArray(I32, steps.moves, s * LANES));
                long in = steps.inAt[s] * (long) Float.BYTES;
                long out = steps.outAt[s] * (long) Float.BYTES;
                IntVector low0 = IntVector.fromMemorySegment(I32, source, x0 + in, ORDER);
                IntVector high0 = IntVector.fromMemorySegment(I32, source, x0 + in + VECTOR, ORDER);
                lane.selectFrom(low0, high0).intoMemorySegment(target, y0 + out, ORDER);
                IntVector low1 = IntVector.fromMemorySegment(I32, source, x1 + in, ORDER);
                IntVector high1 = IntVector.fromMemorySegment(I32, source, x1 + in + VECTOR, ORDER);
                lane.selectFrom(low1, high1).intoMemorySegment(target, y1 + out, ORDER);
            }
        }
    }

    /** Two taps, from one vector. */
    void pairs(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * pitch;
            long x1 = from + rows[first + i1] * pitch;
            long x2 = from + rows[first + i2] * pitch;
            long x3 = from + rows[first + i3] * pitch;
            long y0 = to + i * outPitch;
            long y1 = to + i1 * outPitch;
            long y2 = to + i2 * outPitch;
            long y3 = to + i3 * outPitch;
            for (int s = 0; s < steps.count; s++) {
                int tap = s * 2 * LANES;
                FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                long in = steps.inAt[s] * (long) Float.BYTES;
                long out = steps.outAt[s] * (long) Float.BYTES;
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

    /** Two taps, from two vectors. */
    void pairsWide(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * pitch;
            long x1 = from + rows[first + i1] * pitch;
            long x2 = from + rows[first + i2] * pitch;
            long x3 = from + rows[first + i3] * pitch;
            long y0 = to + i * outPitch;
            long y1 = to + i1 * outPitch;
            long y2 = to + i2 * outPitch;
            long y3 = to + i3 * outPitch;
            for (int s = 0; s < steps.count; s++) {
                int tap = s * 2 * LANES;
                FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                long in = steps.inAt[s] * (long) Float.BYTES;
                long out = steps.outAt[s] * (long) Float.BYTES;
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

    /** Any number of taps, each two from one vector. */
    void sums(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * pitch;
            long x1 = from + rows[first + i1] * pitch;
            long x2 = from + rows[first + i2] * pitch;
            long x3 = from + rows[first + i3] * pitch;
            long y0 = to + i * outPitch;
            long y1 = to + i1 * outPitch;
            long y2 = to + i2 * outPitch;
            long y3 = to + i3 * outPitch;
            for (int s = 0; s < steps.count; s++) {
                FloatVector sum0 = FloatVector.broadcast(F32, NOTHING);
                FloatVector sum1 = FloatVector.broadcast(F32, NOTHING);
                FloatVector sum2 = FloatVector.broadcast(F32, NOTHING);
                FloatVector sum3 = FloatVector.broadcast(F32, NOTHING);
                for (int q = s * steps.pairs; q < (s + 1) * steps.pairs; q++) {
                    int tap = q * 2 * LANES;
                    FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                    FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                    FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                    FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                    long in = steps.inAt[q] * (long) Float.BYTES;
                    FloatVector data0 = FloatVector.fromMemorySegment(F32, source, x0 + in, ORDER);
                    sum0 = b.selectFrom(data0).fma(bWeight, a.selectFrom(data0).fma(aWeight, sum0));
                    FloatVector data1 = FloatVector.fromMemorySegment(F32, source, x1 + in, ORDER);
                    sum1 = b.selectFrom(data1).fma(bWeight, a.selectFrom(data1).fma(aWeight, sum1));
                    FloatVector data2 = FloatVector.fromMemorySegment(F32, source, x2 + in, ORDER);
                    sum2 = b.selectFrom(data2).fma(bWeight, a.selectFrom(data2).fma(aWeight, sum2));
                    FloatVector data3 = FloatVector.fromMemorySegment(F32, source, x3 + in, ORDER);
                    sum3 = b.selectFrom(data3).fma(bWeight, a.selectFrom(data3).fma(aWeight, sum3));
                }
                long out = steps.outAt[s] * (long) Float.BYTES;
                FLOATS.cast(sum0).intoMemorySegment(target, y0 + out, ORDER);
                FLOATS.cast(sum1).intoMemorySegment(target, y1 + out, ORDER);
                FLOATS.cast(sum2).intoMemorySegment(target, y2 + out, ORDER);
                FLOATS.cast(sum3).intoMemorySegment(target, y3 + out, ORDER);
            }
        }
    }

    /** Any number of taps, each two from two vectors. */
    void sumsWide(
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        for (int i = 0; i < count; i += ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int i2 = Math.min(i + 2, count - 1);
            int i3 = Math.min(i + 3, count - 1);
            long x0 = from + rows[first + i] * pitch;
            long x1 = from + rows[first + i1] * pitch;
            long x2 = from + rows[first + i2] * pitch;
            long x3 = from + rows[first + i3] * pitch;
            long y0 = to + i * outPitch;
            long y1 = to + i1 * outPitch;
            long y2 = to + i2 * outPitch;
            long y3 = to + i3 * outPitch;
            for (int s = 0; s < steps.count; s++) {
                FloatVector sum0 = FloatVector.broadcast(F32, NOTHING);
                FloatVector sum1 = FloatVector.broadcast(F32, NOTHING);
                FloatVector sum2 = FloatVector.broadcast(F32, NOTHING);
                FloatVector sum3 = FloatVector.broadcast(F32, NOTHING);
                for (int q = s * steps.pairs; q < (s + 1) * steps.pairs; q++) {
                    int tap = q * 2 * LANES;
                    FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                    FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                    FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                    FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                    long in = steps.inAt[q] * (long) Float.BYTES;
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
                long out = steps.outAt[s] * (long) Float.BYTES;
                FLOATS.cast(sum0).intoMemorySegment(target, y0 + out, ORDER);
                FLOATS.cast(sum1).intoMemorySegment(target, y1 + out, ORDER);
                FLOATS.cast(sum2).intoMemorySegment(target, y2 + out, ORDER);
                FLOATS.cast(sum3).intoMemorySegment(target, y3 + out, ORDER);
            }
        }
    }

    /**
     * Rows of two taps of which neighbouring elements are sums of two, from one vector of each row.
     *
     * @param down how rows are made
     * @param x the memory of the data
     * @param from where its first row lies
     * @param first the first row to make
     * @param count how many
     * @param pitch the distance of rows of the data
     * @param y the memory to write
     * @param to where the first row goes
     * @param outPitch the distance of those
     */
    void pairsOfPairs(
            EvenTaps down,
            MemorySegment x,
            long from,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int[] rows = down.index();
        float[] weights = down.weight();
        for (int i = 0; i < count; i += FEW_ROWS) {
            int i1 = Math.min(i + 1, count - 1);
            int tap0 = (first + i) * 2;
            int tap1 = (first + i1) * 2;
            long a0 = from + rows[tap0] * pitch;
            long b0 = from + rows[tap0 + 1] * pitch;
            long a1 = from + rows[tap1] * pitch;
            long b1 = from + rows[tap1 + 1] * pitch;
            FloatVector a0Weight = FloatVector.broadcast(F32, weights[tap0]);
            FloatVector b0Weight = FloatVector.broadcast(F32, weights[tap0 + 1]);
            FloatVector a1Weight = FloatVector.broadcast(F32, weights[tap1]);
            FloatVector b1Weight = FloatVector.broadcast(F32, weights[tap1 + 1]);
            long y0 = to + i * outPitch;
            long y1 = to + i1 * outPitch;
            for (int s = 0; s < steps.count; s++) {
                int tap = s * 2 * LANES;
                FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap));
                FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, steps.lanes, tap + LANES));
                FloatVector aWeight = FloatVector.fromArray(F32, steps.weights, tap);
                FloatVector bWeight = FloatVector.fromArray(F32, steps.weights, tap + LANES);
                long in = steps.inAt[s] * (long) Float.BYTES;
                long out = steps.outAt[s] * (long) Float.BYTES;
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

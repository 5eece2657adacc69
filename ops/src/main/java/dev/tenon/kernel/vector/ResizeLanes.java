package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.VectorShape.Floats.F32;
import static dev.tenon.kernel.vector.VectorShape.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Rows of which neighbouring elements are weighted sums of elements near to each other: what resizing along the innermost axis
 * does. A step makes a vector of neighbours of the result: for each two of their taps one or two vectors of the data are
 * loaded that hold all they take, and lanes are moved to where they count. Where the data is so much longer that fewer than a
 * vector's lanes find their taps there, a step makes as many as do, and the next one overwrites the rest.
 *
 * <p>Steps are the outer loop and rows the inner one, so that what a step needs is loaded once. Offsets and pitches, the
 * distances of rows, are bytes.
 */
final class ResizeLanes {
    private static final int LANES = VectorShape.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private final EvenTaps taps;
    private final int input;
    private final int width;
    private final int pairs;
    private final int windows;
    private final boolean exact;

    /** Whether two taps of an element lie too far apart for a step. */
    private final boolean wide;

    private final int steps;

    /** Of each step, the element of the result that it begins with. */
    private final int[] outAt;

    /** Of each step and each two taps, the element that the vectors are loaded from. */
    private final int[] inAt;

    /** Of each step and tap, the lanes of those vectors that it takes, and their weights. */
    private final float[] lanes;

    private final float[] weights;

    private ResizeLanes(EvenTaps taps, int input, int windows) {
        this.taps = taps;
        this.input = input;
        this.windows = windows;
        width = taps.output();
        pairs = Math.ceilDiv(taps.each(), 2);
        int[] starts = new int[width];
        int count = 0;
        boolean full = width >= LANES;
        for (int o = 0; o < width; ) {
            int made = fitting(o);
            int least = Math.min(LANES, width - o);
            // The last step overlaps the one before it, if it can.
            boolean ends = made == width - o && full && fitting(width - LANES) == LANES;
            starts[count++] = ends ? width - LANES : o;
            full &= made == least && (made < width - o || ends);
            o += made;
        }
        exact = full;
        steps = count;
        outAt = Arrays.copyOf(starts, count);
        inAt = new int[steps * pairs];
        lanes = new float[steps * taps.each() * LANES];
        weights = new float[lanes.length];
        boolean far = false;
        for (int s = 0; s < steps; s++) {
            for (int q = 0; q < pairs; q++) {
                fill(s, q);
            }
        }
        for (float lane : lanes) {
            far |= lane >= windows * LANES;
        }
        wide = far;
    }

    /**
     * Loops.
     *
     * @param taps how elements are made
     * @param input the elements of a row of the data
     * @return those with the fewest vectors for a step with which steps are full
     */
    static ResizeLanes of(EvenTaps taps, int input) {
        ResizeLanes one = new ResizeLanes(taps, input, 1);
        return one.exact || taps.output() < LANES && one.steps == 1 ? one : new ResizeLanes(taps, input, 2);
    }

    /**
     * Loops that are rehearsed: two steps.
     *
     * @param each the taps of an element
     * @param distance 1 or 2: the elements of the data for two of the result, and the vectors that a step loads
     */
    static ResizeLanes rehearsed(int each, int distance) {
        int width = 2 * LANES;
        EvenTaps taps = new EvenTaps(each, new int[width * each], new float[width * each]);
        for (int i = 0; i < taps.index().length; i++) {
            taps.index()[i] = i / each / 2 * distance;
        }
        return new ResizeLanes(taps, width * distance, distance);
    }

    /** How many elements from one on find their taps in the vectors that a step loads. */
    private int fitting(int o) {
        int most = Math.min(LANES, width - o);
        for (int q = 0; q < pairs; q++) {
            int low = Integer.MAX_VALUE;
            int high = 0;
            for (int j = 0; j < most; j++) {
                for (int t = 2 * q; t < Math.min(2 * q + 2, taps.each()); t++) {
                    int index = taps.index()[(o + j) * taps.each() + t];
                    low = Math.min(low, index);
                    high = Math.max(high, index);
                }
                if (high - low >= windows * LANES) {
                    most = Math.max(1, j);
                }
            }
        }
        return most;
    }

    private void fill(int step, int pair) {
        int each = taps.each();
        int from = outAt[step];
        int made = fitting(from);
        int end = Math.min(2 * pair + 2, each);
        int low = Integer.MAX_VALUE;
        for (int j = 0; j < made; j++) {
            for (int t = 2 * pair; t < end; t++) {
                low = Math.min(low, taps.index()[(from + j) * each + t]);
            }
        }
        low = Math.max(0, Math.min(low, input - windows * LANES));
        inAt[step * pairs + pair] = low;
        for (int t = 2 * pair; t < end; t++) {
            for (int j = 0; j < made; j++) {
                int tap = (from + j) * each + t;
                lanes[(step * each + t) * LANES + j] = taps.index()[tap] - low;
                weights[(step * each + t) * LANES + j] = taps.weight()[tap];
            }
        }
    }

    /** How elements are made. */
    EvenTaps taps() {
        return taps;
    }

    /** Whether steps write the elements of a row and nothing behind them; if not, up to a vector may be. */
    boolean isExact() {
        return exact;
    }

    /** The bytes of a row that may be read, at least; rows may be shorter. */
    long least() {
        return windows * VECTOR;
    }

    /**
     * Makes rows.
     *
     * @param compiled whether loops on vectors are compiled, and may read {@link #least} bytes of every row, and write a vector
     *     too many unless {@link #isExact}
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
        if (!compiled || wide) {
            PlainResize.lanes(taps, input, x, from, rows, first, count, pitch, y, to, outPitch);
        } else if (taps.each() == 1) {
            if (windows == 1) {
                move(x, from, rows, first, count, pitch, y, to, outPitch);
            } else {
                moveWide(x, from, rows, first, count, pitch, y, to, outPitch);
            }
        } else if (taps.each() == 2) {
            pair(0, steps, x, from, rows, first, count, pitch, y, to, outPitch);
        } else {
            for (int s = 0; s < steps; s++) {
                pair(s, s + 1, x, from, rows, first, count, pitch, y, to, outPitch);
                for (int q = 1; q < pairs; q++) {
                    more(s, q, x, from, rows, first, count, pitch, y, to, outPitch);
                }
            }
        }
    }

    private void pair(
            int step,
            int end,
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        if (windows == 1) {
            pairs(step, end, x, from, rows, first, count, pitch, y, to, outPitch);
        } else {
            pairsWide(step, end, x, from, rows, first, count, pitch, y, to, outPitch);
        }
    }

    private void more(
            int step,
            int pair,
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long pitch,
            MemorySegment y,
            long to,
            long outPitch) {
        if (windows == 1) {
            addPairs(step, pair, x, from, rows, first, count, pitch, y, to, outPitch);
        } else {
            addPairsWide(step, pair, x, from, rows, first, count, pitch, y, to, outPitch);
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
        for (int s = 0; s < steps; s++) {
            FloatVector lane = FLOATS.cast(FloatVector.fromArray(F32, lanes, s * LANES));
            long in = inAt[s] * (long) Float.BYTES;
            long out = outAt[s] * (long) Float.BYTES;
            for (int i = 0; i < count; i++) {
                lane.selectFrom(FloatVector.fromMemorySegment(F32, source, from + in + rows[first + i] * pitch, ORDER))
                        .intoMemorySegment(target, to + out + i * outPitch, ORDER);
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
        for (int s = 0; s < steps; s++) {
            FloatVector lane = FLOATS.cast(FloatVector.fromArray(F32, lanes, s * LANES));
            long in = inAt[s] * (long) Float.BYTES;
            long out = outAt[s] * (long) Float.BYTES;
            for (int i = 0; i < count; i++) {
                long at = in + rows[first + i] * pitch;
                lane.selectFrom(
                                FloatVector.fromMemorySegment(F32, source, from + at, ORDER),
                                FloatVector.fromMemorySegment(F32, source, from + at + VECTOR, ORDER))
                        .intoMemorySegment(target, to + out + i * outPitch, ORDER);
            }
        }
    }

    /** The first two taps, from one vector. */
    void pairs(
            int step,
            int end,
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
        for (int s = step; s < end; s++) {
            int tap = s * 2 * pairs * LANES;
            FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap));
            FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap + LANES));
            FloatVector aWeight = FloatVector.fromArray(F32, weights, tap);
            FloatVector bWeight = FloatVector.fromArray(F32, weights, tap + LANES);
            long in = inAt[s * pairs] * (long) Float.BYTES;
            long out = outAt[s] * (long) Float.BYTES;
            for (int i = 0; i < count; i++) {
                FloatVector data =
                        FloatVector.fromMemorySegment(F32, source, from + in + rows[first + i] * pitch, ORDER);
                b.selectFrom(data)
                        .fma(bWeight, a.selectFrom(data).mul(aWeight))
                        .intoMemorySegment(target, to + out + i * outPitch, ORDER);
            }
        }
    }

    /** The first two taps, from two vectors. */
    void pairsWide(
            int step,
            int end,
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
        for (int s = step; s < end; s++) {
            int tap = s * 2 * pairs * LANES;
            FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap));
            FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap + LANES));
            FloatVector aWeight = FloatVector.fromArray(F32, weights, tap);
            FloatVector bWeight = FloatVector.fromArray(F32, weights, tap + LANES);
            long in = inAt[s * pairs] * (long) Float.BYTES;
            long out = outAt[s] * (long) Float.BYTES;
            for (int i = 0; i < count; i++) {
                long at = in + rows[first + i] * pitch;
                FloatVector low = FloatVector.fromMemorySegment(F32, source, from + at, ORDER);
                FloatVector high = FloatVector.fromMemorySegment(F32, source, from + at + VECTOR, ORDER);
                b.selectFrom(low, high)
                        .fma(bWeight, a.selectFrom(low, high).mul(aWeight))
                        .intoMemorySegment(target, to + out + i * outPitch, ORDER);
            }
        }
    }

    /** Two more taps of a step, from one vector. */
    void addPairs(
            int step,
            int pair,
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
        int tap = (step * pairs + pair) * 2 * LANES;
        FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap));
        FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap + LANES));
        FloatVector aWeight = FloatVector.fromArray(F32, weights, tap);
        FloatVector bWeight = FloatVector.fromArray(F32, weights, tap + LANES);
        long in = inAt[step * pairs + pair] * (long) Float.BYTES;
        long out = outAt[step] * (long) Float.BYTES;
        for (int i = 0; i < count; i++) {
            FloatVector data = FloatVector.fromMemorySegment(F32, source, from + in + rows[first + i] * pitch, ORDER);
            FloatVector sum = FloatVector.fromMemorySegment(F32, target, to + out + i * outPitch, ORDER);
            b.selectFrom(data)
                    .fma(bWeight, a.selectFrom(data).fma(aWeight, sum))
                    .intoMemorySegment(target, to + out + i * outPitch, ORDER);
        }
    }

    /** Two more taps of a step, from two vectors. */
    void addPairsWide(
            int step,
            int pair,
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
        int tap = (step * pairs + pair) * 2 * LANES;
        FloatVector a = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap));
        FloatVector b = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap + LANES));
        FloatVector aWeight = FloatVector.fromArray(F32, weights, tap);
        FloatVector bWeight = FloatVector.fromArray(F32, weights, tap + LANES);
        long in = inAt[step * pairs + pair] * (long) Float.BYTES;
        long out = outAt[step] * (long) Float.BYTES;
        for (int i = 0; i < count; i++) {
            long at = in + rows[first + i] * pitch;
            FloatVector low = FloatVector.fromMemorySegment(F32, source, from + at, ORDER);
            FloatVector high = FloatVector.fromMemorySegment(F32, source, from + at + VECTOR, ORDER);
            FloatVector sum = FloatVector.fromMemorySegment(F32, target, to + out + i * outPitch, ORDER);
            b.selectFrom(low, high)
                    .fma(bWeight, a.selectFrom(low, high).fma(aWeight, sum))
                    .intoMemorySegment(target, to + out + i * outPitch, ORDER);
        }
    }
}

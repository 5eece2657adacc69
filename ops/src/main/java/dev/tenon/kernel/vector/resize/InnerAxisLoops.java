package dev.tenon.kernel.vector.resize;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Resizes along the innermost axis, in steps. A step computes a vector of neighbouring elements of the result. For each tap it
 * loads two vectors of the data that contain the elements for all its lanes, and shuffles them into place. If the data is much
 * longer than the result, two vectors contain the elements for fewer lanes. The step then computes so many, and the next step
 * overwrites the other lanes.
 */
final class InnerAxisLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The bytes of a row that the loop reads, even if the row is shorter. */
    static final long MIN_READ = 2 * VECTOR;

    private final UniformTaps taps;
    private final int input;

    /** The first element of the result that each step computes. */
    private final int[] storeAt;

    /** The element of the data at which the vectors of each step and tap start. */
    private final int[] loadAt;

    /** The lanes of those vectors that each step and tap selects, and their weights. */
    private final float[] lanes;

    private final float[] weights;

    /** The lanes as integers, if each element of the result is a copy of one element of 4 bytes; else null. */
    private final int[] copiedLanes;

    /**
     * Plans the steps of a row.
     *
     * @param taps the taps of the elements of the result
     * @param input the number of elements of a row of the data
     */
    InnerAxisLoops(UniformTaps taps, int input) {
        this.taps = taps;
        this.input = input;
        int[] starts = new int[taps.output()];
        int steps = 0;
        for (int o = 0; o < taps.output(); o += fitting(o)) {
            starts[steps++] = o;
        }
        storeAt = Arrays.copyOf(starts, steps);
        loadAt = new int[steps * taps.perElement()];
        lanes = new float[loadAt.length * LANES];
        weights = new float[lanes.length];
        for (int i = 0; i < loadAt.length; i++) {
            fill(i, storeAt[i / taps.perElement()], i % taps.perElement());
        }
        copiedLanes = taps.copies() ? new int[lanes.length] : null;
        for (int i = 0; copiedLanes != null && i < lanes.length; i++) {
            copiedLanes[i] = (int) lanes[i];
        }
    }

    /** The number of elements, from one on, whose taps all are in the vectors that a step loads. */
    private int fitting(int o) {
        int fitting = Math.min(LANES, taps.output() - o);
        for (int t = 0; t < taps.perElement(); t++) {
            int low = Integer.MAX_VALUE;
            int high = 0;
            for (int j = 0; j < fitting; j++) {
                low = Math.min(low, taps.indexOf(o + j, t));
                high = Math.max(high, taps.indexOf(o + j, t));
                if (high - low >= 2 * LANES) {
                    fitting = j;
                }
            }
        }
        return fitting;
    }

    /** Plans a tap of a step. */
    private void fill(int tap, int first, int t) {
        int elements = fitting(first);
        int low = Integer.MAX_VALUE;
        for (int j = 0; j < elements; j++) {
            low = Math.min(low, taps.indexOf(first + j, t));
        }
        loadAt[tap] = Math.max(0, Math.min(low, input - 2 * LANES));
        for (int j = 0; j < elements; j++) {
            lanes[tap * LANES + j] = taps.indexOf(first + j, t) - loadAt[tap];
            weights[tap * LANES + j] = taps.weightOf(first + j, t);
        }
    }

    /**
     * Computes a row.
     *
     * @param s the memory of the data and the result
     * @param from the offset of the row, of which at least {@link #MIN_READ} bytes are read
     * @param to the offset of the result; up to a vector past its end is written
     */
    void run(MemorySegment s, long from, long to) {
        if (copiedLanes == null) {
            sums(s, from, to);
        } else {
            copies(s, from, to);
        }
    }

    private void copies(MemorySegment s, long from, long to) {
        s = NATIVE.cast(s);
        for (int step = 0; step < storeAt.length; step++) {
            long at = from + loadAt[step] * (long) Float.BYTES;
            IntVector low = IntVector.fromMemorySegment(I32, s, at, ORDER);
            IntVector high = IntVector.fromMemorySegment(I32, s, at + VECTOR, ORDER);
            INTS.cast(IntVector.fromArray(I32, copiedLanes, step * LANES))
                    .selectFrom(low, high)
                    .intoMemorySegment(s, to + storeAt[step] * (long) Float.BYTES, ORDER);
        }
    }

    private void sums(MemorySegment s, long from, long to) {
        s = NATIVE.cast(s);
        int each = taps.perElement();
        for (int step = 0; step < storeAt.length; step++) {
            // Adding this to a product changes no number, whereas adding 0 would change -0.
            FloatVector sum = FloatVector.broadcast(F32, -0f);
            for (int tap = step * each; tap < (step + 1) * each; tap++) {
                long at = from + loadAt[tap] * (long) Float.BYTES;
                FloatVector low = FloatVector.fromMemorySegment(F32, s, at, ORDER);
                FloatVector high = FloatVector.fromMemorySegment(F32, s, at + VECTOR, ORDER);
                FloatVector lane = FLOATS.cast(FloatVector.fromArray(F32, lanes, tap * LANES));
                sum = lane.selectFrom(low, high).fma(FloatVector.fromArray(F32, weights, tap * LANES), sum);
            }
            FLOATS.cast(sum).intoMemorySegment(s, to + storeAt[step] * (long) Float.BYTES, ORDER);
        }
    }
}

package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.vector.SimdSpecies;
import java.util.Arrays;

/**
 * The plan of {@link InnerAxisLoops} for a row, a list of steps. A step computes a vector of neighbouring elements of the result.
 * For each pair of taps it loads one or two vectors of the data that contain the elements for both taps of all its lanes, and
 * shuffles them into place. If the data is much longer than the result, these vectors contain the taps of fewer elements than
 * a vector has lanes. The step then computes so many, and the next step overwrites the other lanes.
 */
final class InnerAxisSteps {
    private static final int LANES = SimdSpecies.LANES;

    /** The taps of the elements of the result. */
    final UniformTaps taps;

    /** The number of elements of a row of the data. */
    final int input;

    /** The number of pairs of taps of an element. */
    final int pairs;

    /** The number of vectors that are loaded for a pair of taps, 1 or 2. */
    final int vectors;

    /** Whether steps write exactly a row. If not, they write up to a vector past its end. */
    final boolean exact;

    /** Whether the taps of a pair are too far apart for the vectors of a step, so that no step can compute the element. */
    final boolean scattered;

    /** The number of steps. */
    final int count;

    /** The first element of the result that each step computes. */
    final int[] storeAt;

    /** The element of the data at which the vectors of each step and pair of taps start. */
    final int[] loadAt;

    /** The lanes of those vectors that each step and tap selects. */
    final float[] lanes;

    /** The weights of these lanes. */
    final float[] weights;

    /** The lanes as integers, if elements have one tap. */
    final int[] intLanes;

    private InnerAxisSteps(UniformTaps taps, int input, int vectors) {
        this.taps = taps;
        this.input = input;
        this.vectors = vectors;
        pairs = Math.ceilDiv(taps.perElement(), 2);
        int width = taps.output();
        int[] starts = new int[width];
        int steps = 0;
        boolean full = width >= LANES;
        for (int o = 0; o < width; ) {
            int fitting = countFitting(o);
            int wanted = Math.min(LANES, width - o);
            // The last step overlaps the one before it, if it can.
            boolean last = fitting == width - o && full && countFitting(width - LANES) == LANES;
            starts[steps++] = last ? width - LANES : o;
            full &= fitting == wanted && (fitting < width - o || last);
            o += fitting;
        }
        exact = full;
        count = steps;
        storeAt = Arrays.copyOf(starts, count);
        loadAt = new int[count * pairs];
        lanes = new float[count * taps.perElement() * LANES];
        weights = new float[lanes.length];
        for (int s = 0; s < count; s++) {
            for (int q = 0; q < pairs; q++) {
                fill(s, q);
            }
        }
        boolean far = false;
        for (float lane : lanes) {
            far |= lane >= vectors * LANES;
        }
        scattered = far;
        intLanes = new int[taps.perElement() == 1 ? lanes.length : 0];
        for (int i = 0; i < intLanes.length; i++) {
            intLanes[i] = (int) lanes[i];
        }
    }

    /**
     * Plans a row.
     *
     * @param taps the taps of the elements of the result
     * @param input the number of elements of a row of the data
     * @return steps that load one vector for a pair of taps if they fill vectors, else steps that load two
     */
    static InnerAxisSteps of(UniformTaps taps, int input) {
        InnerAxisSteps one = new InnerAxisSteps(taps, input, 1);
        return one.exact || taps.output() < LANES && one.count == 1 ? one : new InnerAxisSteps(taps, input, 2);
    }

    /**
     * Two steps for the warm-up of loops.
     *
     * @param perElement the number of taps of an element
     * @param distance 1 or 2: the elements of the data for two of the result, and the vectors that a step loads
     */
    static InnerAxisSteps forWarmUp(int perElement, int distance) {
        int width = 2 * LANES;
        UniformTaps taps = new UniformTaps(perElement, new int[width * perElement], new float[width * perElement]);
        for (int i = 0; i < taps.index().length; i++) {
            taps.index()[i] = i / perElement / 2 * distance;
        }
        return new InnerAxisSteps(taps, width * distance, distance);
    }

    /** The number of elements, from one on, whose taps all are in the vectors that a step loads. */
    private int countFitting(int o) {
        int fitting = Math.min(LANES, taps.output() - o);
        for (int q = 0; q < pairs; q++) {
            int low = Integer.MAX_VALUE;
            int high = 0;
            for (int j = 0; j < fitting; j++) {
                for (int t = 2 * q; t < Math.min(2 * q + 2, taps.perElement()); t++) {
                    int index = taps.index()[(o + j) * taps.perElement() + t];
                    low = Math.min(low, index);
                    high = Math.max(high, index);
                }
                if (high - low >= vectors * LANES) {
                    fitting = Math.max(1, j);
                }
            }
        }
        return fitting;
    }

    private void fill(int step, int pair) {
        int perElement = taps.perElement();
        int from = storeAt[step];
        int elements = countFitting(from);
        int end = Math.min(2 * pair + 2, perElement);
        int low = Integer.MAX_VALUE;
        for (int j = 0; j < elements; j++) {
            for (int t = 2 * pair; t < end; t++) {
                low = Math.min(low, taps.index()[(from + j) * perElement + t]);
            }
        }
        low = Math.max(0, Math.min(low, input - vectors * LANES));
        loadAt[step * pairs + pair] = low;
        for (int t = 2 * pair; t < end; t++) {
            for (int j = 0; j < elements; j++) {
                int tap = (from + j) * perElement + t;
                lanes[(step * perElement + t) * LANES + j] = taps.index()[tap] - low;
                weights[(step * perElement + t) * LANES + j] = taps.weight()[tap];
            }
        }
    }
}

package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.vector.SimdSpecies;
import java.util.Arrays;

/**
 * How the elements of a row are made in vectors of neighbours, by steps: for each two of their taps one or two vectors of the
 * data are loaded that hold all they take, and lanes are moved to where they count. Where the data is so much longer that
 * fewer than a vector's lanes find their taps there, a step makes as many as do, and the next one overwrites the rest.
 */
final class LaneSteps {
    private static final int LANES = SimdSpecies.LANES;

    /** How elements are made. */
    final EvenTaps taps;

    /** The elements of a row of the data. */
    final int input;

    /** The taps of an element by twos. */
    final int pairs;

    /** The vectors that are loaded for two taps, one or two. */
    final int windows;

    /** Whether steps write the elements of a row and nothing behind them; if not, up to a vector may be. */
    final boolean exact;

    /** Whether two taps of an element lie too far apart for a step. */
    final boolean scattered;

    /** The number of steps. */
    final int count;

    /** Of each step, the element of the result that it begins with. */
    final int[] outAt;

    /** Of each step and each two taps, the element that the vectors are loaded from. */
    final int[] inAt;

    /** Of each step and tap, the lanes of those vectors that it takes, and their weights. */
    final float[] lanes;

    final float[] weights;

    /** The lanes of those that have one tap, as integers. */
    final int[] moves;

    private LaneSteps(EvenTaps taps, int input, int windows) {
        this.taps = taps;
        this.input = input;
        this.windows = windows;
        pairs = Math.ceilDiv(taps.each(), 2);
        int width = taps.output();
        int[] starts = new int[width];
        int made = 0;
        boolean full = width >= LANES;
        for (int o = 0; o < width; ) {
            int some = fitting(o);
            int least = Math.min(LANES, width - o);
            // The last step overlaps the one before it, if it can.
            boolean ends = some == width - o && full && fitting(width - LANES) == LANES;
            starts[made++] = ends ? width - LANES : o;
            full &= some == least && (some < width - o || ends);
            o += some;
        }
        exact = full;
        count = made;
        outAt = Arrays.copyOf(starts, count);
        inAt = new int[count * pairs];
        lanes = new float[count * taps.each() * LANES];
        weights = new float[lanes.length];
        for (int s = 0; s < count; s++) {
            for (int q = 0; q < pairs; q++) {
                fill(s, q);
            }
        }
        boolean far = false;
        for (float lane : lanes) {
            far |= lane >= windows * LANES;
        }
        scattered = far;
        moves = new int[taps.each() == 1 ? lanes.length : 0];
        for (int i = 0; i < moves.length; i++) {
            moves[i] = (int) lanes[i];
        }
    }

    /**
     * Steps.
     *
     * @param taps how elements are made
     * @param input the elements of a row of the data
     * @return those with the fewest vectors for a step with which steps are full
     */
    static LaneSteps of(EvenTaps taps, int input) {
        LaneSteps one = new LaneSteps(taps, input, 1);
        return one.exact || taps.output() < LANES && one.count == 1 ? one : new LaneSteps(taps, input, 2);
    }

    /**
     * Two steps that loops are warmed up with.
     *
     * @param each the taps of an element
     * @param distance 1 or 2: the elements of the data for two of the result, and the vectors that a step loads
     */
    static LaneSteps forWarmUp(int each, int distance) {
        int width = 2 * LANES;
        EvenTaps taps = new EvenTaps(each, new int[width * each], new float[width * each]);
        for (int i = 0; i < taps.index().length; i++) {
            taps.index()[i] = i / each / 2 * distance;
        }
        return new LaneSteps(taps, width * distance, distance);
    }

    /** How many elements from one on find their taps in the vectors that a step loads. */
    private int fitting(int o) {
        int most = Math.min(LANES, taps.output() - o);
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
}

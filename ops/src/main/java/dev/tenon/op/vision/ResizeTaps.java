package dev.tenon.op.vision;

import java.util.Arrays;

/**
 * Which elements of an axis make the elements of the result along it: element o is the sum of the elements
 * {@code index[i]} times {@code weight[i]} for i from {@code start[o]} to {@code start[o + 1]}, at least one.
 *
 * @param input the elements of the data along the axis
 * @param start where the taps of each element begin, and behind the last where they end; not to be written
 * @param index elements of the data; not to be written
 * @param weight their weights; not to be written
 */
public record ResizeTaps(int input, int[] start, int[] index, double[] weight) {
    private static final long MOST_ELEMENTS = 1 << 20;
    private static final int MOST_TAPS = 1 << 22;

    /** The taps of an axis, or null if there are too many or an element without any. */
    static ResizeTaps of(ResizeAxis axis) {
        if (axis.out() > MOST_ELEMENTS || axis.in() > Integer.MAX_VALUE) {
            return null;
        }
        int out = (int) axis.out();
        int[] start = new int[out + 1];
        int[] index = new int[2 * out];
        double[] weight = new double[2 * out];
        for (int o = 0; o < out; o++) {
            ResizeAxis.Taps taps = axis.taps(o);
            int count = taps.index().length;
            if (count == 0 || start[o] + count > MOST_TAPS) {
                return null;
            }
            start[o + 1] = start[o] + count;
            if (start[o + 1] > index.length) {
                index = Arrays.copyOf(index, 2 * start[o + 1]);
                weight = Arrays.copyOf(weight, 2 * start[o + 1]);
            }
            for (int i = 0; i < count; i++) {
                index[start[o] + i] = (int) taps.index()[i];
                weight[start[o] + i] = taps.weight()[i];
            }
        }
        return new ResizeTaps(
                (int) axis.in(), start, Arrays.copyOf(index, start[out]), Arrays.copyOf(weight, start[out]));
    }

    /**
     * The elements of the result.
     *
     * @return at least 0
     */
    public int output() {
        return start.length - 1;
    }

    /**
     * The most taps of an element.
     *
     * @return at least 0
     */
    public int most() {
        int most = 0;
        for (int o = 0; o < output(); o++) {
            most = Math.max(most, start[o + 1] - start[o]);
        }
        return most;
    }

    /**
     * Whether the result along this axis is the data.
     *
     * @return true if each element is made of the one at its place alone
     */
    public boolean isIdentity() {
        if (output() != input || index.length != input) {
            return false;
        }
        for (int o = 0; o < input; o++) {
            if (index[o] != o || weight[o] != 1) {
                return false;
            }
        }
        return true;
    }
}

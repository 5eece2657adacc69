package dev.tenon.op.geometry;

/**
 * The elements of an axis that make the elements of the result along it. Element o of the result is the sum of the
 * elements {@code index[i]} times {@code weight[i]} for i from {@code start[o]} to {@code start[o + 1]}, at least one.
 *
 * @param input the number of elements of the data along the axis
 * @param start the first tap of each element, and the number of all taps at the end; not to be written
 * @param index elements of the data; not to be written
 * @param weight their weights; not to be written
 */
public record ResizeTaps(int input, int[] start, int[] index, double[] weight) {
    /**
     * The number of elements of the result.
     *
     * @return at least 0
     */
    public int output() {
        return start.length - 1;
    }

    /**
     * The largest number of taps of an element.
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
     * Tells whether the result along this axis equals the data.
     *
     * @return true if each element is made of the element at its own place alone
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

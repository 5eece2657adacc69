package dev.tenon.op.geometry;

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

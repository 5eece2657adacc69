package dev.tenon.kernel.x64.conv;

/**
 * Neighbouring windows of a line that one turn of a depthwise loop computes.
 *
 * @param windows their number, at most {@link #MAX_WINDOWS}
 * @param taps the taps of a line of a window, which are neighbours, at most {@link #MAX_TAPS}; or 0 for any number of taps, at
 *     any distance
 * @param stride the pixels from a window to the next, at most {@link #MAX_STRIDE}; 1 if the number of taps is not given
 * @param left the columns of the first windows that are not on the input; 0 if the number of taps is not given
 * @param right the same for the last windows
 */
record DepthwiseGroup(int windows, int taps, int stride, int left, int right) {
    static final int MAX_WINDOWS = 8;
    static final int MAX_TAPS = 5;
    static final int MAX_STRIDE = 2;

    /** Windows with any number of taps, all of which are on the input. */
    static DepthwiseGroup ofAnyTaps(int windows) {
        return new DepthwiseGroup(windows, 0, 1, 0, 0);
    }

    /** The columns that the windows span. */
    int columns() {
        return (windows - 1) * stride + taps;
    }

    /** The part of a function's name that stands for the group. */
    String id() {
        return windows
                + (taps == 0 ? "" : "w" + taps + "s" + stride)
                + (left > 0 ? "l" + left : "")
                + (right > 0 ? "r" + right : "");
    }
}

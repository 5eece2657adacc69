package dev.tenon.kernel;

import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import java.util.Arrays;

/**
 * The windows of a convolution or of pooling over a plane. An operator with one spatial axis has planes of one row.
 *
 * @param rows the vertical axis
 * @param columns the horizontal axis, along which elements are neighbours in memory
 */
public record Window2d(Axis rows, Axis columns) {
    /**
     * The windows along one axis. A tap is an element of a window.
     *
     * @param input the elements of the input, at least 1
     * @param kernel the taps of a window, at least 1
     * @param output the number of windows, at least 1
     * @param stride the step from a window to the next
     * @param dilation the distance of neighbouring taps
     * @param padBegin the padding before the input
     * @param padEnd the padding after the input
     */
    public record Axis(int input, int kernel, int output, int stride, int dilation, int padBegin, int padEnd) {
        /** Stands for a missing axis: one element and one window of one tap. */
        static final Axis ONE = new Axis(1, 1, 1, 1, 1, 0, 0);

        private static final long MAX_SIZE = 1 << 24;

        /**
         * An axis of a grid.
         *
         * @param a an axis with at least one element and one window
         * @return the axis, or null if a size exceeds 2<sup>24</sup>
         */
        static Axis of(WindowGrid.Axis a) {
            long steps = Math.max(Math.max(a.stride(), a.dilation()), Math.max(a.padBegin(), a.padEnd()));
            long largest = Math.max(steps, Math.max(a.kernel(), Math.max(a.input(), a.output())));
            if (largest > MAX_SIZE
                    || a.kernel() == 0
                    || a.kernel() * a.dilation() > MAX_SIZE
                    || a.output() * a.stride() > MAX_SIZE * 2) {
                return null;
            }
            return new Axis(
                    (int) a.input(),
                    (int) a.kernel(),
                    (int) a.output(),
                    (int) a.stride(),
                    (int) a.dilation(),
                    (int) a.padBegin(),
                    (int) a.padEnd());
        }

        /**
         * The position of a window's first tap.
         *
         * @param window the index of the window
         * @return an index in the input, negative in the padding
         */
        public int start(int window) {
            return window * stride - padBegin;
        }

        /**
         * The first tap of a window that is not in the padding before the input.
         *
         * @param window the index of the window
         * @return a tap; may be past the last one
         */
        public int firstTap(int window) {
            return Math.max(0, Math.ceilDiv(-start(window), dilation));
        }

        /**
         * The tap after the last one of a window that is not in the padding after the input.
         *
         * @param window the index of the window
         * @return a tap or the number of taps; may be negative
         */
        public int endTap(int window) {
            return Math.min(kernel, Math.floorDiv(input - 1 - start(window), dilation) + 1);
        }

        /**
         * The number of taps of a window that are on the input or in its padding.
         *
         * @param window the index of the window
         * @return the number
         */
        public int paddedTaps(int window) {
            return Math.min(kernel, Math.floorDiv(input + padEnd - 1 - start(window), dilation) + 1);
        }

        /**
         * The first window in which a tap is not in the padding before the input.
         *
         * @param tap the tap
         * @return a window; may be past the last one
         */
        public int firstWindow(int tap) {
            return Math.max(0, Math.ceilDiv(padBegin - tap * dilation, stride));
        }

        /**
         * The window after the last one in which a tap is not in the padding after the input.
         *
         * @param tap the tap
         * @return a window or the number of windows; may be negative
         */
        public int endWindow(int tap) {
            return Math.min(output, Math.floorDiv(input - 1 + padBegin - tap * dilation, stride) + 1);
        }

        /**
         * An upper bound for the number of elements that all windows together span, padding included.
         *
         * @return at least the number of windows
         */
        public long reach() {
            return (long) (output + 1) * stride + (long) kernel * dilation;
        }
    }

    /**
     * The windows of an operator.
     *
     * @param window strides, dilations and padding
     * @param x the dimensions of the input, [n, c, ...]
     * @param kernel the spatial dimensions of the window
     * @param y the dimensions of the output, [n, m, ...]
     * @return the windows, or null if there are more than two spatial axes, no elements, or sizes above 2<sup>24</sup>
     */
    public static Window2d of(WindowAttributes window, long[] x, long[] kernel, long[] y) {
        int axes = x.length - 2;
        if (axes > 2
                || Arrays.stream(x).anyMatch(d -> d == 0)
                || Arrays.stream(y).anyMatch(d -> d == 0)) {
            return null;
        }
        return of(
                WindowGrid.of(window, Arrays.copyOfRange(x, 2, x.length), kernel, Arrays.copyOfRange(y, 2, y.length)));
    }

    /**
     * The windows of a grid.
     *
     * @param grid the windows along one or two axes, with at least one element and one window along each
     * @return the windows, or null if a size exceeds 2<sup>24</sup>
     */
    public static Window2d of(WindowGrid grid) {
        Axis rows = grid.axes().size() == 1 ? Axis.ONE : Axis.of(grid.axes().getFirst());
        Axis columns = Axis.of(grid.axes().getLast());
        return rows == null || columns == null ? null : new Window2d(rows, columns);
    }

    /**
     * The number of elements of a plane of the input.
     *
     * @return at least 1
     */
    public long pixels() {
        return (long) rows.input * columns.input;
    }

    /**
     * The number of elements of a plane of the output.
     *
     * @return at least 1
     */
    public long windows() {
        return (long) rows.output * columns.output;
    }

    /**
     * The number of taps of a window.
     *
     * @return at least 1
     */
    public long taps() {
        return (long) rows.kernel * columns.kernel;
    }

    /**
     * Whether the output has one window for each element of the input, with this element as its only tap.
     *
     * @return true for windows of 1 x 1 with strides of 1 and without padding
     */
    public boolean isIdentity() {
        return isIdentity(rows) && isIdentity(columns);
    }

    /**
     * Whether there is one window, which covers the plane exactly, as in global pooling.
     *
     * @return true if so
     */
    public boolean isGlobal() {
        return isGlobal(rows) && isGlobal(columns);
    }

    private static boolean isGlobal(Axis a) {
        return a.output == 1 && a.kernel == a.input && a.dilation == 1 && a.padBegin == 0 && a.padEnd == 0;
    }

    private static boolean isIdentity(Axis a) {
        return a.kernel == 1 && a.stride == 1 && a.padBegin == 0 && a.output == a.input;
    }
}

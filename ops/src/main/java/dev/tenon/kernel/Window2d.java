package dev.tenon.kernel;

import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import java.util.Arrays;

/**
 * Windows over a plane. One spatial axis is a plane of one row.
 *
 * @param rows along the columns of the plane
 * @param columns along its rows, the axis whose elements are neighbours in memory
 */
public record Window2d(Axis rows, Axis columns) {
    /**
     * One axis.
     *
     * @param input elements of the input, at least 1
     * @param kernel elements of the window, at least 1
     * @param output number of windows, at least 1
     * @param stride the step from window to window
     * @param dilation the distance of neighbouring elements of the window
     * @param padBegin padding before the input
     * @param padEnd padding behind it
     */
    public record Axis(int input, int kernel, int output, int stride, int dilation, int padBegin, int padEnd) {
        /** An axis that is not there: one element, and one window of it. */
        static final Axis ONE = new Axis(1, 1, 1, 1, 1, 0, 0);

        private static final long MOST = 1 << 24;

        /**
         * The axis of a grid.
         *
         * @param a an axis that has elements and windows
         * @return the axis, or null if there are sizes beyond 2<sup>24</sup>
         */
        static Axis of(WindowGrid.Axis a) {
            long most = Math.max(Math.max(a.stride(), a.dilation()), Math.max(a.padBegin(), a.padEnd()));
            long reach = Math.max(most, Math.max(a.kernel(), Math.max(a.input(), a.output())));
            if (reach > MOST
                    || a.kernel() == 0
                    || a.kernel() * a.dilation() > MOST
                    || a.output() * a.stride() > MOST * 2) {
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
         * Where a window begins.
         *
         * @param window its index
         * @return an index in the input, negative in the padding
         */
        public int start(int window) {
            return window * stride - padBegin;
        }

        /**
         * The first tap of a window that lies on the input.
         *
         * @param window its index
         * @return a tap, perhaps behind the last
         */
        public int firstTap(int window) {
            return Math.max(0, Math.ceilDiv(-start(window), dilation));
        }

        /**
         * The tap after the last one of a window that lies on the input.
         *
         * @param window its index
         * @return a tap or the number of taps, perhaps before the first
         */
        public int endTap(int window) {
            return Math.min(kernel, Math.floorDiv(input - 1 - start(window), dilation) + 1);
        }

        /**
         * The number of taps of a window that lie on the input or its padding.
         *
         * @param window its index
         * @return the number
         */
        public int paddedTaps(int window) {
            return Math.min(kernel, Math.floorDiv(input + padEnd - 1 - start(window), dilation) + 1);
        }

        /**
         * The first window whose tap lies on the input.
         *
         * @param tap a tap
         * @return a window, perhaps behind the last
         */
        public int firstWindow(int tap) {
            return Math.max(0, Math.ceilDiv(padBegin - tap * dilation, stride));
        }

        /**
         * The window after the last one whose tap lies on the input.
         *
         * @param tap a tap
         * @return a window or the number of windows, perhaps before the first
         */
        public int endWindow(int tap) {
            return Math.min(output, Math.floorDiv(input - 1 + padBegin - tap * dilation, stride) + 1);
        }

        /**
         * A bound of the elements that all windows reach, and some more.
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
     * @param window how they slide
     * @param x the dimensions of the input, [n, c, ...]
     * @param kernel the spatial dimensions of the window
     * @param y the dimensions of the output, [n, m, ...]
     * @return the windows, or null if there are more than two spatial axes, no elements, or sizes beyond 2<sup>24</sup>
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
     * @param grid windows along one or two axes, each of which has elements and windows
     * @return the windows, or null if there are sizes beyond 2<sup>24</sup>
     */
    public static Window2d of(WindowGrid grid) {
        Axis rows = grid.axes().size() == 1 ? Axis.ONE : Axis.of(grid.axes().getFirst());
        Axis columns = Axis.of(grid.axes().getLast());
        return rows == null || columns == null ? null : new Window2d(rows, columns);
    }

    /**
     * The elements of a plane of the input.
     *
     * @return at least 1
     */
    public long pixels() {
        return (long) rows.input * columns.input;
    }

    /**
     * The elements of a plane of the output.
     *
     * @return at least 1
     */
    public long windows() {
        return (long) rows.output * columns.output;
    }

    /**
     * The elements of a window.
     *
     * @return at least 1
     */
    public long taps() {
        return (long) rows.kernel * columns.kernel;
    }

    /**
     * Whether each window is one element, and the windows the plane itself.
     *
     * @return true if so
     */
    public boolean isIdentity() {
        return isIdentity(rows) && isIdentity(columns);
    }

    /**
     * Whether there is one window, that of all elements.
     *
     * @return true if so
     */
    public boolean isWhole() {
        return isWhole(rows) && isWhole(columns);
    }

    private static boolean isWhole(Axis a) {
        return a.output == 1 && a.kernel == a.input && a.dilation == 1 && a.padBegin == 0 && a.padEnd == 0;
    }

    private static boolean isIdentity(Axis a) {
        return a.kernel == 1 && a.stride == 1 && a.padBegin == 0 && a.output == a.input;
    }
}

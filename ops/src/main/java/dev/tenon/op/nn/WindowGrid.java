package dev.tenon.op.nn;

import java.util.List;

/**
 * Windows that slide over the spatial axes of an input of known size.
 *
 * @param axes the spatial axes, outermost first
 */
public record WindowGrid(List<Axis> axes) {
    /**
     * One spatial axis.
     *
     * @param input elements of the input
     * @param kernel elements of the window
     * @param output number of windows
     * @param stride the step from window to window
     * @param dilation the distance of neighbouring elements of the window
     * @param padBegin padding before the input
     * @param padEnd padding behind it
     */
    public record Axis(long input, long kernel, long output, long stride, long dilation, long padBegin, long padEnd) {
        private long start(long window) {
            return window * stride - padBegin;
        }

        private long firstTap(long window) {
            long start = start(window);
            return start >= 0 ? 0 : -Math.floorDiv(start, dilation);
        }

        /** The last tap that lies before a position; negative if none does. */
        private long lastTapBefore(long window, long position) {
            return Math.min(kernel - 1, Math.floorDiv(position - 1 - start(window), dilation));
        }
    }

    /** Sees the elements of a window that lie on the input. */
    @FunctionalInterface
    public interface TapVisitor {
        /**
         * One element.
         *
         * @param input its flat index in the spatial dimensions of the input
         * @param kernel its flat index in the window
         */
        void visit(long input, long kernel);
    }

    /**
     * A grid.
     *
     * @param axes the spatial axes, outermost first
     */
    public WindowGrid {
        axes = List.copyOf(axes);
    }

    /**
     * The number of windows.
     *
     * @return the product of the outputs of the axes
     */
    public long windows() {
        long n = 1;
        for (Axis a : axes) {
            n *= a.output;
        }
        return n;
    }

    /**
     * The number of elements of the input.
     *
     * @return the product of the inputs of the axes
     */
    public long pixels() {
        long n = 1;
        for (Axis a : axes) {
            n *= a.input;
        }
        return n;
    }

    /**
     * Visits the elements of a window that lie on the input, in row-major order.
     *
     * @param window the flat index of a window
     * @param visitor sees each element
     */
    public void visit(long window, TapVisitor visitor) {
        visit(positions(window), 0, 0, 0, visitor);
    }

    private void visit(long[] position, int axis, long input, long kernel, TapVisitor visitor) {
        if (axis == axes.size()) {
            visitor.visit(input, kernel);
            return;
        }
        Axis a = axes.get(axis);
        long last = a.lastTapBefore(position[axis], a.input);
        for (long tap = a.firstTap(position[axis]); tap <= last; tap++) {
            long at = a.start(position[axis]) + tap * a.dilation;
            visit(position, axis + 1, input * a.input + at, kernel * a.kernel + tap, visitor);
        }
    }

    /**
     * The number of elements of a window that lie on the input or its padding.
     *
     * @param window the flat index of a window
     * @return the number
     */
    public long paddedTaps(long window) {
        long[] position = positions(window);
        long n = 1;
        for (int i = 0; i < position.length; i++) {
            Axis a = axes.get(i);
            n *= a.lastTapBefore(position[i], a.input + a.padEnd) + 1;
        }
        return n;
    }

    private long[] positions(long window) {
        long[] position = new long[axes.size()];
        long rest = window;
        for (int i = position.length - 1; i >= 0; i--) {
            position[i] = rest % axes.get(i).output;
            rest /= axes.get(i).output;
        }
        return position;
    }
}

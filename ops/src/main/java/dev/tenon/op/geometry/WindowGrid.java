package dev.tenon.op.geometry;

import dev.tenon.op.InferContext;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.WindowAttributes.AutoPad;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
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
     * @param padEnd padding after the input
     */
    public record Axis(long input, long kernel, long output, long stride, long dilation, long padBegin, long padEnd) {
        private long start(long window) {
            return window * stride - padBegin;
        }

        private long firstTap(long window) {
            long start = start(window);
            return start >= 0 ? 0 : -Math.floorDiv(start, dilation);
        }

        /** The last tap before a position; negative if there is none. */
        private long lastTapBefore(long window, long position) {
            return Math.min(kernel - 1, Math.floorDiv(position - 1 - start(window), dilation));
        }
    }

    /** Sees the elements of a window that are inside the input. */
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
     * The spatial dimensions of the result of a window operator, as far as they are known.
     *
     * @param window how the window slides
     * @param c the node, for errors
     * @param x the shape of the input, of rank 3 or more
     * @param kernel the spatial dimensions of the window, as many as the input has
     * @return the dimensions
     * @throws dev.tenon.error.InvalidOperandException if the attributes do not fit the shapes, or the window is larger than
     *     the padded input
     */
    public static List<Dim> infer(WindowAttributes window, InferContext c, Shape x, List<Dim> kernel) {
        int axes = x.rank() - 2;
        checkLength(c, x, "kernel_shape", window.kernelShape(), axes);
        checkLength(c, x, "strides", window.strides(), axes);
        checkLength(c, x, "dilations", window.dilations(), axes);
        checkLength(c, x, "pads", window.pads(), 2 * axes);
        List<Dim> output = new ArrayList<>();
        for (int i = 0; i < axes; i++) {
            output.add(inferAxis(window, c, x, i, kernel.get(i)));
        }
        return output;
    }

    private static void checkLength(InferContext c, Shape x, String name, List<Long> values, int length) {
        if (!values.isEmpty() && values.size() != length) {
            throw c.error("attribute '" + name + "' is " + values, length + " numbers for input " + x, null);
        }
    }

    private static Dim inferAxis(WindowAttributes window, InferContext c, Shape x, int i, Dim kernel) {
        Dim one = Dim.of(1);
        Dim stride = Dim.of(at(window.strides(), i, 1));
        Dim in = x.dim(i + 2);
        if (window.autoPad() == AutoPad.SAME_UPPER || window.autoPad() == AutoPad.SAME_LOWER) {
            return in.ceilDiv(stride);
        }
        boolean explicit = window.autoPad() == AutoPad.NOTSET;
        Dim begin = Dim.of(explicit ? at(window.pads(), i, 0) : 0);
        Dim end = Dim.of(explicit ? at(window.pads(), i + x.rank() - 2, 0) : 0);
        Dim extent =
                kernel.minus(one).times(Dim.of(at(window.dilations(), i, 1))).plus(one);
        Dim room = in.plus(begin).plus(end).minus(extent);
        if (room.isKnown() && room.value() < 0) {
            throw c.error(
                    "the window covers " + extent + " elements of spatial axis " + i + " of input " + x,
                    "at most " + in.plus(begin).plus(end) + ", padding included",
                    null);
        }
        if (!explicit || !window.ceilMode()) {
            return room.floorDiv(stride).plus(one);
        }
        return room.ceilDiv(stride).plus(one).min(in.plus(begin).ceilDiv(stride));
    }

    /**
     * The windows over an input of known dimensions that {@link #infer} has accepted.
     *
     * @param window how the window slides
     * @param input the spatial dimensions of the input
     * @param kernel the spatial dimensions of the window
     * @param output the spatial dimensions of the result, as {@link #infer} gives them
     * @return the grid of windows
     */
    public static WindowGrid of(WindowAttributes window, long[] input, long[] kernel, long[] output) {
        int axes = input.length;
        List<Axis> grid = new ArrayList<>();
        for (int i = 0; i < axes; i++) {
            long stride = at(window.strides(), i, 1);
            long dilation = at(window.dilations(), i, 1);
            long begin = 0;
            long end = 0;
            if (window.autoPad() == AutoPad.NOTSET) {
                begin = at(window.pads(), i, 0);
                end = at(window.pads(), i + axes, 0);
            } else if (window.autoPad() != AutoPad.VALID) {
                long total = Math.max(0, (output[i] - 1) * stride + (kernel[i] - 1) * dilation + 1 - input[i]);
                begin = window.autoPad() == AutoPad.SAME_UPPER ? total / 2 : total - total / 2;
                end = total - begin;
            }
            grid.add(new Axis(input[i], kernel[i], output[i], stride, dilation, begin, end));
        }
        return new WindowGrid(grid);
    }

    private static long at(List<Long> values, int i, long standard) {
        return values.isEmpty() ? standard : values.get(i);
    }

    /**
     * The windows of the convolution that a transposed convolution is the adjoint of: from its result to its input.
     *
     * @param window how the kernel slides over the result
     * @param outputPadding elements added after each spatial axis; none if empty
     * @param outputShape the spatial dimensions of the result that its padding follows from; empty if the padding is given
     * @param input the spatial dimensions of the input
     * @param kernel the spatial dimensions of the kernel
     * @param output the spatial dimensions of the result
     * @return a grid over the result, with a window for each element of the input
     */
    public static WindowGrid transposed(
            WindowAttributes window,
            List<Long> outputPadding,
            List<Long> outputShape,
            long[] input,
            long[] kernel,
            long[] output) {
        List<Axis> axes = new ArrayList<>();
        AutoPad auto = window.autoPad();
        boolean fromShape = !outputShape.isEmpty() || auto == AutoPad.SAME_UPPER || auto == AutoPad.SAME_LOWER;
        for (int i = 0; i < input.length; i++) {
            long stride = at(window.strides(), i, 1);
            long dilation = at(window.dilations(), i, 1);
            long begin = 0;
            long end = 0;
            if (fromShape) {
                long reach = stride * (input[i] - 1) + at(outputPadding, i, 0) + (kernel[i] - 1) * dilation + 1;
                long total = Math.max(0, reach - output[i]);
                begin = auto == AutoPad.SAME_UPPER ? total / 2 : total - total / 2;
                end = total - begin;
            } else if (auto == AutoPad.NOTSET) {
                begin = at(window.pads(), i, 0);
                end = at(window.pads(), i + input.length, 0);
            }
            axes.add(new Axis(output[i], kernel[i], input[i], stride, dilation, begin, end));
        }
        return new WindowGrid(axes);
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
     * Visits the elements of a window that are inside the input, in row-major order.
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
     * The number of elements of a window that are inside the input or its padding.
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

package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The attributes that convolution and pooling share: how a window slides over the spatial axes, those after the second.
 * An empty list stands for an attribute that is not given.
 *
 * @param autoPad how the padding is found
 * @param kernelShape the size of the window along each spatial axis, each at least 1
 * @param strides the steps of the window, each at least 1; all 1 if not given
 * @param pads the padding before each spatial axis, then that behind each, each at least 0; all 0 if not given
 * @param dilations the distances of neighbouring elements of the window, each at least 1; all 1 if not given
 * @param ceilMode whether a last window that overhangs the padded input counts, unless it begins behind the input
 */
public record SlidingWindow(
        AutoPad autoPad,
        List<Long> kernelShape,
        List<Long> strides,
        List<Long> pads,
        List<Long> dilations,
        boolean ceilMode) {
    /** How the padding is found. */
    public enum AutoPad {
        /** By the attribute pads. */
        NOTSET,
        /** As much as makes {@code ceil(input / stride)} windows, an odd element at the end. */
        SAME_UPPER,
        /** As much as makes {@code ceil(input / stride)} windows, an odd element at the beginning. */
        SAME_LOWER,
        /** None. */
        VALID
    }

    /**
     * A window.
     *
     * @param autoPad how the padding is found
     * @param kernelShape the size of the window along each spatial axis
     * @param strides the steps of the window
     * @param pads the padding before each spatial axis, then that behind each
     * @param dilations the distances of neighbouring elements of the window
     * @param ceilMode whether a last window that overhangs counts
     */
    public SlidingWindow {
        kernelShape = List.copyOf(kernelShape);
        strides = List.copyOf(strides);
        pads = List.copyOf(pads);
        dilations = List.copyOf(dilations);
    }

    /**
     * The window that the attributes auto_pad, kernel_shape, strides, pads, dilations and ceil_mode describe.
     *
     * @param schema the operator, for errors
     * @param a its attributes
     * @return the window
     * @throws InvalidOperandException if a value is outside of what is allowed
     */
    public static SlidingWindow of(OpSchema schema, Attributes a) {
        String name = a.string("auto_pad", AutoPad.NOTSET.name());
        AutoPad autoPad = Arrays.stream(AutoPad.values())
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidOperandException(
                        schema.qualifiedName(),
                        "attribute 'auto_pad' is '" + name + "'",
                        "NOTSET, SAME_UPPER, SAME_LOWER, VALID",
                        null));
        return new SlidingWindow(
                autoPad,
                list(schema, a, "kernel_shape", 1),
                list(schema, a, "strides", 1),
                list(schema, a, "pads", 0),
                list(schema, a, "dilations", 1),
                a.flag("ceil_mode", false));
    }

    private static List<Long> list(OpSchema schema, Attributes a, String name, long least) {
        List<Long> values = a.integers(name);
        if (values == null) {
            return List.of();
        }
        for (long v : values) {
            if (v < least) {
                throw new InvalidOperandException(
                        schema.qualifiedName(),
                        "attribute '" + name + "' is " + values,
                        "numbers of at least " + least,
                        null);
            }
        }
        return values;
    }

    /**
     * The attributes from which {@link #of} makes this window.
     *
     * @return the attributes, those at their default left out
     */
    public Attributes attributes() {
        return Attributes.none()
                .unless("auto_pad", autoPad.name(), AutoPad.NOTSET.name())
                .unless("kernel_shape", kernelShape, List.of())
                .unless("strides", strides, List.of())
                .unless("pads", pads, List.of())
                .unless("dilations", dilations, List.of())
                .unless("ceil_mode", ceilMode, false);
    }

    /**
     * The spatial dimensions of the output.
     *
     * @param c the node, for errors
     * @param x the shape of the input, of rank 3 or more
     * @param kernel the spatial dimensions of the kernel, as many as the input has
     * @return the dimensions
     * @throws InvalidOperandException if the attributes do not fit the shapes, or the window is larger than the padded
     *     input
     */
    public List<Dim> infer(InferContext c, Shape x, List<Dim> kernel) {
        int axes = x.rank() - 2;
        checkLength(c, x, "kernel_shape", kernelShape, axes);
        checkLength(c, x, "strides", strides, axes);
        checkLength(c, x, "dilations", dilations, axes);
        checkLength(c, x, "pads", pads, 2 * axes);
        List<Dim> output = new ArrayList<>();
        for (int i = 0; i < axes; i++) {
            output.add(inferAxis(c, x, i, kernel.get(i)));
        }
        return output;
    }

    private static void checkLength(InferContext c, Shape x, String name, List<Long> values, int length) {
        if (!values.isEmpty() && values.size() != length) {
            throw c.error("attribute '" + name + "' is " + values, length + " numbers for input " + x, null);
        }
    }

    private Dim inferAxis(InferContext c, Shape x, int i, Dim kernel) {
        Dim one = Dim.of(1);
        Dim stride = Dim.of(at(strides, i, 1));
        Dim in = x.dim(i + 2);
        if (autoPad == AutoPad.SAME_UPPER || autoPad == AutoPad.SAME_LOWER) {
            return in.ceilDiv(stride);
        }
        boolean explicit = autoPad == AutoPad.NOTSET;
        Dim begin = Dim.of(explicit ? at(pads, i, 0) : 0);
        Dim end = Dim.of(explicit ? at(pads, i + x.rank() - 2, 0) : 0);
        Dim extent = kernel.minus(one).times(Dim.of(at(dilations, i, 1))).plus(one);
        Dim room = in.plus(begin).plus(end).minus(extent);
        if (room.isKnown() && room.value() < 0) {
            throw c.error(
                    "the window covers " + extent + " elements of spatial axis " + i + " of input " + x,
                    "at most " + in.plus(begin).plus(end) + ", padding included",
                    null);
        }
        if (!explicit || !ceilMode) {
            return room.floorDiv(stride).plus(one);
        }
        return room.ceilDiv(stride).plus(one).min(in.plus(begin).ceilDiv(stride));
    }

    /**
     * The window over an input of known dimensions that {@link #infer} has accepted.
     *
     * @param input the spatial dimensions of the input
     * @param kernel the spatial dimensions of the kernel
     * @param output the spatial dimensions of the output, as {@link #infer} gives them
     * @return the grid of windows
     */
    public WindowGrid grid(long[] input, long[] kernel, long[] output) {
        int axes = input.length;
        List<WindowGrid.Axis> grid = new ArrayList<>();
        for (int i = 0; i < axes; i++) {
            long stride = at(strides, i, 1);
            long dilation = at(dilations, i, 1);
            long begin = 0;
            long end = 0;
            if (autoPad == AutoPad.NOTSET) {
                begin = at(pads, i, 0);
                end = at(pads, i + axes, 0);
            } else if (autoPad != AutoPad.VALID) {
                long total = Math.max(0, (output[i] - 1) * stride + (kernel[i] - 1) * dilation + 1 - input[i]);
                begin = autoPad == AutoPad.SAME_UPPER ? total / 2 : total - total / 2;
                end = total - begin;
            }
            grid.add(new WindowGrid.Axis(input[i], kernel[i], output[i], stride, dilation, begin, end));
        }
        return new WindowGrid(grid);
    }

    private static long at(List<Long> values, int i, long standard) {
        return values.isEmpty() ? standard : values.get(i);
    }
}

package dev.tenon.op;

import dev.tenon.error.InvalidOperandException;
import java.util.Arrays;
import java.util.List;

/**
 * The attributes that convolution and pooling share. They say how a window slides over the spatial axes, which are all
 * axes after the second. An empty list stands for an attribute that is not given.
 *
 * @param autoPad how the padding is found
 * @param kernelShape the size of the window along each spatial axis, each at least 1
 * @param strides the steps of the window, each at least 1; all 1 if not given
 * @param pads the padding before each spatial axis, then the padding after each, each at least 0; all 0 if not given
 * @param dilations the distances of neighbouring elements of the window, each at least 1; all 1 if not given
 * @param ceilMode whether a last window counts that reaches beyond the padded input, unless it begins after the input
 */
public record WindowAttributes(
        AutoPad autoPad,
        List<Long> kernelShape,
        List<Long> strides,
        List<Long> pads,
        List<Long> dilations,
        boolean ceilMode) {
    /** The way in which the padding is found. */
    public enum AutoPad {
        /** By the attribute pads. */
        NOTSET,
        /** As much padding as makes {@code ceil(input / stride)} windows; an odd element goes to the end. */
        SAME_UPPER,
        /** As much padding as makes {@code ceil(input / stride)} windows; an odd element goes to the beginning. */
        SAME_LOWER,
        /** No padding. */
        VALID
    }

    /**
     * A window.
     *
     * @param autoPad how the padding is found
     * @param kernelShape the size of the window along each spatial axis
     * @param strides the steps of the window
     * @param pads the padding before each spatial axis, then the padding after each
     * @param dilations the distances of neighbouring elements of the window
     * @param ceilMode whether a last window counts that reaches beyond the padded input
     */
    public WindowAttributes {
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
     * @throws InvalidOperandException if a value is not allowed
     */
    public static WindowAttributes of(OpSchema schema, Attributes a) {
        String name = a.string("auto_pad", AutoPad.NOTSET.name());
        AutoPad autoPad = Arrays.stream(AutoPad.values())
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidOperandException(
                        schema.qualifiedName(),
                        "attribute 'auto_pad' is '" + name + "'",
                        "NOTSET, SAME_UPPER, SAME_LOWER, VALID",
                        null));
        return new WindowAttributes(
                autoPad,
                list(schema, a, "kernel_shape", 1),
                list(schema, a, "strides", 1),
                list(schema, a, "pads", 0),
                list(schema, a, "dilations", 1),
                a.flag("ceil_mode", false));
    }

    private static List<Long> list(OpSchema schema, Attributes a, String name, long least) {
        List<Long> values = a.integers(name, List.of());
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
     * The attributes of this window; {@link #of} makes an equal window of them.
     *
     * @return the attributes, without those at their default
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
}

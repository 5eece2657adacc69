package dev.tenon.kernel.conv;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;

/**
 * A convolution of 8-bit integers with channels last, less their zero points, which a call may find. Sums are exact in int32, or
 * wrap around; they may become float32.
 *
 * @param shape the shape
 * @param signedX whether the input is int8, else uint8
 * @param xZero the operand that is the zero point of the input, a scalar, or -1
 * @param w the weights
 * @param layout the layout of the weights
 * @param floatOutput whether the sums are rounded to float32, else the output is int32
 * @param y where the results go; the epilogue works on a float32 output
 * @param pixelStride elements from the channels of a pixel of the result to those of the next pixel
 */
public record ChannelsLastIntegerConvProblem(
        ConvShape shape,
        boolean signedX,
        int xZero,
        IntegerConvProblem.Weights w,
        Layout layout,
        boolean floatOutput,
        OutputPlace y,
        int pixelStride)
        implements ByteConvProblem {
    /**
     * The output channels of all groups.
     *
     * @return at least 1
     */
    public int allOutputs() {
        return groups() * outputChannels();
    }

    /**
     * The size of the input.
     *
     * @return bytes
     */
    public long inputBytes() {
        return instances() * window().pixels() * groups() * inputChannels();
    }

    /**
     * The elements from the first result to the last one.
     *
     * @return at least 1
     */
    public long results() {
        return (instances() * window().windows() - 1) * pixelStride + allOutputs();
    }

    /**
     * The same convolution with a float32 output.
     *
     * @param place where it goes, and the work on finished blocks
     * @return the problem
     */
    public ChannelsLastIntegerConvProblem toFloats(OutputPlace place) {
        return new ChannelsLastIntegerConvProblem(shape, signedX, xZero, w, layout, true, place, pixelStride);
    }

    /**
     * The same convolution with a result that is a slice of the channels of a larger tensor.
     *
     * @param stride elements from the channels of a pixel to those of the next pixel
     * @return the problem
     */
    public ChannelsLastIntegerConvProblem withPixelStride(int stride) {
        return new ChannelsLastIntegerConvProblem(shape, signedX, xZero, w, layout, floatOutput, y, stride);
    }
}

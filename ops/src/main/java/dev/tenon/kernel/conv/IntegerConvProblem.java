package dev.tenon.kernel.conv;

import dev.tenon.kernel.Window2d;

/**
 * A convolution of 8-bit integers. The zero points are subtracted first; sums are int32 and wrap around; they may be
 * requantised to 8 bits. Operands are given by their index, or -1 for those that are absent.
 *
 * @param window the windows
 * @param instances the batch size
 * @param groups the number of groups of channels
 * @param inputChannels input channels of a group
 * @param outputChannels output channels of a group
 * @param signedX whether the input is int8, else uint8
 * @param signedW whether the weights are int8, else uint8
 * @param xZero the operand that is the zero point of the input, a scalar
 * @param weights the operand that is the weights
 * @param weightZero the operand that is the zero point of the weights
 * @param weightZeroPerChannel whether each output channel has a zero point of the weights, else one is for all
 * @param requantisation how the sums become 8-bit integers, or null if the output is int32
 * @param output the operand that is the output
 */
public record IntegerConvProblem(
        Window2d window,
        int instances,
        int groups,
        int inputChannels,
        int outputChannels,
        boolean signedX,
        boolean signedW,
        int xZero,
        int weights,
        int weightZero,
        boolean weightZeroPerChannel,
        Requantisation requantisation,
        int output) {
    /**
     * How sums become 8-bit integers, as QLinearConv defines it.
     *
     * @param xScale the operand that is the scale of the input, a scalar
     * @param weightScale the operand that is the scale of the weights
     * @param weightScalePerChannel whether each output channel has a scale of the weights, else one is for all
     * @param yScale the operand that is the scale of the output, a scalar
     * @param yZero the operand that is the zero point of the output, a scalar
     * @param bias the operand that is the bias, one int32 for each output channel
     * @param signedY whether the output is int8, else uint8
     */
    public record Requantisation(
            int xScale,
            int weightScale,
            boolean weightScalePerChannel,
            int yScale,
            int yZero,
            int bias,
            boolean signedY) {}

    /**
     * The number of multiply-adds of an output plane.
     *
     * @return at least 1
     */
    public double planeMultiplyAdds() {
        return (double) inputChannels * window.taps() * window.windows();
    }

    /**
     * The number of output planes.
     *
     * @return at least 1
     */
    public long planes() {
        return (long) instances * groups * outputChannels;
    }
}

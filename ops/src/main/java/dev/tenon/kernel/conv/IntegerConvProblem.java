package dev.tenon.kernel.conv;

import dev.tenon.kernel.Window2d;

/**
 * A convolution of 8-bit integers less their zero points, its sums in int32 with wrap-around, quantised again or not.
 * Numbers of operands are their indices, -1 for those that are not there.
 *
 * @param window the windows
 * @param instances the number of instances
 * @param groups the number of groups of channels
 * @param inputs channels of the input in a group
 * @param outputs channels of the output in a group
 * @param signedX whether the input is int8, else uint8
 * @param signedW whether the weights are int8, else uint8
 * @param xZero the operand that is the zero point of the input, a scalar
 * @param w the operand that is the weights
 * @param wZero the operand that is the zero point of the weights
 * @param zeroPerChannel whether there is one for each output channel
 * @param quantised how the sums become 8-bit integers, or null if they are the output
 * @param output the operand that is the output
 */
public record IntegerConvProblem(
        Window2d window,
        int instances,
        int groups,
        int inputs,
        int outputs,
        boolean signedX,
        boolean signedW,
        int xZero,
        int w,
        int wZero,
        boolean zeroPerChannel,
        Requantisation quantised,
        int output) {
    /**
     * How sums become 8-bit integers, as in QLinearConv.
     *
     * @param xScale the operand that is the scale of the input, a scalar
     * @param wScale the operand that is the scale of the weights
     * @param scalePerChannel whether there is one for each output channel
     * @param yScale the operand that is the scale of the output, a scalar
     * @param yZero the operand that is the zero point of the output, a scalar
     * @param bias the operand that is the bias, int32 for each output channel
     * @param signedY whether the output is int8, else uint8
     */
    public record Requantisation(
            int xScale, int wScale, boolean scalePerChannel, int yScale, int yZero, int bias, boolean signedY) {}

    /**
     * The multiplications of a plane of the output.
     *
     * @return at least 1
     */
    public double planeWork() {
        return (double) inputs * window.taps() * window.windows();
    }

    /**
     * The planes of the output.
     *
     * @return at least 1
     */
    public long planes() {
        return (long) instances * groups * outputs;
    }
}

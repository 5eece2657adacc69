package dev.tenon.kernel.conv;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Window2d;

/**
 * A convolution of bytes with channels last, requantised to bytes, as QLinearConv defines it. If the weights are packed, all
 * operands but the input are constants, and the packed weights hold bias and scales too. Otherwise the zero points of this
 * record mean nothing.
 *
 * @param window the windows
 * @param instances the batch size
 * @param groups the number of groups of channels
 * @param inputChannels input channels of a group
 * @param outputChannels output channels of a group
 * @param signedX whether the input is int8, else uint8
 * @param xZero the zero point of the input
 * @param signedW whether the weights are int8, else uint8
 * @param signedY whether the output is int8, else uint8
 * @param yZero the zero point of the output
 * @param hasBias whether there is a bias
 * @param weights the operand that is the weights
 * @param layout their layout
 * @param output the operand that is the output
 * @param residual what is added to the results, or null
 */
public record QuantizedConvProblem(
        Window2d window,
        int instances,
        int groups,
        int inputChannels,
        int outputChannels,
        boolean signedX,
        int xZero,
        boolean signedW,
        boolean signedY,
        int yZero,
        boolean hasBias,
        int weights,
        Layout layout,
        int output,
        QuantizedResidual residual) {
    /**
     * A convolution whose results are not added to others.
     *
     * @param window the windows
     * @param instances the batch size
     * @param groups the number of groups of channels
     * @param inputChannels input channels of a group
     * @param outputChannels output channels of a group
     * @param signedX whether the input is int8, else uint8
     * @param xZero the zero point of the input
     * @param signedW whether the weights are int8, else uint8
     * @param signedY whether the output is int8, else uint8
     * @param yZero the zero point of the output
     * @param hasBias whether there is a bias
     * @param weights the operand that is the weights
     * @param layout their layout
     * @param output the operand that is the output
     */
    public QuantizedConvProblem(
            Window2d window,
            int instances,
            int groups,
            int inputChannels,
            int outputChannels,
            boolean signedX,
            int xZero,
            boolean signedW,
            boolean signedY,
            int yZero,
            boolean hasBias,
            int weights,
            Layout layout,
            int output) {
        this(
                window,
                instances,
                groups,
                inputChannels,
                outputChannels,
                signedX,
                xZero,
                signedW,
                signedY,
                yZero,
                hasBias,
                weights,
                layout,
                output,
                null);
    }

    /**
     * The same convolution with a sum.
     *
     * @param added what is added to the results, or null
     * @return the problem
     */
    public QuantizedConvProblem withResidual(QuantizedResidual added) {
        return new QuantizedConvProblem(
                window,
                instances,
                groups,
                inputChannels,
                outputChannels,
                signedX,
                xZero,
                signedW,
                signedY,
                yZero,
                hasBias,
                weights,
                layout,
                output,
                added);
    }

    /**
     * The input channels of all groups.
     *
     * @return at least 1
     */
    public int allInputs() {
        return groups * inputChannels;
    }

    /**
     * The output channels of all groups.
     *
     * @return at least 1
     */
    public int allOutputs() {
        return groups * outputChannels;
    }

    /**
     * The size of the input.
     *
     * @return bytes
     */
    public long inputBytes() {
        return instances * window.pixels() * allInputs();
    }

    /**
     * The size of the output.
     *
     * @return bytes
     */
    public long outputBytes() {
        return instances * window.windows() * allOutputs();
    }

    /**
     * Whether each output channel sees one input channel of its own.
     *
     * @return true if it is depthwise
     */
    public boolean isDepthwise() {
        return groups > 1 && inputChannels == 1 && outputChannels == 1;
    }
}

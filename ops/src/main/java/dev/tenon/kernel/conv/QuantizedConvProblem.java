package dev.tenon.kernel.conv;

import dev.tenon.kernel.Layout;

/**
 * A convolution of bytes with channels last, requantised to bytes, as QLinearConv defines it. If the weights are packed, all
 * operands but the input are constants, and the packed weights hold bias and scales too. Otherwise the zero points of this
 * record mean nothing.
 *
 * @param shape the shape
 * @param x the input
 * @param signedW whether the weights are int8, else uint8
 * @param weights the operand that is the weights
 * @param layout their layout
 * @param hasBias whether there is a bias
 * @param y the output
 * @param output the operand that is the output
 * @param residual what is added to the results, or null
 */
public record QuantizedConvProblem(
        ConvShape shape,
        Bytes x,
        boolean signedW,
        int weights,
        Layout layout,
        boolean hasBias,
        Bytes y,
        int output,
        QuantizedResidual residual)
        implements ByteConvProblem {
    /**
     * Bytes with a zero point.
     *
     * @param signed whether they are int8, else uint8
     * @param zero the zero point
     */
    public record Bytes(boolean signed, int zero) {}

    /** {@return whether the input is int8, else uint8} */
    public boolean signedX() {
        return x.signed();
    }

    /** {@return the zero point of the input} */
    public int xZero() {
        return x.zero();
    }

    /** {@return whether the output is int8, else uint8} */
    public boolean signedY() {
        return y.signed();
    }

    /** {@return the zero point of the output} */
    public int yZero() {
        return y.zero();
    }

    /**
     * The same convolution with a sum.
     *
     * @param added what is added to the results, or null
     * @return the problem
     */
    public QuantizedConvProblem withResidual(QuantizedResidual added) {
        return new QuantizedConvProblem(shape, x, signedW, weights, layout, hasBias, y, output, added);
    }

    /**
     * The input channels of all groups.
     *
     * @return at least 1
     */
    public int allInputs() {
        return groups() * inputChannels();
    }

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
        return instances() * window().pixels() * allInputs();
    }

    /**
     * The size of the output.
     *
     * @return bytes
     */
    public long outputBytes() {
        return instances() * window().windows() * allOutputs();
    }

    /**
     * Whether each output channel sees one input channel of its own.
     *
     * @return true if it is depthwise
     */
    public boolean isDepthwise() {
        return groups() > 1 && inputChannels() == 1 && outputChannels() == 1;
    }
}

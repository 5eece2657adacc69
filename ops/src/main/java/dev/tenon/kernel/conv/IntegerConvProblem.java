package dev.tenon.kernel.conv;

/**
 * A convolution of 8-bit integers. The zero points are subtracted first; sums are int32 and wrap around; they may be
 * requantised to 8 bits. Operands are given by their index, or -1 for those that are absent.
 *
 * @param shape the shape
 * @param signedX whether the input is int8, else uint8
 * @param xZero the operand that is the zero point of the input, a scalar
 * @param w the weights
 * @param requantisation how the sums become 8-bit integers, or null if the output is int32
 * @param output the operand that is the output
 */
public record IntegerConvProblem(
        ConvShape shape, boolean signedX, int xZero, Weights w, Requantisation requantisation, int output)
        implements ByteConvProblem {
    /**
     * The weights of a convolution.
     *
     * @param operand the operand that is the weights
     * @param signed whether they are int8, else uint8
     * @param zero the operand that is their zero point
     * @param zeroPerChannel whether each output channel has a zero point of the weights, else one is for all
     */
    public record Weights(int operand, boolean signed, int zero, boolean zeroPerChannel) {}

    /** {@return whether the weights are int8, else uint8} */
    public boolean signedW() {
        return w.signed();
    }

    /** {@return the operand that is the weights} */
    public int weights() {
        return w.operand();
    }

    /** {@return the operand that is the zero point of the weights} */
    public int weightZero() {
        return w.zero();
    }

    /** {@return whether each output channel has a zero point of the weights} */
    public boolean weightZeroPerChannel() {
        return w.zeroPerChannel();
    }

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
        return (double) inputChannels() * window().taps() * window().windows();
    }

    /**
     * The number of output planes.
     *
     * @return at least 1
     */
    public long planes() {
        return (long) instances() * groups() * outputChannels();
    }
}

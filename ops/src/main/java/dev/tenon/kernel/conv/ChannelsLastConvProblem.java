package dev.tenon.kernel.conv;

/**
 * A convolution of float32 images in the channels-last layout (NHWC), {@code [n, h, w, c]}.
 *
 * @param conv the convolution
 * @param weights how the weights are packed, or null for row-major ones, {@code [m, c, h, w]}
 * @param residual the index among the operands of a tensor of the result's shape that is added to the result, or -1
 * @param lower the sum is clamped to this lower bound before the epilogue; -infinity for none
 * @param upper the sum is clamped to this upper bound before the epilogue; +infinity for none. NaN stays NaN
 * @param pixelStride elements from the channels of a pixel of the result to those of the next pixel
 */
public record ChannelsLastConvProblem(
        ConvProblem conv,
        ChannelsLastWeightLayout.Form weights,
        int residual,
        float lower,
        float upper,
        int pixelStride) {
    /**
     * A convolution with neither residual nor bounds.
     *
     * @param conv the convolution
     * @param weights how the weights are packed, or null for row-major ones
     */
    public ChannelsLastConvProblem(ConvProblem conv, ChannelsLastWeightLayout.Form weights) {
        this(
                conv,
                weights,
                -1,
                Float.NEGATIVE_INFINITY,
                Float.POSITIVE_INFINITY,
                Math.multiplyExact(conv.groups(), conv.outputChannels()));
    }

    /**
     * Whether the result is clamped.
     *
     * @return true if there is a bound
     */
    public boolean isBounded() {
        return lower != Float.NEGATIVE_INFINITY || upper != Float.POSITIVE_INFINITY;
    }

    /**
     * The same convolution with other bounds.
     *
     * @param newLower the lower bound
     * @param newUpper the upper bound
     * @return the problem
     */
    public ChannelsLastConvProblem withBounds(float newLower, float newUpper) {
        return new ChannelsLastConvProblem(conv, weights, residual, newLower, newUpper, pixelStride);
    }

    /**
     * The same convolution with a result that is a slice of the channels of a larger tensor.
     *
     * @param stride elements from the channels of a pixel to those of the next pixel
     * @param lanes the number of lanes of a vector
     * @return the problem, or null if there is a residual or an epilogue, or the channels are not whole vectors
     */
    public ChannelsLastConvProblem withPixelStride(int stride, int lanes) {
        return residual < 0 && conv.epilogue() == null && conv.outputChannels() % lanes == 0
                ? new ChannelsLastConvProblem(conv, weights, residual, lower, upper, stride)
                : null;
    }

    /**
     * The same convolution with a residual.
     *
     * @param operand the index of the residual among the operands, or -1
     * @return the problem
     */
    public ChannelsLastConvProblem withResidual(int operand) {
        return new ChannelsLastConvProblem(conv, weights, operand, lower, upper, pixelStride);
    }
}

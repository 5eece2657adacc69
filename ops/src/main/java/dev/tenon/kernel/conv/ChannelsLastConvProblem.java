package dev.tenon.kernel.conv;

/**
 * A convolution of float32 planes whose channels lie last: {@code [n, h, w, c]}.
 *
 * @param conv the convolution
 * @param weights how the weights lie, or null for row-major ones, {@code [m, c, h, w]}
 * @param residual the index among the operands of what is added to the result, which has its shape, or -1
 * @param least what smaller elements of the sum become before the epilogue, -infinity to leave them
 * @param greatest what greater ones become then, +infinity to leave them; NaN stays
 * @param pitch elements from the channels of an element of the result to those of the next one
 */
public record ChannelsLastConvProblem(
        ConvProblem conv, ChannelsLastWeights.Form weights, int residual, float least, float greatest, int pitch) {
    /**
     * A convolution alone.
     *
     * @param conv the convolution
     * @param weights how the weights lie, or null for row-major ones
     */
    public ChannelsLastConvProblem(ConvProblem conv, ChannelsLastWeights.Form weights) {
        this(
                conv,
                weights,
                -1,
                Float.NEGATIVE_INFINITY,
                Float.POSITIVE_INFINITY,
                Math.multiplyExact(conv.groups(), conv.outputs()));
    }

    /**
     * Whether elements of the result are bounded.
     *
     * @return true if there is a bound
     */
    public boolean isBounded() {
        return least != Float.NEGATIVE_INFINITY || greatest != Float.POSITIVE_INFINITY;
    }

    /**
     * The same convolution within bounds.
     *
     * @param low what smaller elements become
     * @param high what greater ones become
     * @return the problem
     */
    public ChannelsLastConvProblem within(float low, float high) {
        return new ChannelsLastConvProblem(conv, weights, residual, low, high, pitch);
    }

    /**
     * The same convolution with a result that is a part of a larger one.
     *
     * @param elements from the channels of an element to those of the next one
     * @param lanes the elements of a vector
     * @return the problem, or null if something is done with the result, or its channels are not whole vectors
     */
    public ChannelsLastConvProblem apart(int elements, int lanes) {
        return residual < 0 && conv.epilogue() == null && conv.outputs() % lanes == 0
                ? new ChannelsLastConvProblem(conv, weights, residual, least, greatest, elements)
                : null;
    }

    /**
     * The same convolution with something added to it.
     *
     * @param operand its index among the operands, or -1
     * @return the problem
     */
    public ChannelsLastConvProblem plus(int operand) {
        return new ChannelsLastConvProblem(conv, weights, operand, least, greatest, pitch);
    }
}

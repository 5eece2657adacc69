package dev.tenon.kernel;

/**
 * A convolution of float32 planes whose channels lie last: {@code [n, h, w, c]}.
 *
 * @param conv the convolution
 * @param weights how the weights lie, or null for row-major ones, {@code [m, c, h, w]}
 * @param least what smaller elements of the result become before the epilogue, -infinity to leave them
 * @param greatest what greater ones become then, +infinity to leave them; NaN stays
 */
public record ChannelsLastConvProblem(ConvProblem conv, ChannelsLastWeights.Form weights, float least, float greatest) {
    /**
     * A convolution alone.
     *
     * @param conv the convolution
     * @param weights how the weights lie, or null for row-major ones
     */
    public ChannelsLastConvProblem(ConvProblem conv, ChannelsLastWeights.Form weights) {
        this(conv, weights, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    /**
     * Whether elements of the result are bounded.
     *
     * @return true if there is a bound
     */
    public boolean isBounded() {
        return least != Float.NEGATIVE_INFINITY || greatest != Float.POSITIVE_INFINITY;
    }
}

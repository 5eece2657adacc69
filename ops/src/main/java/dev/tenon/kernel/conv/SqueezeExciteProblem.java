package dev.tenon.kernel.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.op.math.UnaryFunction;

/**
 * A squeeze-and-excitation block over float32 images: the mean of each channel goes through two small fully connected
 * layers, and the results, the gates, scale the channels. Operands are the image, the weights {@code [squeezed,
 * channels]} and {@code [channels, squeezed]}, an optional bias of each, further operands of the last stage, the
 * result, and the memory that stages share. That memory begins with the gates, {@code [instances, channels]}.
 *
 * @param planes the shape of the image
 * @param squeezedChannels the outputs of the first layer, at least 1
 * @param packed whether the weights are packed as {@link #weightLayout} says, else row-major
 * @param firstBias the index of the bias of the first layer among the operands, or -1
 * @param secondBias the index of the bias of the second layer among the operands, or -1
 * @param squeeze the activation of the first layer
 * @param excite the activation of the second layer, which makes the gates
 * @param scale the last stage, which multiplies the image by the gates
 */
public record SqueezeExciteProblem(
        Planes planes,
        int squeezedChannels,
        boolean packed,
        int firstBias,
        int secondBias,
        UnaryFunction squeeze,
        UnaryFunction excite,
        Kernel scale) {
    /**
     * Vectors of channels are padded to a multiple of this number of elements, which is a multiple of the granule of
     * every activation loop.
     */
    public static final int CHANNEL_MULTIPLE = 64;

    /**
     * The shape {@code [instances, channels, pixels]}, or {@code [instances, pixels, channels]}.
     *
     * @param instances the batch size, at least 1
     * @param channels the number of channels, at least 1
     * @param pixels the pixels of an instance, at least 1
     * @param channelsLast whether the channels of a pixel are neighbours in memory
     */
    public record Planes(int instances, int channels, long pixels, boolean channelsLast) {
        /**
         * The number of elements of an instance.
         *
         * @return at least 1
         */
        public long elements() {
            return channels * pixels;
        }
    }

    /**
     * The loops of the two activations.
     *
     * @param squeeze the loop of the first layer's activation
     * @param excite the loop of the second layer's activation
     */
    public record Loops(UnaryLoop squeeze, UnaryLoop excite) {}

    /**
     * The layout of packed weights.
     *
     * @param lanes the float32 lanes of a vector
     * @return panels of one vector a row
     */
    public static Layout weightLayout(int lanes) {
        return new ChannelsLastWeightLayout(ChannelsLastWeightLayout.Form.PANELS, lanes);
    }

    /**
     * A number of channels, rounded up to whole padded vectors.
     *
     * @param channels the number
     * @return a multiple of {@link #CHANNEL_MULTIPLE}
     */
    public static int paddedChannels(int channels) {
        return Math.ceilDiv(channels, CHANNEL_MULTIPLE) * CHANNEL_MULTIPLE;
    }
}

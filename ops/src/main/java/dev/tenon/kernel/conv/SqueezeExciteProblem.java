package dev.tenon.kernel.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.op.math.UnaryFunction;

/**
 * Gates on the channels of float32 planes. Operands are the planes, the weights {@code [squeezed, channels]} and
 * {@code [channels, squeezed]}, perhaps a bias of each, what else the last stage reads, the result, and what stages share:
 * it begins with the gates, {@code [instances, channels]}.
 *
 * @param planes the planes
 * @param squeezed the number of values between the two products, at least 1
 * @param packed whether the weights lie in panels, as {@link #weights} says, else row-major
 * @param firstBias the index of the bias of the first product among the operands, or -1
 * @param secondBias the index of the bias of the second product among the operands, or -1
 * @param squeeze what is done with the first product
 * @param excite what makes gates of the second product
 * @param scale the last stage, which multiplies the planes by the gates
 */
public record SqueezeExciteProblem(
        Planes planes,
        int squeezed,
        boolean packed,
        int firstBias,
        int secondBias,
        UnaryFunction squeeze,
        UnaryFunction excite,
        Kernel scale) {
    /** Vectors of channels are padded to a multiple of so many elements, which granules of loops divide. */
    public static final int PADDED = 64;

    /**
     * The planes {@code [instances, channels, pixels]}, or {@code [instances, pixels, channels]}.
     *
     * @param instances the number of instances, at least 1
     * @param channels the number of channels, at least 1
     * @param pixels the elements of a plane, at least 1
     * @param last whether the channels of a pixel lie together
     */
    public record Planes(int instances, int channels, long pixels, boolean last) {
        /**
         * The elements of an instance.
         *
         * @return at least 1
         */
        public long size() {
            return channels * pixels;
        }
    }

    /**
     * A loop over a vector of channels.
     *
     * @param squeeze the loop of the first function
     * @param excite the loop of the second function
     */
    public record Loops(UnaryLoop squeeze, UnaryLoop excite) {}

    /**
     * How weights lie in panels.
     *
     * @param lanes the float32 lanes of a vector
     * @return one vector a row
     */
    public static Layout weights(int lanes) {
        return new ChannelsLastWeights(ChannelsLastWeights.Form.PANELS, lanes);
    }

    /**
     * A number of channels with what a vector of them is padded by.
     *
     * @param channels the number
     * @return a multiple of {@link #PADDED}
     */
    public static int padded(int channels) {
        return Math.ceilDiv(channels, PADDED) * PADDED;
    }
}

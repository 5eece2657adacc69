package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window2d;

/**
 * Pooling of float32 images in the channels-last layout (NHWC), {@code [n, h, w, c]}. Operands are the input and the
 * output.
 *
 * @param window the windows
 * @param instances the batch size
 * @param channels the number of channels
 * @param average whether to compute the average of each window, else its maximum
 * @param countPadding whether averages count padding, as zeros
 */
public record ChannelsLastPoolProblem(
        Window2d window, int instances, int channels, boolean average, boolean countPadding) {
    /**
     * The number of elements that the windows of an image read.
     *
     * @return at least 0
     */
    public double imageWork() {
        return (double) channels * window.windows() * window.taps();
    }
}

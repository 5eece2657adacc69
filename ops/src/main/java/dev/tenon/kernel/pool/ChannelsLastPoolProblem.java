package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window2d;

/**
 * Pooling of float32 planes whose channels lie last: {@code [n, h, w, c]}. Operands are the input and the output.
 *
 * @param window the windows
 * @param instances the number of instances
 * @param channels the number of channels
 * @param average whether the average of each window is wanted, else its maximum
 * @param countPadding whether padding counts in averages, as zeros
 */
public record ChannelsLastPoolProblem(
        Window2d window, int instances, int channels, boolean average, boolean countPadding) {
    /**
     * The elements that are looked at.
     *
     * @return at least 1
     */
    public double work() {
        return (double) instances * channels * window.windows() * window.taps();
    }
}

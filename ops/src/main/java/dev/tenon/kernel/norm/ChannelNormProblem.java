package dev.tenon.kernel.norm;

/**
 * Normalisation of float32 planes {@code [instances, channels, pixels]} with a scale and a bias for each channel, as in
 * BatchNormalization, InstanceNormalization and GroupNormalization. Operands are the input, the scale, the bias, the
 * mean and the variance if {@link #givenStatistics} is set, and the output.
 *
 * @param givenStatistics whether mean and variance are operands, one number for each channel; otherwise the kernel
 *     computes them from the elements of each group
 * @param instances the batch
 * @param channels the number of channels
 * @param groups the number of groups of neighbouring channels that share mean and variance, a divisor of the channels
 * @param pixels the elements of a channel, at least 1
 * @param epsilon added to the variance
 * @param output the index of the output among the operands
 */
public record ChannelNormProblem(
        boolean givenStatistics, long instances, long channels, long groups, long pixels, float epsilon, int output) {
    /**
     * The groups of all instances.
     *
     * @return at least 0
     */
    public long allGroups() {
        return instances * groups;
    }

    /**
     * The channels of a group.
     *
     * @return at least 1
     */
    public long groupChannels() {
        return channels / groups;
    }
}

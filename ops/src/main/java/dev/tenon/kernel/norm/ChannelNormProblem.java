package dev.tenon.kernel.norm;

/**
 * Normalisation of float32 planes {@code [instances, channels, pixels]} with a scale and a bias for each channel.
 * Operands are the input, the scale, the bias, where statistics are given the mean and the variance, and the output.
 *
 * @param given whether mean and variance are operands, one for each channel, else those of the group
 * @param instances the number of instances
 * @param channels the number of channels
 * @param groups the number of groups of neighbouring channels that share statistics, a divisor of the channels
 * @param pixels the elements of a channel, at least 1
 * @param epsilon added to the variance
 * @param output the index of the output among the operands
 */
public record ChannelNormProblem(
        boolean given, long instances, long channels, long groups, long pixels, float epsilon, int output) {
    /**
     * The groups of all instances.
     *
     * @return at least 0
     */
    public long units() {
        return instances * groups;
    }

    /**
     * The channels of a group.
     *
     * @return at least 1
     */
    public long members() {
        return channels / groups;
    }
}

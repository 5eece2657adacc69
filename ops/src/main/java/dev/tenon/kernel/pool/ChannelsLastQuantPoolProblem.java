package dev.tenon.kernel.pool;

/**
 * The greatest bytes of windows, or their averages, with channels last.
 *
 * @param max whether the greatest are asked for, else averages
 * @param pool the windows, and what the operands are
 * @param instances the batch size
 * @param channels the channels
 */
public record ChannelsLastQuantPoolProblem(boolean max, QuantPoolProblem pool, int instances, int channels) {}

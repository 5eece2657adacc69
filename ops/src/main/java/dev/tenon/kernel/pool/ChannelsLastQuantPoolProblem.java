package dev.tenon.kernel.pool;

/**
 * Averages of bytes with channels last.
 *
 * @param pool the windows, and what the operands are
 * @param instances the batch size
 * @param channels the channels
 */
public record ChannelsLastQuantPoolProblem(QuantPoolProblem pool, int instances, int channels) {}

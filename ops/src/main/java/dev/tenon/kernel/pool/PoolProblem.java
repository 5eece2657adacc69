package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window2d;

/**
 * Pooling of float32 planes in the channels-first layout. Operands are the input and the output.
 *
 * @param window the windows
 * @param planes the number of planes
 * @param average whether to compute the average of each window, else its maximum
 * @param countPadding whether averages count padding, as zeros
 */
public record PoolProblem(Window2d window, long planes, boolean average, boolean countPadding) {}

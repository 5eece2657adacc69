package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window2d;

/**
 * Pooling of float32 planes. Operands are the input and the output.
 *
 * @param window the windows
 * @param planes the number of planes
 * @param average whether the average of each window is wanted, else its maximum
 * @param countPadding whether padding counts in averages, as zeros
 */
public record PoolProblem(Window2d window, long planes, boolean average, boolean countPadding) {}

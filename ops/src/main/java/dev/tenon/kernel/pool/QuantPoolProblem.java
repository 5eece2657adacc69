package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window2d;

/**
 * Averages of windows of 8-bit planes, requantised to 8 bits. Operands are those of QLinearAveragePool, then the
 * output.
 *
 * @param window the windows
 * @param planes the number of planes
 * @param countPadding whether to count padding, as zeros; a window is then always divided by all its elements
 * @param signed whether the integers are signed
 * @param hasXZeroPoint whether the input has a zero point
 * @param hasYZeroPoint whether the output has a zero point
 * @param output the index of the output among the operands
 */
public record QuantPoolProblem(
        Window2d window,
        long planes,
        boolean countPadding,
        boolean signed,
        boolean hasXZeroPoint,
        boolean hasYZeroPoint,
        int output) {}

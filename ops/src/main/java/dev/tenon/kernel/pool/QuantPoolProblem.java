package dev.tenon.kernel.pool;

import dev.tenon.kernel.Window2d;

/**
 * Averages of windows of planes of 8-bit integers, quantised again. Operands are those of QLinearAveragePool, then the
 * output.
 *
 * @param window the windows
 * @param planes the number of planes
 * @param countPadding whether padding counts, as zeros: a window is then always divided by all its elements
 * @param signed whether the integers are signed
 * @param xZero whether there is a zero point of the input
 * @param yZero whether there is one of the output
 * @param output the place of the output among the operands
 */
public record QuantPoolProblem(
        Window2d window, long planes, boolean countPadding, boolean signed, boolean xZero, boolean yZero, int output) {}

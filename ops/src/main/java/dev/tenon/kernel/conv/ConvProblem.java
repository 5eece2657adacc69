package dev.tenon.kernel.conv;

import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;

/**
 * A convolution of float32 over planes. Operands are the input, the weights, perhaps a bias, and the output.
 *
 * @param window the windows
 * @param instances the number of instances
 * @param groups the number of groups of channels
 * @param inputs channels of the input in a group
 * @param outputs channels of the output in a group
 * @param bias the index of the bias among the operands, or -1 if there is none
 * @param output the index of the output among the operands
 * @param epilogue what is done to finished blocks of the output, or null
 * @param tile the rows of the tiles that the weights are transformed for, as {@link WinogradLayout} has it, or 0
 */
public record ConvProblem(
        Window2d window,
        int instances,
        int groups,
        int inputs,
        int outputs,
        int bias,
        int output,
        TileEpilogue epilogue,
        int tile) {
    /**
     * A convolution alone, its weights row-major.
     *
     * @param window the windows
     * @param instances the number of instances
     * @param groups the number of groups of channels
     * @param inputs channels of the input in a group
     * @param outputs channels of the output in a group
     * @param bias the index of the bias among the operands, or -1 if there is none
     * @param output the index of the output among the operands
     */
    public ConvProblem(Window2d window, int instances, int groups, int inputs, int outputs, int bias, int output) {
        this(window, instances, groups, inputs, outputs, bias, output, null, 0);
    }

    /**
     * The number of terms of an element of the output.
     *
     * @return at least 1
     */
    public long terms() {
        return inputs * window.taps();
    }

    /**
     * The number of multiplications.
     *
     * @return at least 1
     */
    public double work() {
        return (double) instances * groups * outputs * window.windows() * terms();
    }

    /**
     * The same convolution with a number for each channel that its elements start from.
     *
     * @param operand the index of the numbers among the operands
     * @return the problem
     */
    public ConvProblem withBias(int operand) {
        return new ConvProblem(window, instances, groups, inputs, outputs, operand, output, epilogue, tile);
    }

    /**
     * The same convolution with transformed weights.
     *
     * @param size the rows of a tile
     * @return the problem
     */
    public ConvProblem tiled(int size) {
        return new ConvProblem(window, instances, groups, inputs, outputs, bias, output, epilogue, size);
    }

    /**
     * The same convolution with something done to it at the end.
     *
     * @param work what is done to finished blocks of the output, or null
     * @param place the index of the output among the operands
     * @return the problem
     */
    public ConvProblem then(TileEpilogue work, int place) {
        return new ConvProblem(window, instances, groups, inputs, outputs, bias, place, work, tile);
    }
}

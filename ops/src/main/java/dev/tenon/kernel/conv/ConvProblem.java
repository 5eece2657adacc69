package dev.tenon.kernel.conv;

import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;

/**
 * A convolution of float32 images. Operands are the input, the weights, perhaps a bias, and the output.
 *
 * @param window the windows
 * @param instances the batch size
 * @param groups the number of groups of channels
 * @param inputChannels input channels of a group
 * @param outputChannels output channels of a group
 * @param bias the index of the bias among the operands, or -1 if there is none
 * @param output the index of the output among the operands
 * @param epilogue the work on finished blocks of the output, or null
 */
public record ConvProblem(
        Window2d window,
        int instances,
        int groups,
        int inputChannels,
        int outputChannels,
        int bias,
        int output,
        TileEpilogue epilogue) {
    /**
     * A convolution without epilogue.
     *
     * @param window the windows
     * @param instances the batch size
     * @param groups the number of groups of channels
     * @param inputChannels input channels of a group
     * @param outputChannels output channels of a group
     * @param bias the index of the bias among the operands, or -1 if there is none
     * @param output the index of the output among the operands
     */
    public ConvProblem(
            Window2d window, int instances, int groups, int inputChannels, int outputChannels, int bias, int output) {
        this(window, instances, groups, inputChannels, outputChannels, bias, output, null);
    }

    /**
     * The number of products that are summed into an element of the output.
     *
     * @return at least 1
     */
    public long terms() {
        return inputChannels * window.taps();
    }

    /**
     * The number of multiply-adds of the whole convolution.
     *
     * @return at least 1
     */
    public double multiplyAdds() {
        return instances * sampleMultiplyAdds();
    }

    /**
     * The multiplications of one sample of the batch.
     *
     * @return their number
     */
    public double sampleMultiplyAdds() {
        return (double) groups * outputChannels * window.windows() * terms();
    }

    /**
     * The same convolution with another bias.
     *
     * @param biasOperand the index of the bias among the operands: one number for each output channel
     * @return the problem
     */
    public ConvProblem withBias(int biasOperand) {
        return new ConvProblem(window, instances, groups, inputChannels, outputChannels, biasOperand, output, epilogue);
    }

    /**
     * The same convolution with another epilogue.
     *
     * @param newEpilogue the work on finished blocks of the output, or null
     * @param outputOperand the index of the output among the operands
     * @return the problem
     */
    public ConvProblem withEpilogue(TileEpilogue newEpilogue, int outputOperand) {
        return new ConvProblem(
                window, instances, groups, inputChannels, outputChannels, bias, outputOperand, newEpilogue);
    }
}

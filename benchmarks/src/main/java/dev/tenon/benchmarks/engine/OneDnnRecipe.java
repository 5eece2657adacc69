package dev.tenon.benchmarks.engine;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;

/**
 * A product or a convolution as oneDNN takes it.
 *
 * @param source the left operand or the image
 * @param weights the constant operand
 * @param bias float32 numbers, one for each channel of the result; null if there are none
 * @param result the result; its values are null
 * @param window how a convolution slides; null for a product of matrices
 * @param scales scales of operands, by their numbers; one number, or one for each channel of the result
 * @param zeroPoints zero points of operands, by their numbers; one number each
 * @param added a tensor that is added to the result of a convolution; null if there is none
 * @param relu whether negative elements of the result become 0
 */
record OneDnnRecipe(
        Operand source,
        Operand weights,
        Operand bias,
        Operand result,
        Window window,
        Map<Integer, Tensor> scales,
        Map<Integer, Tensor> zeroPoints,
        Operand added,
        boolean relu) {
    /** The number of the left operand or image. */
    static final int SOURCE = 1;

    /** The number of the weights. */
    static final int WEIGHTS = 33;

    /** The number of the bias. */
    static final int BIAS = 41;

    /** The number of the result. */
    static final int RESULT = 17;

    /**
     * An operand.
     *
     * @param type its element type in oneDNN. Values of another type are converted before the call
     * @param dims its dimensions, channels before sizes
     * @param format the memory format of its values, one of the constants of {@link OneDnn}
     * @param free whether oneDNN may choose another format. Then the operand is converted before the call
     * @param values the values
     */
    record Operand(DType type, long[] dims, int format, boolean free, Tensor values) {}

    /**
     * How a convolution slides, for height and width.
     *
     * @param strides steps
     * @param gaps elements between two taps, 0 if they are neighbours
     * @param begin padding before
     * @param end padding after
     */
    record Window(long[] strides, long[] gaps, long[] begin, long[] end) {}
}

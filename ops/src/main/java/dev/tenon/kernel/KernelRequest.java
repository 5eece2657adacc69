package dev.tenon.kernel;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Collections;
import java.util.List;

/**
 * What a kernel is prepared for.
 *
 * @param inputs the input types, null for absent ones; shapes are known numbers when a kernel is prepared
 * @param outputs the output types, null for those nobody asks for
 * @param layouts the layout of each input
 * @param constants the values of inputs that are constant, null elsewhere
 * @param capabilities what the machine can do
 */
public record KernelRequest(
        List<TensorType> inputs,
        List<TensorType> outputs,
        List<Layout> layouts,
        List<Tensor> constants,
        Capabilities capabilities) {
    /**
     * A request without constants, all inputs row-major.
     *
     * @param inputs the input types, null for absent ones
     * @param outputs the output types
     * @param capabilities what the machine can do
     * @return the request
     */
    public static KernelRequest of(List<TensorType> inputs, List<TensorType> outputs, Capabilities capabilities) {
        return new KernelRequest(
                inputs,
                outputs,
                Collections.nCopies(inputs.size(), Layout.ROW_MAJOR),
                Collections.nCopies(inputs.size(), null),
                capabilities);
    }

    /**
     * Whether an input is there.
     *
     * @param i its index, which may lie beyond the last
     * @return true if it is there
     */
    public boolean has(int i) {
        return i < inputs.size() && inputs.get(i) != null;
    }

    /**
     * The number of inputs, absent ones included: the index of the first output among the operands of a kernel.
     *
     * @return the number
     */
    public int inputCount() {
        return inputs.size();
    }

    /**
     * The element type of an input.
     *
     * @param i the index of an input that is there
     * @return its element type
     */
    public DType dtype(int i) {
        return inputs.get(i).dtype();
    }

    /**
     * The dimensions of an input.
     *
     * @param i the index of an input that is there
     * @return a new array
     */
    public long[] dims(int i) {
        return inputs.get(i).shape().toArray();
    }

    /**
     * The dimensions of an output.
     *
     * @param i the index of an output
     * @return a new array
     */
    public long[] outputDims(int i) {
        return outputs.get(i).shape().toArray();
    }

    /**
     * The layout of an input.
     *
     * @param i the index of an input
     * @return its layout
     */
    public Layout layout(int i) {
        return layouts.get(i);
    }

    /**
     * The value of an input where it is constant.
     *
     * @param i the index of an input, which may lie beyond the last
     * @return the value, or null
     */
    public Tensor constant(int i) {
        return i < constants.size() ? constants.get(i) : null;
    }

    /**
     * Whether all inputs that are there lie row-major.
     *
     * @return true if no input is packed
     */
    public boolean plain() {
        for (Layout layout : layouts) {
            if (!layout.equals(Layout.ROW_MAJOR)) {
                return false;
            }
        }
        return true;
    }
}

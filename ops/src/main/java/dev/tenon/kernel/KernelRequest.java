package dev.tenon.kernel;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Collections;
import java.util.List;

/**
 * The operands of one step of a program, and the machine: everything that a kernel is prepared for.
 *
 * @param inputs the input types, null for inputs that are left out. When a kernel is prepared, all dimensions are known
 * @param outputs the output types, null for outputs that nothing reads
 * @param layouts the layout of each input
 * @param constants the value of each input that is constant, null for the others
 * @param capabilities the machine
 * @param kernels the kernels of the session, from which an operator that holds others takes theirs. {@link KernelSet} sets it
 */
public record KernelRequest(
        List<TensorType> inputs,
        List<TensorType> outputs,
        List<Layout> layouts,
        List<Tensor> constants,
        Capabilities capabilities,
        KernelSet kernels) {
    /**
     * A request for a {@link KernelSet}.
     *
     * @param inputs the input types, null for inputs that are left out
     * @param outputs the output types, null for outputs that nothing reads
     * @param layouts the layout of each input
     * @param constants the value of each input that is constant, null for the others
     * @param capabilities the machine
     */
    public KernelRequest(
            List<TensorType> inputs,
            List<TensorType> outputs,
            List<Layout> layouts,
            List<Tensor> constants,
            Capabilities capabilities) {
        this(inputs, outputs, layouts, constants, capabilities, KernelSet.empty());
    }

    /** The same request to a set. */
    KernelRequest of(KernelSet set) {
        return set == kernels ? this : new KernelRequest(inputs, outputs, layouts, constants, capabilities, set);
    }

    /**
     * A request without constants, in which all inputs are row-major.
     *
     * @param inputs the input types, null for inputs that are left out
     * @param outputs the output types, null for outputs that nothing reads
     * @param capabilities the machine
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
     * Whether an input has no elements, but other dimensions whose product is beyond all real sizes. Loops of kernels may
     * run over these dimensions.
     *
     * @return true if no kernel should take the operands
     */
    public boolean isEmptyButVast() {
        for (TensorType input : inputs) {
            if (input == null || !input.shape().hasRank()) {
                continue;
            }
            boolean empty = false;
            double others = 1;
            for (Dim dim : input.shape().dims()) {
                boolean none = dim.isKnown() && dim.value() == 0;
                empty |= none;
                others *= dim.isKnown() && !none ? dim.value() : 1;
            }
            if (empty && others > Integer.MAX_VALUE) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether an input is given.
     *
     * @param i its index, which may be past the last input
     * @return false if the input is left out
     */
    public boolean has(int i) {
        return i < inputs.size() && inputs.get(i) != null;
    }

    /**
     * The number of inputs, including those that are left out. It is the index of the first output among the operands of a
     * kernel.
     *
     * @return the number
     */
    public int inputCount() {
        return inputs.size();
    }

    /**
     * The element type of an input.
     *
     * @param i the index of an input that is given
     * @return its element type
     */
    public DType dtype(int i) {
        return inputs.get(i).dtype();
    }

    /**
     * The dimensions of an input.
     *
     * @param i the index of an input that is given
     * @return a new array
     */
    public long[] dims(int i) {
        return inputs.get(i).shape().toArray();
    }

    /**
     * Whether something reads an output. A kernel that always writes one can't run without.
     *
     * @param i the index of an output
     * @return whether it does
     */
    public boolean isRead(int i) {
        return i < outputs.size() && outputs.get(i) != null;
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
     * The value of a constant input.
     *
     * @param i the index of an input, which may be past the last input
     * @return the value, or null if the input is left out or not constant
     */
    public Tensor constant(int i) {
        return i < constants.size() ? constants.get(i) : null;
    }

    /**
     * Whether all inputs are row-major.
     *
     * @return true if no input is packed
     */
    public boolean isRowMajor() {
        for (Layout layout : layouts) {
            if (!layout.equals(Layout.ROW_MAJOR)) {
                return false;
            }
        }
        return true;
    }
}

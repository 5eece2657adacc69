package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.op.fused.Fused;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The body of a fused operator as a stage after the kernel of its anchor. A pass over finished blocks calls each loop once for
 * each row of a block, if an operand is a row that is the same for all; a stage puts such rows beside each other and calls a loop
 * once for many of them. It pays where rows are short, even if the result has to be read from memory once more.
 */
final class FusedStages {
    /** With rows of more elements, calls of loops matter less than another pass over the result. */
    private static final int MAX_ROW = 128;

    private FusedStages() {}

    /**
     * A kernel of two stages: the anchor with the first parts of the body, and the rest of the body.
     *
     * @param op the operator, with an anchor that is no row-wise one
     * @param first the index of the first part of the rest
     * @param types the types of the operator's values
     * @param step its operands
     * @param anchor gives the kernel of the first stage, or null
     * @return the kernel; null if the body is better applied by the kernel of the anchor
     */
    static Kernel of(Fused op, int first, List<TensorType> types, KernelRequest step, Supplier<Kernel> anchor) {
        Kernel rest = chain(op, first, types, step);
        Kernel start = rest == null ? null : anchor.get();
        if (start == null || start.nextStage() != null || start.sharedBytes() > 0) {
            return null;
        }
        return StagedKernel.of(start.id() + "_then_" + rest.id(), List.of(start, rest), 0);
    }

    /** The body from one of its parts on, as a stage that works on the result in its place; null if it does not pay. */
    private static Kernel chain(Fused op, int first, List<TensorType> types, KernelRequest step) {
        TensorType result = types.getLast();
        long elements = result.shape().knownElements();
        int rank = result.shape().rank();
        boolean pays = op.body().size() - first > 1
                && rank > 1
                && elements > 0
                && result.shape().dim(-1).value() <= MAX_ROW
                && readsRows(op, first, types);
        if (!pays) {
            return null;
        }
        TileChainBuilder builder = new TileChainBuilder(types, result, op.inputs(), step.capabilities());
        builder.withConstants(constants(op, step));
        for (int i = 0; i <= first; i++) {
            builder.readFromResult(op.inputs() + i);
        }
        return FusedKernels.add(builder, op, types, first)
                ? new TileChainKernel(builder.build(false), builder.picos())
                : null;
    }

    /** Whether a part reads an input that has neither one element nor as many as the result. */
    private static boolean readsRows(Fused op, int first, List<TensorType> types) {
        long elements = types.getLast().shape().knownElements();
        for (Fused.Part part : op.body().subList(first, op.body().size())) {
            for (int operand : part.operands()) {
                long own = operand < 0 || operand >= op.inputs()
                        ? 1
                        : types.get(operand).shape().knownElements();
                if (own != 1 && own != elements) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The constants among the inputs of an operator, null for others. */
    static List<Tensor> constants(Fused op, KernelRequest step) {
        List<Tensor> constants = new ArrayList<>();
        for (int i = 0; i < op.inputs(); i++) {
            constants.add(step.constant(i));
        }
        return constants;
    }
}

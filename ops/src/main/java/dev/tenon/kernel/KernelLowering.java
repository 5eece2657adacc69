package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.util.List;

/**
 * Turns an operator and the types of its operands into a kernel, usually by way of a problem of some {@link KernelTable}.
 * Stateless and safe for any number of threads.
 *
 * @param <O> the operator's class
 */
@FunctionalInterface
public interface KernelLowering<O extends Op> {
    /**
     * Prepares a kernel for operands of known shapes.
     *
     * @param op the operator
     * @param step the operands and the machine
     * @return the kernel, or null if there is none for these operands; the operator then runs through its reference
     */
    Kernel prepare(O op, KernelRequest step);

    /**
     * The lowering that takes an operator: this one, unless the operator holds another one that decides.
     *
     * @param op the operator
     * @return the lowering; null if there is no kernel for what the operator holds
     */
    default KernelLowering<O> of(O op) {
        return this;
    }

    /**
     * The layout in which the kernels read a constant operand fastest. It is the same for all shapes of the other operands.
     *
     * @param op the operator
     * @param input the index of an input that is constant
     * @param step the operands and the machine. The shapes of operands that are not constant may be unknown
     * @return the layout; {@link Layout#ROW_MAJOR} to leave the operand as it is
     */
    default Layout constantLayout(O op, int input, KernelRequest step) {
        return Layout.ROW_MAJOR;
    }

    /**
     * Why no better kernel than that of {@link #prepare} is prepared, for people who read how a model runs.
     *
     * @param op the operator
     * @param step the operands and the machine
     * @return a line for each better kernel, or one line that says why there is none; empty if the best one is prepared, or if
     *     nothing is known
     */
    default List<String> refusals(O op, KernelRequest step) {
        return List.of();
    }

    /**
     * Why no kernel computes an operator, as far as that is known before the shapes of a call are.
     *
     * @param op the operator
     * @param step the operands and the machine. Types may be of unknown shape, and the list of outputs may be empty
     * @return the reason; null if there is a kernel for some shapes at least
     */
    default String reasonAgainst(O op, KernelRequest step) {
        return null;
    }

    /**
     * Why no kernel of the operator is a {@link RowKernel}, as far as that is known before the shapes of a call are.
     *
     * @param op the operator
     * @param step the operands and the machine. Sizes may be unknown, and the list of outputs may be empty
     * @return the reason; null if a kernel takes rows one by one
     */
    default String reasonAgainstRows(O op, KernelRequest step) {
        return "its kernels do not take rows one by one";
    }

    /**
     * Whether kernels of {@code Fused} compute the operator as these do, as an anchor or as a part of its body.
     *
     * @param op the operator
     * @return false if the operator must be a step of its own
     */
    default boolean isFusible(O op) {
        return false;
    }

    /**
     * Whether a graph should have the operator where others would do. Asked before any operand is known.
     *
     * @param machine the machine
     * @return false if the operators that it stands for are faster
     */
    default boolean pays(Capabilities machine) {
        return true;
    }
}

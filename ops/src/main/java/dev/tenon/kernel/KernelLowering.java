package dev.tenon.kernel;

import dev.tenon.op.Op;

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
     * Whether a graph should have the operator where others would do. Asked before any operand is known.
     *
     * @param machine the machine
     * @return false if the operators that it stands for are faster
     */
    default boolean pays(Capabilities machine) {
        return true;
    }
}

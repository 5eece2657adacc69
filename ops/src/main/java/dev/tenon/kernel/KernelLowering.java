package dev.tenon.kernel;

import dev.tenon.op.Op;

/**
 * How steps of an operator are prepared: from operator and operand types to a problem of some {@link KernelTable}, and
 * from there to a kernel. Stateless.
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
     * @return the kernel, or null if there is none for them and the operator runs through its reference
     */
    Kernel prepare(O op, KernelRequest step);

    /**
     * The layout in which a constant operand wants to lie, the same for all shapes of the other operands.
     *
     * @param op the operator
     * @param input the index of an input that is constant
     * @param step the operands, of which shapes other than the constant's may be unknown, and the machine
     * @return the layout; {@link Layout#ROW_MAJOR} to leave it as it is
     */
    default Layout constantLayout(O op, int input, KernelRequest step) {
        return Layout.ROW_MAJOR;
    }
}

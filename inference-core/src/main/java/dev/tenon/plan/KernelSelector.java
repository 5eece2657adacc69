package dev.tenon.plan;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;

/** Selects and prepares the kernel of a step. */
@FunctionalInterface
public interface KernelSelector {
    /** Takes the kernel that the set prefers. */
    KernelSelector PLAIN = KernelSet::prepare;

    /**
     * Prepares a kernel.
     *
     * @param kernels the kernels that may be selected
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    Kernel prepare(KernelSet kernels, Op op, KernelRequest request);
}

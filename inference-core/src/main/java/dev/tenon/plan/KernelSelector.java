package dev.tenon.plan;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.StepRequest;
import dev.tenon.op.Op;

/** Where a plan gets the kernel of a step from. */
@FunctionalInterface
public interface KernelSelector {
    /** Kernels as the set has them. */
    KernelSelector PLAIN = KernelSet::prepare;

    /**
     * Prepares a kernel.
     *
     * @param kernels the kernels that there are
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    Kernel prepare(KernelSet kernels, Op op, StepRequest request);
}

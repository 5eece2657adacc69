package dev.tenon.plan;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;

/** Where a plan gets the kernel of a step from. */
@FunctionalInterface
public interface KernelSource {
    /** Kernels as the set has them. */
    KernelSource PLAIN = KernelSet::prepare;

    /**
     * Prepares a kernel.
     *
     * @param kernels the kernels that there are
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    Kernel prepare(KernelSet kernels, Op op, KernelRequest request);
}

package dev.tenon.plan;

import java.lang.foreign.MemorySegment;

/** An operand of a kernel in a plan. */
public sealed interface KernelOperand {
    /**
     * A part of a buffer of the plan.
     *
     * @param buffer the buffer's index
     * @param offset where the operand begins in the buffer, in bytes, a multiple of {@link MemoryPlan#ALIGNMENT}
     * @param bytes the operand's size. It may be larger than the buffer if this is a part of another buffer
     */
    record BufferOperand(int buffer, long offset, long bytes) implements KernelOperand {}

    /**
     * A constant in memory, packed or not.
     *
     * @param segment the memory
     */
    record ConstantOperand(MemorySegment segment) implements KernelOperand {}

    /**
     * A packed constant of a package, which may not be copied to memory yet.
     *
     * @param weights the packed constants of the package
     * @param index its index in them
     */
    record PackedOperand(PackedWeights weights, int index) implements KernelOperand {}
}

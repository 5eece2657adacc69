package dev.tenon.plan;

import java.lang.foreign.MemorySegment;

/** An operand of a kernel in a plan. */
public sealed interface KernelOperand {
    /**
     * A buffer of the plan.
     *
     * @param buffer the buffer's index
     * @param offset where the operand begins in the buffer, in bytes, a multiple of {@link MemoryPlan#ALIGNMENT}
     * @param bytes the operand's size, which the buffer has room for, or the buffer that it is a part of
     */
    record BufferOperand(int buffer, long offset, long bytes) implements KernelOperand {}

    /**
     * Memory that does not change: a constant, packed or plain.
     *
     * @param segment the memory
     */
    record ConstantOperand(MemorySegment segment) implements KernelOperand {}

    /**
     * A packed constant that may still lie in a file.
     *
     * @param weights where it is found
     * @param index its index there
     */
    record PackedOperand(PackedWeights weights, int index) implements KernelOperand {}
}

package dev.tenon.kernel.x64;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** Addresses of operands of machine code. A fault in machine code ends the process, so sizes are checked before a call. */
public final class OperandAddresses {
    private OperandAddresses() {}

    /**
     * The address of a part of an operand. The caller keeps the operand reachable until the call has returned.
     *
     * @param memory the operand, in native memory
     * @param offset the offset of the part, bytes
     * @param bytes the size of the part
     * @return the address of its first byte
     * @throws IndexOutOfBoundsException if the operand is smaller
     * @throws IllegalArgumentException if the operand is on the heap or in a mapped file
     */
    public static long address(MemorySegment memory, long offset, long bytes) {
        OperandCheck.check(memory, 0);
        Objects.checkFromIndexSize(offset, bytes, memory.byteSize());
        return memory.address() + offset;
    }

    /**
     * Keeps a segment reachable until this call.
     *
     * @param memory the segment
     */
    // A fence is wanted wherever a caller's finally block calls this.
    @SuppressWarnings("ReachabilityFenceUsage")
    public static void fence(MemorySegment memory) {
        Reference.reachabilityFence(memory);
    }

    /**
     * Keeps operands reachable until this call.
     *
     * @param operands the operands, null for absent ones
     */
    // A fence is wanted wherever a caller's finally block calls this.
    @SuppressWarnings("ReachabilityFenceUsage")
    public static void fence(MemorySegment... operands) {
        for (MemorySegment operand : operands) {
            Reference.reachabilityFence(operand);
        }
    }
}

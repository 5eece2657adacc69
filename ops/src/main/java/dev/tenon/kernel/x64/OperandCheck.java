package dev.tenon.kernel.x64;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Checks operands of machine code before a call. A fault in machine code ends the process. */
public final class OperandCheck {
    private OperandCheck() {}

    /**
     * Checks that an operand is in native memory and large enough. A page of a mapped file may go while code reads it, so no
     * file may be mapped there.
     *
     * @param operand its segment
     * @param bytes the bytes that code reads or writes, from the first one
     * @throws IndexOutOfBoundsException if it is smaller
     * @throws IllegalArgumentException if it is on the heap or in a mapped file
     */
    public static void check(MemorySegment operand, long bytes) {
        if (!operand.isNative() || operand.isMapped()) {
            throw new IllegalArgumentException(
                    "an operand of machine code is on the heap or in a mapped file; copy it to native memory");
        }
        Objects.checkFromIndexSize(0, bytes, operand.byteSize());
    }
}

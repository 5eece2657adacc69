package dev.tenon.kernel.vector.gemm;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Checks of the operands of {@link VectorGemm}. */
final class OperandChecks {
    private OperandChecks() {}

    /**
     * The size of a row-major matrix in memory.
     *
     * @param rows its rows
     * @param columns its columns
     * @param ld elements from a row to the next
     * @return bytes from its first element to the end of its last one
     * @throws IllegalArgumentException if rows overlap
     */
    static long extent(int rows, int columns, long ld) {
        if (rows == 0 || columns == 0) {
            return 0;
        }
        if (ld < columns && rows > 1) {
            throw new IllegalArgumentException("matrix product: rows of " + columns
                    + " elements overlap with a row stride of " + ld + " elements; it must be at least " + columns);
        }
        long elements = Math.addExact(Math.multiplyExact(rows - 1L, rows > 1 ? ld : 0), columns);
        return Math.multiplyExact(elements, Float.BYTES);
    }

    /**
     * Checks that an operand is in native memory that is not mapped, and within its segment.
     *
     * @param name the operand, for the error
     * @param memory its segment
     * @param offset its byte offset
     * @param bytes its size
     */
    static void check(String name, MemorySegment memory, long offset, long bytes) {
        if (!memory.isNative() || memory.isMapped()) {
            throw new IllegalArgumentException(
                    "matrix product: " + name + " is on the heap or in a mapped file; copy it to native memory");
        }
        Objects.checkFromIndexSize(offset, bytes, memory.byteSize());
    }
}

package dev.tenon.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Comparison of packed elements bit by bit. */
final class ElementBits {
    private static final int COMPARED_AT_ONCE = 1 << 16;

    private ElementBits() {}

    /** Whether the first elements of two segments have the same bits; the padding of sub-byte elements does not count. */
    static boolean equal(DType dtype, MemorySegment a, MemorySegment b, long size) {
        long perByte = dtype.isSubByte() ? 8 / dtype.bits() : 1;
        long whole = size - size % perByte;
        if (!sameBytes(a, b, dtype.byteSize(whole))) {
            return false;
        }
        for (long i = whole; i < size; i++) {
            if (Elements.getBits(dtype, a, i) != Elements.getBits(dtype, b, i)) {
                return false;
            }
        }
        return true;
    }

    /** The JVM compares by an intrinsic, which a mapped file that got shorter ends with the process: it gets copies. */
    private static boolean sameBytes(MemorySegment a, MemorySegment b, long bytes) {
        if (!a.isMapped() && !b.isMapped()) {
            return MemorySegment.mismatch(a, 0, bytes, b, 0, bytes) < 0;
        }
        byte[] left = new byte[(int) Math.min(COMPARED_AT_ONCE, bytes)];
        byte[] right = new byte[left.length];
        for (long at = 0; at < bytes; at += left.length) {
            int length = (int) Math.min(left.length, bytes - at);
            MemorySegment.copy(a, ValueLayout.JAVA_BYTE, at, left, 0, length);
            MemorySegment.copy(b, ValueLayout.JAVA_BYTE, at, right, 0, length);
            if (!Arrays.equals(left, 0, length, right, 0, length)) {
                return false;
            }
        }
        return true;
    }
}

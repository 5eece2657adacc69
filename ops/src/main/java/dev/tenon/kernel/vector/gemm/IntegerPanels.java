package dev.tenon.kernel.vector.gemm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Packs matrices of 8-bit integers as float32 panels, one block of rows after the other. */
final class IntegerPanels {
    private IntegerPanels() {}

    /**
     * The size of a packed matrix.
     *
     * @param k its rows
     * @param n its columns
     * @param depth the rows of a block
     * @return bytes
     */
    static long byteSize(int k, int n, int depth) {
        long bytes = 0;
        for (int k0 = 0; k0 < k; k0 += depth) {
            bytes += VectorPanels.byteSize(Math.min(depth, k - k0), n);
        }
        return bytes;
    }

    /**
     * Packs a matrix.
     *
     * @param source the matrix [k,n], row-major, one byte an element, in memory of any kind
     * @param signed whether its bytes are signed
     * @param zeroPoints the number to subtract, or one number for each column
     * @param k its rows
     * @param n its columns
     * @param depth the rows of a block
     * @param target plain native memory of {@link #byteSize}
     */
    static void pack(
            MemorySegment source, boolean signed, int[] zeroPoints, int k, int n, int depth, MemorySegment target) {
        byte[] row = new byte[n];
        long to = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(Math.max(1, (long) Math.min(depth, k) * n * Float.BYTES), 64);
            for (int k0 = 0; k0 < k; k0 += depth) {
                int terms = Math.min(depth, k - k0);
                for (int p = 0; p < terms; p++) {
                    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, (long) (k0 + p) * n, row, 0, n);
                    for (int j = 0; j < n; j++) {
                        int x = signed ? row[j] : row[j] & 0xFF;
                        block.setAtIndex(
                                ValueLayout.JAVA_FLOAT,
                                (long) p * n + j,
                                x - zeroPoints[zeroPoints.length == 1 ? 0 : j]);
                    }
                }
                VectorPanels.pack(block, 0, n, terms, n, target, to);
                to += VectorPanels.byteSize(terms, n);
            }
        }
    }
}

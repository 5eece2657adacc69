package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies, clears and fills short ranges of native memory. Offsets are bytes. Allocates nothing. */
public final class MemoryMoves {
    private static final int SHORT_BYTES = 64;

    private MemoryMoves() {}

    /**
     * Copies bytes.
     *
     * @param x the source
     * @param xAt the offset of the first byte in it
     * @param y the target; the two ranges do not overlap
     * @param yAt the offset of the first byte in it
     * @param bytes the number of bytes
     */
    public static void copy(MemorySegment x, long xAt, MemorySegment y, long yAt, long bytes) {
        if (bytes > SHORT_BYTES) {
            MemorySegment.copy(x, xAt, y, yAt, bytes);
            return;
        }
        int i = 0;
        for (; i + Integer.BYTES <= bytes; i += Integer.BYTES) {
            y.set(ValueLayout.JAVA_INT_UNALIGNED, yAt + i, x.get(ValueLayout.JAVA_INT_UNALIGNED, xAt + i));
        }
        for (; i < bytes; i++) {
            y.set(ValueLayout.JAVA_BYTE, yAt + i, x.get(ValueLayout.JAVA_BYTE, xAt + i));
        }
    }

    /**
     * Writes zeros. It does not use {@link MemorySegment#fill}, which needs a slice: the JVM may allocate that on the heap,
     * depending on how it compiles the caller.
     *
     * @param y the target
     * @param yAt the offset of the first byte
     * @param bytes the number of bytes, a multiple of 4
     */
    public static void clear(MemorySegment y, long yAt, long bytes) {
        for (long i = 0; i < bytes; i += Integer.BYTES) {
            y.set(ValueLayout.JAVA_INT_UNALIGNED, yAt + i, 0);
        }
    }

    /**
     * Repeats one element.
     *
     * @param x the source
     * @param xAt the offset of the element, bytes
     * @param y the target
     * @param yAt the offset of the first copy, bytes
     * @param n the number of copies
     * @param width the size of an element, bytes: 1, 2, 4 or 8
     */
    public static void fill(MemorySegment x, long xAt, MemorySegment y, long yAt, int n, int width) {
        switch (width) {
            case 1 -> {
                byte v = x.get(ValueLayout.JAVA_BYTE, xAt);
                for (int i = 0; i < n; i++) {
                    y.set(ValueLayout.JAVA_BYTE, yAt + i, v);
                }
            }
            case 2 -> {
                short v = x.get(ValueLayout.JAVA_SHORT, xAt);
                for (int i = 0; i < n; i++) {
                    y.set(ValueLayout.JAVA_SHORT, yAt + 2L * i, v);
                }
            }
            case 4 -> {
                int v = x.get(ValueLayout.JAVA_INT, xAt);
                for (int i = 0; i < n; i++) {
                    y.set(ValueLayout.JAVA_INT, yAt + 4L * i, v);
                }
            }
            default -> {
                long v = x.get(ValueLayout.JAVA_LONG, xAt);
                for (int i = 0; i < n; i++) {
                    y.set(ValueLayout.JAVA_LONG, yAt + 8L * i, v);
                }
            }
        }
    }
}

package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies, clears and fills short runs of native memory. Addresses are bytes. */
public final class MemoryMoves {
    private static final int SHORT_BYTES = 64;

    private MemoryMoves() {}

    /**
     * Copies bytes.
     *
     * @param x the source
     * @param xAt its first byte
     * @param y the target, which does not overlap the source
     * @param yAt its first byte
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
     * Writes zeros, without a slice to fill: whether one is garbage is up to how the JVM compiles what makes it.
     *
     * @param y the target
     * @param yAt its first byte
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
     * @param xAt the element
     * @param y the target
     * @param yAt its first element
     * @param n how often
     * @param width the bytes of an element: 1, 2, 4 or 8
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

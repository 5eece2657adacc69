package dev.tenon.kernel.scalar.copy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Transposes tiles of elements of one or two bytes. A 64-bit number holds a column of a tile. Rounds exchange halves of pairs of
 * numbers, then quarters, then eighths: H. Warren, Hacker's Delight, section 7-3, for bits in place of bytes.
 */
final class NarrowTiles {
    /** The rows and columns of a tile of bytes. */
    static final int BYTES = 8;

    /** The rows and columns of a tile of elements of two bytes. */
    static final int SHORTS = 4;

    private static final ValueLayout.OfLong COLUMN = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long HALVES = 0x0000_0000_FFFF_FFFFL;
    private static final long QUARTERS = 0x0000_FFFF_0000_FFFFL;
    private static final long EIGHTHS = 0x00FF_00FF_00FF_00FFL;

    private NarrowTiles() {}

    /** Transposes bytes: whole tiles of rows that are next to each other in the input. Steps are bytes. */
    static void bytes(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows, int columns) {
        for (int r = 0; r < rows; r += BYTES) {
            for (int c = 0; c < columns; c += BYTES) {
                bytes(in, i + r + c * inStep, inStep, out, o + r * outStep + c, outStep);
            }
        }
    }

    /** Transposes elements of two bytes. Steps are bytes. */
    static void shorts(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows, int columns) {
        for (int r = 0; r < rows; r += SHORTS) {
            for (int c = 0; c < columns; c += SHORTS) {
                shorts(in, i + 2L * r + c * inStep, inStep, out, o + r * outStep + 2L * c, outStep);
            }
        }
    }

    private static void bytes(MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep) {
        long c0 = in.get(COLUMN, i);
        long c1 = in.get(COLUMN, i + inStep);
        long c2 = in.get(COLUMN, i + 2 * inStep);
        long c3 = in.get(COLUMN, i + 3 * inStep);
        long c4 = in.get(COLUMN, i + 4 * inStep);
        long c5 = in.get(COLUMN, i + 5 * inStep);
        long c6 = in.get(COLUMN, i + 6 * inStep);
        long c7 = in.get(COLUMN, i + 7 * inStep);
        long h0 = low(c0, c4, HALVES, 32);
        long h1 = low(c1, c5, HALVES, 32);
        long h2 = low(c2, c6, HALVES, 32);
        long h3 = low(c3, c7, HALVES, 32);
        long h4 = high(c0, c4, HALVES, 32);
        long h5 = high(c1, c5, HALVES, 32);
        long h6 = high(c2, c6, HALVES, 32);
        long h7 = high(c3, c7, HALVES, 32);
        long q0 = low(h0, h2, QUARTERS, 16);
        long q1 = low(h1, h3, QUARTERS, 16);
        long q2 = high(h0, h2, QUARTERS, 16);
        long q3 = high(h1, h3, QUARTERS, 16);
        long q4 = low(h4, h6, QUARTERS, 16);
        long q5 = low(h5, h7, QUARTERS, 16);
        long q6 = high(h4, h6, QUARTERS, 16);
        long q7 = high(h5, h7, QUARTERS, 16);
        out.set(COLUMN, o, low(q0, q1, EIGHTHS, 8));
        out.set(COLUMN, o + outStep, high(q0, q1, EIGHTHS, 8));
        out.set(COLUMN, o + 2 * outStep, low(q2, q3, EIGHTHS, 8));
        out.set(COLUMN, o + 3 * outStep, high(q2, q3, EIGHTHS, 8));
        out.set(COLUMN, o + 4 * outStep, low(q4, q5, EIGHTHS, 8));
        out.set(COLUMN, o + 5 * outStep, high(q4, q5, EIGHTHS, 8));
        out.set(COLUMN, o + 6 * outStep, low(q6, q7, EIGHTHS, 8));
        out.set(COLUMN, o + 7 * outStep, high(q6, q7, EIGHTHS, 8));
    }

    private static void shorts(MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep) {
        long c0 = in.get(COLUMN, i);
        long c1 = in.get(COLUMN, i + inStep);
        long c2 = in.get(COLUMN, i + 2 * inStep);
        long c3 = in.get(COLUMN, i + 3 * inStep);
        long h0 = low(c0, c2, HALVES, 32);
        long h1 = low(c1, c3, HALVES, 32);
        long h2 = high(c0, c2, HALVES, 32);
        long h3 = high(c1, c3, HALVES, 32);
        out.set(COLUMN, o, low(h0, h1, QUARTERS, 16));
        out.set(COLUMN, o + outStep, high(h0, h1, QUARTERS, 16));
        out.set(COLUMN, o + 2 * outStep, low(h2, h3, QUARTERS, 16));
        out.set(COLUMN, o + 3 * outStep, high(h2, h3, QUARTERS, 16));
    }

    /** The lower parts of two columns, side by side. The mask tells which bits a lower part has. */
    private static long low(long a, long b, long mask, int bits) {
        return a & mask | (b & mask) << bits;
    }

    /** The upper parts of two columns, side by side. */
    private static long high(long a, long b, long mask, int bits) {
        return a >>> bits & mask | b & ~mask;
    }
}

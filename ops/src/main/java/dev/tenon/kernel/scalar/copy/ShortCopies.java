package dev.tenon.kernel.scalar.copy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies of a few bytes, for which a bulk copy takes longer than it takes to move them: by the longest words that fit, half
 * of them from the end, so that words in the middle are copied twice rather than the last bytes one by one. Each length has a loop of its own, out of
 * which the compiler takes what it checks of memory.
 */
final class ShortCopies {
    private static final ValueLayout.OfByte B1 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort B2 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;

    private ShortCopies() {}

    /** Copies rows of 1 to 63 bytes at some distances to places that do not overlap with theirs. */
    static void rows(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        if (bytes > 32) {
            eights(in, i, inStep, out, o, outStep, bytes, rows);
        } else if (bytes > 16) {
            fours(in, i, inStep, out, o, outStep, bytes, rows);
        } else if (bytes > 8) {
            twos(in, i, inStep, out, o, outStep, bytes, rows);
        } else if (bytes == 8) {
            words(in, i, inStep, out, o, outStep, rows);
        } else {
            fews(in, i, inStep, out, o, outStep, bytes, rows);
        }
    }

    private static void eights(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            eight(in, i + r * inStep, out, o + r * outStep, bytes);
        }
    }

    private static void fours(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            four(in, i + r * inStep, out, o + r * outStep, bytes);
        }
    }

    private static void twos(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            two(in, i + r * inStep, out, o + r * outStep, bytes);
        }
    }

    private static void fews(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            few(in, i + r * inStep, out, o + r * outStep, bytes);
        }
    }

    private static void words(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows) {
        for (int r = 0; r < rows; r++) {
            out.set(B8, o + r * outStep, in.get(B8, i + r * inStep));
        }
    }

    /** Copies rows of 1 to 63 bytes from places that are written down to neighbouring ones. */
    static void rows(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        if (bytes > 32) {
            eights(in, i, offsets, at, out, o, bytes, rows);
        } else if (bytes > 16) {
            fours(in, i, offsets, at, out, o, bytes, rows);
        } else if (bytes > 8) {
            twos(in, i, offsets, at, out, o, bytes, rows);
        } else if (bytes == 8) {
            words(in, i, offsets, at, out, o, rows);
        } else if (bytes == 4) {
            halves(in, i, offsets, at, out, o, rows);
        } else {
            fews(in, i, offsets, at, out, o, bytes, rows);
        }
    }

    private static void eights(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            eight(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void fours(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            four(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void twos(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            two(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void fews(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            few(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void words(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int rows) {
        for (int r = 0; r < rows; r++) {
            out.set(B8, o + r * (long) Long.BYTES, in.get(B8, i + offsets.get(B8, at + r * 8L)));
        }
    }

    private static void halves(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int rows) {
        for (int r = 0; r < rows; r++) {
            out.set(B4, o + r * 4L, in.get(B4, i + offsets.get(B8, at + r * 8L)));
        }
    }

    /** 33 to 63 bytes. */
    private static void eight(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
        four(in, i, out, o, 32);
        four(in, i + bytes - 32, out, o + bytes - 32, 32);
    }

    /** 16 to 32 bytes. */
    private static void four(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
        two(in, i, out, o, 16);
        two(in, i + bytes - 16, out, o + bytes - 16, 16);
    }

    /** 8 to 16 bytes. */
    private static void two(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
        out.set(B8, o, in.get(B8, i));
        out.set(B8, o + bytes - 8, in.get(B8, i + bytes - 8));
    }

    /** 1 to 7 bytes. */
    private static void few(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
        if (bytes >= 4) {
            out.set(B4, o, in.get(B4, i));
            out.set(B4, o + bytes - 4, in.get(B4, i + bytes - 4));
        } else if (bytes >= 2) {
            out.set(B2, o, in.get(B2, i));
            out.set(B2, o + bytes - 2, in.get(B2, i + bytes - 2));
        } else {
            out.set(B1, o, in.get(B1, i));
        }
    }
}

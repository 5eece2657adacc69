package dev.tenon.kernel.scalar.copy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies of rows of less than 64 bytes, for which the call of a bulk copy takes longer than the copy. A row is copied by the
 * longest words that fit, half of them counted from its end: words in the middle may overlap, and no loop over the last bytes is
 * needed. Each range of lengths has its own loop, so that the compiler can move bounds checks out of it. Offsets of rows
 * with steps are
 * running sums, which take less time than products.
 */
final class ShortCopies {
    private static final ValueLayout.OfByte B1 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort B2 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;

    private ShortCopies() {}

    /** Copies rows of 1 to 63 bytes. Source and target have strides between rows, and do not overlap. */
    static void rows(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        if (bytes > 32) {
            rows33To63(in, i, inStep, out, o, outStep, bytes, rows);
        } else if (bytes > 16) {
            rows17To32(in, i, inStep, out, o, outStep, bytes, rows);
        } else if (bytes > 8) {
            rows9To16(in, i, inStep, out, o, outStep, bytes, rows);
        } else if (bytes == 8) {
            rows8(in, i, inStep, out, o, outStep, rows);
        } else {
            rows1To7(in, i, inStep, out, o, outStep, bytes, rows);
        }
    }

    /** Whether {@link #column} takes elements of a size. */
    static boolean takesColumns(long bytes) {
        return bytes == 4 || bytes == 8;
    }

    /** Copies elements of 4 or 8 bytes that are some bytes apart. */
    static void column(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        if (bytes == 8) {
            rows8(in, i, inStep, out, o, outStep, rows);
            return;
        }
        long from = i;
        long to = o;
        for (int r = 0; r < rows; r++, from += inStep, to += outStep) {
            out.set(B4, to, in.get(B4, from));
        }
    }

    private static void rows33To63(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        long from = i;
        long to = o;
        for (int r = 0; r < rows; r++, from += inStep, to += outStep) {
            copy33To63(in, from, out, to, bytes);
        }
    }

    private static void rows17To32(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        long from = i;
        long to = o;
        for (int r = 0; r < rows; r++, from += inStep, to += outStep) {
            copy16To32(in, from, out, to, bytes);
        }
    }

    private static void rows9To16(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        long from = i;
        long to = o;
        for (int r = 0; r < rows; r++, from += inStep, to += outStep) {
            copy8To16(in, from, out, to, bytes);
        }
    }

    private static void rows1To7(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int bytes, int rows) {
        long from = i;
        long to = o;
        for (int r = 0; r < rows; r++, from += inStep, to += outStep) {
            copy1To7(in, from, out, to, bytes);
        }
    }

    private static void rows8(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows) {
        long from = i;
        long to = o;
        for (int r = 0; r < rows; r++, from += inStep, to += outStep) {
            out.set(B8, to, in.get(B8, from));
        }
    }

    /**
     * Gathers rows of 1 to 63 bytes into a contiguous target. The offset of each row in the source, bytes, is an int64 in {@code
     * offsets}, from offset {@code at} on.
     */
    static void gather(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        if (bytes > 32) {
            gather33To63(in, i, offsets, at, out, o, bytes, rows);
        } else if (bytes > 16) {
            gather17To32(in, i, offsets, at, out, o, bytes, rows);
        } else if (bytes > 8) {
            gather9To16(in, i, offsets, at, out, o, bytes, rows);
        } else if (bytes == 8) {
            gather8(in, i, offsets, at, out, o, rows);
        } else if (bytes == 4) {
            gather4(in, i, offsets, at, out, o, rows);
        } else {
            gather1To7(in, i, offsets, at, out, o, bytes, rows);
        }
    }

    private static void gather33To63(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            copy33To63(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void gather17To32(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            copy16To32(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void gather9To16(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            copy8To16(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void gather1To7(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int bytes, int rows) {
        for (int r = 0; r < rows; r++) {
            copy1To7(in, i + offsets.get(B8, at + r * 8L), out, o + r * (long) bytes, bytes);
        }
    }

    private static void gather8(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int rows) {
        for (int r = 0; r < rows; r++) {
            out.set(B8, o + r * (long) Long.BYTES, in.get(B8, i + offsets.get(B8, at + r * 8L)));
        }
    }

    private static void gather4(
            MemorySegment in, long i, MemorySegment offsets, long at, MemorySegment out, long o, int rows) {
        for (int r = 0; r < rows; r++) {
            out.set(B4, o + r * 4L, in.get(B4, i + offsets.get(B8, at + r * 8L)));
        }
    }

    /** Copies 33 to 63 bytes. */
    private static void copy33To63(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
        copy16To32(in, i, out, o, 32);
        copy16To32(in, i + bytes - 32, out, o + bytes - 32, 32);
    }

    /** Copies 16 to 32 bytes. */
    private static void copy16To32(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
        copy8To16(in, i, out, o, 16);
        copy8To16(in, i + bytes - 16, out, o + bytes - 16, 16);
    }

    /** Copies 8 to 16 bytes. */
    private static void copy8To16(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
        out.set(B8, o, in.get(B8, i));
        out.set(B8, o + bytes - 8, in.get(B8, i + bytes - 8));
    }

    /** Copies 1 to 7 bytes. */
    private static void copy1To7(MemorySegment in, long i, MemorySegment out, long o, int bytes) {
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

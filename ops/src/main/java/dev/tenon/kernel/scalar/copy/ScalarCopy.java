package dev.tenon.kernel.scalar.copy;

import dev.tenon.kernel.copy.BlockCopier;
import dev.tenon.kernel.copy.CopyBox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Copies blocks by scalar loops: one loop for each kind of block and each size of elements.
 *
 * <p>Runs of at least 64 bytes are copied at the speed of memory. The other loops are limited by their number of loads and
 * stores, each of which includes a bounds check. A run of up to 16 bytes takes two of each. Interleaving and transposing take
 * one of each for an element, or for two neighbouring elements.
 */
public final class ScalarCopy implements BlockCopier {
    private static final ValueLayout.OfByte B1 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort B2 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfLong PAIR = B8.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long LOW = 0xFFFF_FFFFL;

    /** Few enough input rows to stay in the first-level cache, whatever their distance. */
    private static final int TILE_COLUMNS = 8;

    private static final int TILE_ROWS = 16;

    /** Makes the loops. */
    public ScalarCopy() {}

    @Override
    public void copy(
            CopyBox box,
            MemorySegment in,
            long i,
            MemorySegment out,
            long o,
            int rows,
            int columns,
            MemorySegment scratch) {
        switch (box.kind()) {
            case RUNS -> runs(box, in, i, out, o, rows, columns);
            case FILL -> fill(box, in, i, out, o, rows, columns);
            case TRANSPOSE -> tiles(box, in, i, out, o, rows, columns);
            case INTERLEAVE -> interleave(box, in, i, out, o, rows, columns);
            case DEINTERLEAVE -> deinterleave(box, in, i, out, o, rows, columns);
            case STRIDED -> strided(box, in, i, out, o, rows, columns);
        }
    }

    private static void runs(CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        long bytes = (long) columns * box.width();
        if (box.runBytes() < BULK_BYTES) {
            ShortCopies.rows(in, i, box.inputRowStride(), out, o, box.outputRowStride(), (int) bytes, rows);
            return;
        }
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(in, i + r * box.inputRowStride(), out, o + r * box.outputRowStride(), bytes);
        }
    }

    private static void fill(CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        long step = box.outputColumnStride();
        for (int r = 0; r < rows; r++) {
            long from = i + r * box.inputRowStride();
            long to = o + r * box.outputRowStride();
            switch (box.width()) {
                case 1 -> fill1(out, to, step, columns, in == null ? (byte) box.fill() : in.get(B1, from));
                case 2 -> fill2(out, to, step, columns, in == null ? (short) box.fill() : in.get(B2, from));
                case 4 -> fill4(out, to, step, columns, in == null ? (int) box.fill() : in.get(B4, from));
                default -> fill8(out, to, step, columns, in == null ? box.fill() : in.get(B8, from));
            }
        }
    }

    private static void fill1(MemorySegment out, long o, long step, int columns, byte value) {
        if (step == 1) {
            for (int c = 0; c < columns; c++) {
                out.set(B1, o + c, value);
            }
            return;
        }
        for (int c = 0; c < columns; c++) {
            out.set(B1, o + c * step, value);
        }
    }

    private static void fill2(MemorySegment out, long o, long step, int columns, short value) {
        if (step == 2) {
            for (int c = 0; c < columns; c++) {
                out.set(B2, o + c * 2L, value);
            }
            return;
        }
        for (int c = 0; c < columns; c++) {
            out.set(B2, o + c * step, value);
        }
    }

    private static void fill4(MemorySegment out, long o, long step, int columns, int value) {
        if (step == 4) {
            for (int c = 0; c < columns; c++) {
                out.set(B4, o + c * 4L, value);
            }
            return;
        }
        for (int c = 0; c < columns; c++) {
            out.set(B4, o + c * step, value);
        }
    }

    private static void fill8(MemorySegment out, long o, long step, int columns, long value) {
        if (step == 8) {
            for (int c = 0; c < columns; c++) {
                out.set(B8, o + c * 8L, value);
            }
            return;
        }
        for (int c = 0; c < columns; c++) {
            out.set(B8, o + c * step, value);
        }
    }

    private static void tiles(CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        int width = box.width();
        if (width <= 2 && rows >= NarrowTiles.BYTES && columns >= NarrowTiles.BYTES) {
            narrowTiles(box, in, i, out, o, rows, columns);
            return;
        }
        for (int r = 0; r < rows; r += TILE_ROWS) {
            int tileRows = Math.min(TILE_ROWS, rows - r);
            for (int c = 0; c < columns; c += TILE_COLUMNS) {
                int tileColumns = Math.min(TILE_COLUMNS, columns - c);
                long from = i + (long) r * width + c * box.inputColumnStride();
                long to = o + r * box.outputRowStride() + (long) c * width;
                if (width == Integer.BYTES) {
                    transpose4(box, in, from, out, to, tileRows, tileColumns);
                } else {
                    strided(box, in, from, out, to, tileRows, tileColumns);
                }
            }
        }
    }

    /** Transposes elements of one or two bytes: whole tiles, then the columns and rows that are left. */
    private static void narrowTiles(
            CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        int width = box.width();
        int tile = width == 1 ? NarrowTiles.BYTES : NarrowTiles.SHORTS;
        int wholeRows = rows / tile * tile;
        int wholeColumns = columns / tile * tile;
        long inStep = box.inputColumnStride();
        long outStep = box.outputRowStride();
        if (width == 1) {
            NarrowTiles.bytes(in, i, inStep, out, o, outStep, wholeRows, wholeColumns);
        } else {
            NarrowTiles.shorts(in, i, inStep, out, o, outStep, wholeRows, wholeColumns);
        }
        if (wholeColumns < columns) {
            long from = i + wholeColumns * inStep;
            strided(box, in, from, out, o + (long) wholeColumns * width, wholeRows, columns - wholeColumns);
        }
        if (wholeRows < rows) {
            strided(box, in, i + (long) wholeRows * width, out, o + wholeRows * outStep, rows - wholeRows, columns);
        }
    }

    /**
     * Transposes elements of four bytes, two rows and two columns at a time: one load reads two neighbours of the input, one
     * store writes two neighbours of the output.
     */
    private static void transpose4(
            CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        long inStep = box.inputColumnStride();
        int wholeRows = rows & ~1;
        int wholeColumns = columns & ~1;
        for (int r = 0; r < wholeRows; r += 2) {
            transposePairs(
                    in, i + r * 4L, inStep, out, o + r * box.outputRowStride(), box.outputRowStride(), wholeColumns);
        }
        if (wholeColumns < columns) {
            long from = i + wholeColumns * inStep;
            strided(box, in, from, out, o + wholeColumns * 4L, wholeRows, 1);
        }
        if (wholeRows < rows) {
            strided(box, in, i + wholeRows * 4L, out, o + wholeRows * box.outputRowStride(), 1, columns);
        }
    }

    private static void transposePairs(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long rowOut, int columns) {
        for (int c = 0; c < columns; c += 2) {
            long first = in.get(PAIR, i + c * inStep);
            long second = in.get(PAIR, i + (c + 1) * inStep);
            out.set(PAIR, o + c * 4L, (first & LOW) | (second << 32));
            out.set(PAIR, o + rowOut + c * 4L, (first >>> 32) | (second & ~LOW));
        }
    }

    private static void interleave(
            CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        if (box.width() != Integer.BYTES) {
            strided(box, in, i, out, o, rows, columns);
            return;
        }
        if (rows == 3) {
            interleave3(in, i, i + box.inputRowStride(), i + 2 * box.inputRowStride(), out, o, columns);
            return;
        }
        int wholeRows = rows & ~1;
        int wholeColumns = columns & ~1;
        for (int r = 0; r < wholeRows; r += 2) {
            long from = i + r * box.inputRowStride();
            interleave2(in, from, from + box.inputRowStride(), out, o + r * 4L, box.outputColumnStride(), wholeColumns);
        }
        if (wholeColumns < columns) {
            strided(box, in, i + wholeColumns * 4L, out, o + wholeColumns * box.outputColumnStride(), wholeRows, 1);
        }
        if (wholeRows < rows) {
            strided(box, in, i + wholeRows * box.inputRowStride(), out, o + wholeRows * 4L, 1, columns);
        }
    }

    private static void deinterleave(
            CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        if (rows == 3) {
            deinterleave3(in, i, out, o, o + box.outputRowStride(), o + 2 * box.outputRowStride(), columns);
        } else {
            transpose4(box, in, i, out, o, rows, columns);
        }
    }

    /** Splits triples of 4-byte elements into three planes. */
    private static void deinterleave3(
            MemorySegment in, long i, MemorySegment out, long a, long b, long c, int columns) {
        for (int column = 0; column < columns; column++) {
            long at = column * 4L;
            out.set(B4, a + at, in.get(B4, i + 3 * at));
            out.set(B4, b + at, in.get(B4, i + 3 * at + 4));
            out.set(B4, c + at, in.get(B4, i + 3 * at + 8));
        }
    }

    /** Interleaves two planes of 4-byte elements, two columns at a time. */
    private static void interleave2(
            MemorySegment in, long a, long b, MemorySegment out, long o, long step, int columns) {
        for (int c = 0; c < columns; c += 2) {
            long first = in.get(PAIR, a + c * 4L);
            long second = in.get(PAIR, b + c * 4L);
            out.set(PAIR, o + c * step, (first & LOW) | (second << 32));
            out.set(PAIR, o + (c + 1) * step, (first >>> 32) | (second & ~LOW));
        }
    }

    /** Interleaves three planes of 4-byte elements. */
    private static void interleave3(MemorySegment in, long a, long b, long c, MemorySegment out, long o, int columns) {
        for (int column = 0; column < columns; column++) {
            long at = column * 4L;
            out.set(B4, o + 3 * at, in.get(B4, a + at));
            out.set(B4, o + 3 * at + 4, in.get(B4, b + at));
            out.set(B4, o + 3 * at + 8, in.get(B4, c + at));
        }
    }

    private static void strided(
            CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        long inStep = box.inputColumnStride();
        long outStep = box.outputColumnStride();
        for (int r = 0; r < rows; r++) {
            long from = i + r * box.inputRowStride();
            long to = o + r * box.outputRowStride();
            switch (box.width()) {
                case 1 -> strided1(in, from, inStep, out, to, outStep, columns);
                case 2 -> strided2(in, from, inStep, out, to, outStep, columns);
                case 4 -> strided4(in, from, inStep, out, to, outStep, columns);
                default -> strided8(in, from, inStep, out, to, outStep, columns);
            }
        }
    }

    private static void strided1(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int columns) {
        for (int c = 0; c < columns; c++) {
            out.set(B1, o + c * outStep, in.get(B1, i + c * inStep));
        }
    }

    private static void strided2(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int columns) {
        for (int c = 0; c < columns; c++) {
            out.set(B2, o + c * outStep, in.get(B2, i + c * inStep));
        }
    }

    private static void strided4(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int columns) {
        for (int c = 0; c < columns; c++) {
            out.set(B4, o + c * outStep, in.get(B4, i + c * inStep));
        }
    }

    private static void strided8(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int columns) {
        for (int c = 0; c < columns; c++) {
            out.set(B8, o + c * outStep, in.get(B8, i + c * inStep));
        }
    }
}

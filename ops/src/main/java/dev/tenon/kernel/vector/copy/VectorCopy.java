package dev.tenon.kernel.vector.copy;

import static dev.tenon.kernel.vector.Segments.NATIVE;

import dev.tenon.kernel.copy.BlockCopier;
import dev.tenon.kernel.copy.CopyBox;
import dev.tenon.kernel.scalar.copy.ScalarCopy;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes blocks of 4-byte elements with vectors. All other blocks are copied by {@link ScalarCopy}. A tile of four rows and
 * columns is transposed in registers, in two rounds: they exchange neighbouring lanes, then pairs. Each round swaps one bit of the
 * index of a vector with the same bit of the index of its lanes. One loop goes over all tiles of a block, because a loop for each
 * row of tiles would cost more to start than to run.
 *
 * <p>A box that exceeds all caches is transposed into scratch memory first, and copied from there row by row, so that memory is
 * read and written in long runs. Tiles would read and write runs of 16 bytes, at half the speed or less.
 */
public final class VectorCopy implements BlockCopier {
    /** The rows and columns of a tile. */
    private static final int TILE = 4;

    /** The number of bits of the index of a lane. */
    private static final int ROUNDS = 2;

    /** The columns that are transposed at a time: enough for the hardware prefetcher, and few enough to stay in cache. */
    private static final int BLOCK_COLUMNS = 64;

    /** The elements of a cache line. */
    private static final int LINE_ELEMENTS = 16;

    private static final long ROW = (long) TILE * Integer.BYTES;
    private static final VectorSpecies<Integer> S = IntVector.SPECIES_128;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lane indices of the exchanges: for each bit those of the first result, then those of the second. */
    private static final int[] EXCHANGES = lanes();

    private final ScalarCopy scalar = new ScalarCopy();

    /** Makes the loops. */
    public VectorCopy() {}

    /**
     * The id of a kernel with these loops.
     *
     * @return an id that contains the size of their vectors
     */
    public static String id() {
        return "copy_vector" + TILE * Integer.SIZE;
    }

    private static int[] lanes() {
        int[] lanes = new int[2 * ROUNDS * TILE];
        for (int bit = 0; bit < ROUNDS; bit++) {
            int distance = 1 << bit;
            for (int l = 0; l < TILE; l++) {
                boolean own = (l & distance) == 0;
                lanes[2 * bit * TILE + l] = own ? l : TILE + l - distance;
                lanes[(2 * bit + 1) * TILE + l] = own ? l + distance : TILE + l;
            }
        }
        return lanes;
    }

    @Override
    public long scratchBytes(CopyBox box) {
        return isStaged(box) ? box.blockRows() * scratchRowStride(box) : 0;
    }

    /** Whether blocks are transposed into scratch memory first and then copied row by row. */
    private static boolean isStaged(CopyBox box) {
        return box.exceedsCaches() && box.transposes(Integer.BYTES);
    }

    /** The stride of rows in scratch memory, bytes: whole cache lines plus one, so that it is rarely a power of two. */
    private static long scratchRowStride(CopyBox box) {
        return (Math.ceilDiv(box.blockColumns(), LINE_ELEMENTS) + 1L) * LINE_ELEMENTS * Integer.BYTES;
    }

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
        if (!box.transposes(Integer.BYTES)) {
            scalar.copy(box, in, i, out, o, rows, columns, scratch);
            return;
        }
        int wholeRows = rows / TILE * TILE;
        int wholeColumns = columns / TILE * TILE;
        if (isStaged(box)) {
            long stride = scratchRowStride(box);
            transpose(in, i, box.inputColumnStride(), scratch, 0, stride, wholeRows, wholeColumns, TILE);
            copyRows(scratch, stride, out, o, box.outputRowStride(), wholeRows, wholeColumns);
        } else {
            transpose(
                    in,
                    i,
                    box.inputColumnStride(),
                    out,
                    o,
                    box.outputRowStride(),
                    wholeRows,
                    wholeColumns,
                    BLOCK_COLUMNS);
        }
        if (wholeColumns < columns && wholeRows > 0) {
            long from = i + wholeColumns * box.inputColumnStride();
            long to = o + (long) wholeColumns * Integer.BYTES;
            scalar.copy(box, in, from, out, to, wholeRows, columns - wholeColumns, scratch);
        }
        if (wholeRows < rows) {
            long from = i + (long) wholeRows * Integer.BYTES;
            scalar.copy(box, in, from, out, o + wholeRows * box.outputRowStride(), rows - wholeRows, columns, scratch);
        }
    }

    /**
     * Transposes whole tiles, some columns at a time, so that the cache lines of a column still are in cache when the next rows
     * need them.
     */
    private static void transpose(
            MemorySegment in,
            long i,
            long columnIn,
            MemorySegment out,
            long o,
            long rowOut,
            int rows,
            int columns,
            int blockColumns) {
        for (int c = 0; c < columns; c += blockColumns) {
            int count = Math.min(blockColumns, columns - c);
            long from = i + c * columnIn;
            long to = o + (long) c * Integer.BYTES;
            transposeTiles(in, from, columnIn, out, to, rowOut, rows, count);
        }
    }

    /** Copies rows of whole vectors from scratch memory to the output, in one loop. */
    private static void copyRows(
            MemorySegment scratch, long stride, MemorySegment out, long o, long rowOut, int rows, int columns) {
        scratch = NATIVE.cast(scratch);
        out = NATIVE.cast(out);
        int vectors = columns / TILE;
        long skip = stride - vectors * ROW;
        long outSkip = rowOut - vectors * ROW;
        long from = 0;
        long to = o;
        int left = vectors;
        for (int k = rows * vectors; k > 0; k--) {
            IntVector.fromMemorySegment(S, scratch, from, ORDER).intoMemorySegment(out, to, ORDER);
            from += ROW;
            to += ROW;
            if (--left == 0) {
                left = vectors;
                from += skip;
                to += outSkip;
            }
        }
    }

    /** Transposes tiles, in one loop. */
    private static void transposeTiles(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows, int columns) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        IntVector low1 = IntVector.fromArray(S, EXCHANGES, 0);
        IntVector high1 = IntVector.fromArray(S, EXCHANGES, TILE);
        IntVector low2 = IntVector.fromArray(S, EXCHANGES, 2 * TILE);
        IntVector high2 = IntVector.fromArray(S, EXCHANGES, 3 * TILE);
        int tiles = columns / TILE;
        long inNext = TILE * inStep;
        long inSkip = ROW - tiles * inNext;
        long outSkip = TILE * outStep - tiles * ROW;
        long from = i;
        long to = o;
        int left = tiles;
        for (int tile = tiles * (rows / TILE); tile > 0; tile--) {
            IntVector a0 = IntVector.fromMemorySegment(S, in, from, ORDER);
            IntVector a1 = IntVector.fromMemorySegment(S, in, from + inStep, ORDER);
            IntVector a2 = IntVector.fromMemorySegment(S, in, from + 2 * inStep, ORDER);
            IntVector a3 = IntVector.fromMemorySegment(S, in, from + 3 * inStep, ORDER);
            IntVector b0 = low1.selectFrom(a0, a1);
            IntVector b1 = high1.selectFrom(a0, a1);
            IntVector b2 = low1.selectFrom(a2, a3);
            IntVector b3 = high1.selectFrom(a2, a3);
            low2.selectFrom(b0, b2).intoMemorySegment(out, to, ORDER);
            low2.selectFrom(b1, b3).intoMemorySegment(out, to + outStep, ORDER);
            high2.selectFrom(b0, b2).intoMemorySegment(out, to + 2 * outStep, ORDER);
            high2.selectFrom(b1, b3).intoMemorySegment(out, to + 3 * outStep, ORDER);
            from += inNext;
            to += ROW;
            if (--left == 0) {
                left = tiles;
                from += inSkip;
                to += outSkip;
            }
        }
    }
}

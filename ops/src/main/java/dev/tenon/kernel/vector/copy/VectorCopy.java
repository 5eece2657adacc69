package dev.tenon.kernel.vector.copy;

import static dev.tenon.kernel.vector.Segments.NATIVE;

import dev.tenon.kernel.copy.BlockCopier;
import dev.tenon.kernel.copy.CopyBox;
import dev.tenon.kernel.scalar.copy.ScalarCopy;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Copies blocks as {@link ScalarCopy} does, but those that are transposed with elements of four bytes: eight rows and
 * columns at a time in registers, or four where vectors have no more lanes. Rounds exchange neighbours, pairs, and of eight
 * lanes halves: each swaps one bit of the index of a vector with the same bit of the index of its lanes. One loop goes through
 * the tiles of a block: of a few tiles each, loops for every eight rows would cost a third of the time.
 *
 * <p>What lies in no cache is transposed into scratch memory first, and copied from there row by row, so that long runs are
 * read and written: tiles alone read and write 32 bytes here and there, at half the speed.
 */
public final class VectorCopy implements BlockCopier {
    /** Rows and columns of a tile: lanes are exchanged within 256 bits, however wide vectors may be. */
    private static final int TILE = Math.min(SimdSpecies.LANES, 8);

    /** How many bits the index of a lane has. */
    private static final int ROUNDS = Integer.numberOfTrailingZeros(TILE);

    /** Columns that are turned together, a multiple of the tile: many enough for a prefetcher, few enough to stay near. */
    private static final int COLUMNS = 64;

    /** Elements of a cache line. */
    private static final int LINE_ELEMENTS = 16;

    private static final long ROW = (long) TILE * Integer.BYTES;
    private static final VectorSpecies<Integer> S = TILE == 8 ? IntVector.SPECIES_256 : IntVector.SPECIES_128;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** For each of the bits which lanes of two vectors the first result takes, then which the second. */
    private static final int[] LANES = lanes();

    private final ScalarCopy rest = new ScalarCopy();

    /** The loops. */
    public VectorCopy() {}

    /**
     * The name of a kernel of these loops.
     *
     * @return one that tells how wide their vectors are
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
        return isStaged(box) ? box.blockRows() * pitch(box) : 0;
    }

    /**
     * Whether blocks are transposed into scratch memory first, and then copied row by row: so long runs are read and
     * written, as memory wants it.
     */
    private static boolean isStaged(CopyBox box) {
        return box.isLarge() && box.transposes(Integer.BYTES);
    }

    /** Bytes from a row of scratch memory to the next: whole lines, not a power of two of them. */
    private static long pitch(CopyBox box) {
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
            rest.copy(box, in, i, out, o, rows, columns, scratch);
            return;
        }
        int wholeRows = rows / TILE * TILE;
        int wholeColumns = columns / TILE * TILE;
        if (isStaged(box)) {
            long pitch = pitch(box);
            transpose(in, i, box.columnIn(), scratch, 0, pitch, wholeRows, wholeColumns, TILE);
            copyRows(scratch, pitch, out, o, box.rowOut(), wholeRows, wholeColumns);
        } else {
            transpose(in, i, box.columnIn(), out, o, box.rowOut(), wholeRows, wholeColumns, COLUMNS);
        }
        if (wholeColumns < columns && wholeRows > 0) {
            long from = i + wholeColumns * box.columnIn();
            long to = o + (long) wholeColumns * Integer.BYTES;
            rest.copy(box, in, from, out, to, wholeRows, columns - wholeColumns, scratch);
        }
        if (wholeRows < rows) {
            long from = i + (long) wholeRows * Integer.BYTES;
            rest.copy(box, in, from, out, o + wholeRows * box.rowOut(), rows - wholeRows, columns, scratch);
        }
    }

    /** Transposes whole tiles, some columns at a time: what neighbouring rows need of a column lies together. */
    private static void transpose(
            MemorySegment in,
            long i,
            long columnIn,
            MemorySegment out,
            long o,
            long rowOut,
            int rows,
            int columns,
            int together) {
        for (int c = 0; c < columns; c += together) {
            int count = Math.min(together, columns - c);
            long from = i + c * columnIn;
            long to = o + (long) c * Integer.BYTES;
            if (TILE == 8) {
                transposeEight(in, from, columnIn, out, to, rowOut, rows, count);
            } else {
                transposeFour(in, from, columnIn, out, to, rowOut, rows, count);
            }
        }
    }

    /** Copies rows of whole tiles out of scratch memory, by one loop. */
    private static void copyRows(
            MemorySegment scratch, long pitch, MemorySegment out, long o, long rowOut, int rows, int columns) {
        scratch = NATIVE.cast(scratch);
        out = NATIVE.cast(out);
        int vectors = columns / TILE;
        long skip = pitch - vectors * ROW;
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

    /** Tiles of four rows and columns. */
    private static void transposeFour(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows, int columns) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        IntVector one = IntVector.fromArray(S, LANES, 0);
        IntVector otherOne = IntVector.fromArray(S, LANES, TILE);
        IntVector two = IntVector.fromArray(S, LANES, 2 * TILE);
        IntVector otherTwo = IntVector.fromArray(S, LANES, 3 * TILE);
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
            IntVector b0 = one.selectFrom(a0, a1);
            IntVector b1 = otherOne.selectFrom(a0, a1);
            IntVector b2 = one.selectFrom(a2, a3);
            IntVector b3 = otherOne.selectFrom(a2, a3);
            two.selectFrom(b0, b2).intoMemorySegment(out, to, ORDER);
            two.selectFrom(b1, b3).intoMemorySegment(out, to + outStep, ORDER);
            otherTwo.selectFrom(b0, b2).intoMemorySegment(out, to + 2 * outStep, ORDER);
            otherTwo.selectFrom(b1, b3).intoMemorySegment(out, to + 3 * outStep, ORDER);
            from += inNext;
            to += ROW;
            if (--left == 0) {
                left = tiles;
                from += inSkip;
                to += outSkip;
            }
        }
    }

    /** Tiles of eight rows and columns. */
    private static void transposeEight(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows, int columns) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        IntVector one = IntVector.fromArray(S, LANES, 0);
        IntVector otherOne = IntVector.fromArray(S, LANES, TILE);
        IntVector two = IntVector.fromArray(S, LANES, 2 * TILE);
        IntVector otherTwo = IntVector.fromArray(S, LANES, 3 * TILE);
        IntVector four = IntVector.fromArray(S, LANES, 4 * TILE);
        IntVector otherFour = IntVector.fromArray(S, LANES, 5 * TILE);
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
            IntVector a4 = IntVector.fromMemorySegment(S, in, from + 4 * inStep, ORDER);
            IntVector a5 = IntVector.fromMemorySegment(S, in, from + 5 * inStep, ORDER);
            IntVector a6 = IntVector.fromMemorySegment(S, in, from + 6 * inStep, ORDER);
            IntVector a7 = IntVector.fromMemorySegment(S, in, from + 7 * inStep, ORDER);
            IntVector b0 = one.selectFrom(a0, a1);
            IntVector b1 = otherOne.selectFrom(a0, a1);
            IntVector b2 = one.selectFrom(a2, a3);
            IntVector b3 = otherOne.selectFrom(a2, a3);
            IntVector b4 = one.selectFrom(a4, a5);
            IntVector b5 = otherOne.selectFrom(a4, a5);
            IntVector b6 = one.selectFrom(a6, a7);
            IntVector b7 = otherOne.selectFrom(a6, a7);
            a0 = two.selectFrom(b0, b2);
            a2 = otherTwo.selectFrom(b0, b2);
            a1 = two.selectFrom(b1, b3);
            a3 = otherTwo.selectFrom(b1, b3);
            a4 = two.selectFrom(b4, b6);
            a6 = otherTwo.selectFrom(b4, b6);
            a5 = two.selectFrom(b5, b7);
            a7 = otherTwo.selectFrom(b5, b7);
            four.selectFrom(a0, a4).intoMemorySegment(out, to, ORDER);
            four.selectFrom(a1, a5).intoMemorySegment(out, to + outStep, ORDER);
            four.selectFrom(a2, a6).intoMemorySegment(out, to + 2 * outStep, ORDER);
            four.selectFrom(a3, a7).intoMemorySegment(out, to + 3 * outStep, ORDER);
            otherFour.selectFrom(a0, a4).intoMemorySegment(out, to + 4 * outStep, ORDER);
            otherFour.selectFrom(a1, a5).intoMemorySegment(out, to + 5 * outStep, ORDER);
            otherFour.selectFrom(a2, a6).intoMemorySegment(out, to + 6 * outStep, ORDER);
            otherFour.selectFrom(a3, a7).intoMemorySegment(out, to + 7 * outStep, ORDER);
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

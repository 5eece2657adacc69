package dev.tenon.kernel.vector;

import dev.tenon.kernel.BlockCopier;
import dev.tenon.kernel.CopyBox;
import dev.tenon.kernel.scalar.ScalarCopy;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes blocks of 4-byte elements in tiles of 8 by 8, which are eight vectors: three rounds exchange halves,
 * quarters and single elements between pairs of them. Needs vectors of 256 bits. Everything else, and what is left at
 * the edges, is done by {@link ScalarCopy}.
 */
public final class VectorTranspose implements BlockCopier {
    private static final VectorSpecies<Integer> S = IntVector.SPECIES_256;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int TILE = 8;
    private static final int WIDTH = Integer.BYTES;

    private static final VectorShuffle<Integer> SWAP4 = VectorShuffle.fromOp(S, lane -> lane ^ 4);
    private static final VectorShuffle<Integer> SWAP2 = VectorShuffle.fromOp(S, lane -> lane ^ 2);
    private static final VectorShuffle<Integer> SWAP1 = VectorShuffle.fromOp(S, lane -> lane ^ 1);
    private static final VectorMask<Integer> ODD4 = VectorMask.fromLong(S, 0b11110000);
    private static final VectorMask<Integer> ODD2 = VectorMask.fromLong(S, 0b11001100);
    private static final VectorMask<Integer> ODD1 = VectorMask.fromLong(S, 0b10101010);

    private final ScalarCopy rest = new ScalarCopy();

    private VectorTranspose() {}

    /**
     * The loops of this tier.
     *
     * @return stateless loops
     */
    public static BlockCopier of() {
        return new VectorTranspose();
    }

    @Override
    public void copy(CopyBox box, MemorySegment in, long i, MemorySegment out, long o, int rows, int columns) {
        if (box.kind() != CopyBox.Kind.TRANSPOSE || box.width() != WIDTH || rows < TILE || columns < TILE) {
            rest.copy(box, in, i, out, o, rows, columns);
            return;
        }
        int wholeRows = rows - rows % TILE;
        int wholeColumns = columns - columns % TILE;
        tiles(in, i, box.columnIn(), out, o, box.rowOut(), wholeRows, wholeColumns);
        if (wholeColumns < columns) {
            long from = i + wholeColumns * box.columnIn();
            rest.copy(box, in, from, out, o + (long) wholeColumns * WIDTH, wholeRows, columns - wholeColumns);
        }
        if (wholeRows < rows) {
            long to = o + wholeRows * box.rowOut();
            rest.copy(box, in, i + (long) wholeRows * WIDTH, out, to, rows - wholeRows, columns);
        }
    }

    /** Two tiles at a time read whole cache lines. */
    private static void tiles(
            MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep, int rows, int columns) {
        for (int r = 0; r < rows; r += 2 * TILE) {
            boolean two = r + TILE < rows;
            for (int c = 0; c < columns; c += TILE) {
                long from = i + (long) r * WIDTH + c * inStep;
                long to = o + r * outStep + (long) c * WIDTH;
                tile(in, from, inStep, out, to, outStep);
                if (two) {
                    tile(in, from + TILE * WIDTH, inStep, out, to + TILE * outStep, outStep);
                }
            }
        }
    }

    private static IntVector load(MemorySegment in, long i) {
        return IntVector.fromMemorySegment(S, in, i, ORDER);
    }

    private static void tile(MemorySegment in, long i, long inStep, MemorySegment out, long o, long outStep) {
        IntVector a0 = load(in, i);
        IntVector a1 = load(in, i + inStep);
        IntVector a2 = load(in, i + 2 * inStep);
        IntVector a3 = load(in, i + 3 * inStep);
        IntVector a4 = load(in, i + 4 * inStep);
        IntVector a5 = load(in, i + 5 * inStep);
        IntVector a6 = load(in, i + 6 * inStep);
        IntVector a7 = load(in, i + 7 * inStep);
        IntVector b0 = a0.blend(a4.rearrange(SWAP4), ODD4);
        IntVector b4 = a0.rearrange(SWAP4).blend(a4, ODD4);
        IntVector b1 = a1.blend(a5.rearrange(SWAP4), ODD4);
        IntVector b5 = a1.rearrange(SWAP4).blend(a5, ODD4);
        IntVector b2 = a2.blend(a6.rearrange(SWAP4), ODD4);
        IntVector b6 = a2.rearrange(SWAP4).blend(a6, ODD4);
        IntVector b3 = a3.blend(a7.rearrange(SWAP4), ODD4);
        IntVector b7 = a3.rearrange(SWAP4).blend(a7, ODD4);
        half(b0, b1, b2, b3, out, o, outStep);
        half(b4, b5, b6, b7, out, o + 4 * outStep, outStep);
    }

    private static void half(
            IntVector b0, IntVector b1, IntVector b2, IntVector b3, MemorySegment out, long o, long outStep) {
        IntVector c0 = b0.blend(b2.rearrange(SWAP2), ODD2);
        IntVector c2 = b0.rearrange(SWAP2).blend(b2, ODD2);
        IntVector c1 = b1.blend(b3.rearrange(SWAP2), ODD2);
        IntVector c3 = b1.rearrange(SWAP2).blend(b3, ODD2);
        c0.blend(c1.rearrange(SWAP1), ODD1).intoMemorySegment(out, o, ORDER);
        c0.rearrange(SWAP1).blend(c1, ODD1).intoMemorySegment(out, o + outStep, ORDER);
        c2.blend(c3.rearrange(SWAP1), ODD1).intoMemorySegment(out, o + 2 * outStep, ORDER);
        c2.rearrange(SWAP1).blend(c3, ODD1).intoMemorySegment(out, o + 3 * outStep, ORDER);
    }
}

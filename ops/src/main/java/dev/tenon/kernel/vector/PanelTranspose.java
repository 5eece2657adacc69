package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Writes a panel of {@link VectorPanels} from rows that are its columns. Squares of as many rows as a vector has lanes are
 * turned by perfect shuffles: to interleave the upper half of the rows with the lower one moves the highest bit of an
 * element's place behind the lowest one, and as many times as a row number has bits makes it the column number.
 */
final class PanelTranspose {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final int LANES = S.length();
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final int SQUARE = LANES * LANES;
    private static final int SHUFFLES = Integer.numberOfTrailingZeros(LANES);
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final VectorMask<Float> ODD = VectorMask.fromLong(S, 0xAAAA_AAAA_AAAA_AAAAL >>> (64 - LANES));
    private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(S, i -> i / 2);
    private static final VectorShuffle<Float> HIGH = VectorShuffle.fromOp(S, i -> LANES / 2 + i / 2);

    /** Where in the array the panel's rows are put together, behind two squares. */
    private static final int OUT = 2 * SQUARE;

    private PanelTranspose() {}

    /**
     * Writes a panel.
     *
     * @param source plain native memory
     * @param from the byte offset of the first column's first element
     * @param sourceRow bytes from a column to the next
     * @param k elements of a column
     * @param width columns of the panel, the others become zeros
     * @param target plain native memory
     * @param to the byte offset of the panel
     */
    static void write(
            MemorySegment source, long from, long sourceRow, int k, int width, MemorySegment target, long to) {
        GemmScratch g = GemmScratch.take();
        try {
            for (int p = 0; p < k; p += LANES) {
                int terms = Math.min(LANES, k - p);
                for (int column = 0; column < COLUMNS; column += LANES) {
                    int columns = Math.clamp((long) width - column, 0, LANES);
                    long at = from + column * sourceRow + (long) p * Float.BYTES;
                    load(source, at, sourceRow, columns, terms, g.rows);
                    turn(g.rows, OUT + column);
                }
                MemorySegment.copy(g.rows, OUT, target, F32, to + (long) p * COLUMNS * Float.BYTES, terms * COLUMNS);
            }
        } finally {
            g.give();
        }
    }

    private static void load(MemorySegment source, long at, long sourceRow, int columns, int terms, float[] s) {
        // Elements behind the terms may be read: they end in rows that are not copied out.
        int i = 0;
        for (; i < columns && at + i * sourceRow + VECTOR_BYTES <= source.byteSize(); i++) {
            FloatVector.fromMemorySegment(S, source, at + i * sourceRow, ORDER).intoArray(s, i * LANES);
        }
        for (; i < columns; i++) {
            MemorySegment.copy(source, F32, at + i * sourceRow, s, i * LANES, terms);
        }
        Arrays.fill(s, columns * LANES, SQUARE, 0);
    }

    /** Turns the square at the beginning of an array, by way of the one behind it. */
    private static void turn(float[] s, int to) {
        int from = 0;
        for (int i = 1; i < SHUFFLES; i++) {
            shuffle(s, from, SQUARE - from, LANES);
            from = SQUARE - from;
        }
        shuffle(s, from, to, COLUMNS);
    }

    private static void shuffle(float[] s, int from, int to, int toRow) {
        for (int i = 0; i < LANES / 2; i++) {
            FloatVector a = FloatVector.fromArray(S, s, from + i * LANES);
            FloatVector b = FloatVector.fromArray(S, s, from + i * LANES + SQUARE / 2);
            a.rearrange(LOW).blend(b.rearrange(LOW), ODD).intoArray(s, to + 2 * i * toRow);
            a.rearrange(HIGH).blend(b.rearrange(HIGH), ODD).intoArray(s, to + (2 * i + 1) * toRow);
        }
    }
}

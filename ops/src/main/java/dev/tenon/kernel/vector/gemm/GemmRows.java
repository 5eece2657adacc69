package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The loops of {@link VectorGemm} that copy rows of A and store rows of the result. */
final class GemmRows {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private GemmRows() {}

    /**
     * Copies rows, {@link GemmTile#ROW} elements apart. The last vector of a row overlaps the one before it.
     *
     * @param a the memory of the rows
     * @param offset the byte offset of the first row
     * @param step bytes from row to row
     * @param rows the number of rows
     * @param k the elements of a row
     * @param to receives the rows
     */
    static void copy(MemorySegment a, long offset, long step, int rows, int k, float[] to) {
        if (k < LANES) {
            for (int r = 0; r < rows; r++) {
                MemorySegment.copy(a, SCALAR, offset + r * step, to, r * GemmTile.ROW, k);
            }
            return;
        }
        a = NATIVE.cast(a);
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < k; i += LANES) {
                int j = Math.min(i, k - LANES);
                FLOATS.cast(FloatVector.fromMemorySegment(F32, a, offset + r * step + (long) j * Float.BYTES, ORDER))
                        .intoArray(to, r * GemmTile.ROW + j);
            }
        }
    }

    /**
     * Writes the sums of a tile's products and start values, with a residual if there is one, clamped. NaN stays NaN.
     *
     * @param s holds the tile, the result and the residual
     * @param rows the number of rows
     * @param columns the valid columns; nothing is written beyond them
     * @param to the byte offset of the first element of the result
     * @param base memory that holds the start values
     * @param from the byte offset of the first start value
     * @param baseRow bytes from a row of start values to the next, 0 if one row is for all
     * @param last whether these are the last terms: residual and bounds are left out otherwise
     */
    static void put(
            GemmScratch s, int rows, int columns, long to, MemorySegment base, long from, long baseRow, boolean last) {
        MemorySegment c = NATIVE.cast(s.c);
        MemorySegment start = NATIVE.cast(base);
        MemorySegment residual = last ? NATIVE.cast(s.residual) : null;
        float[] tile = s.tile;
        float least = last && s.bounds != null ? s.bounds.min() : Float.NEGATIVE_INFINITY;
        float greatest = last && s.bounds != null ? s.bounds.max() : Float.POSITIVE_INFINITY;
        int whole = F32.loopBound(columns);
        for (int r = 0; r < rows; r++) {
            int row = r * GemmTile.COLUMNS;
            long out = to + r * s.cRow;
            long in = from + r * baseRow;
            for (int j = 0; j < whole; j += LANES) {
                long at = (long) j * Float.BYTES;
                FloatVector v = FLOATS.cast(FloatVector.fromArray(F32, tile, row + j))
                        .add(FloatVector.fromMemorySegment(F32, start, in + at, ORDER));
                if (residual != null) {
                    v = v.add(FloatVector.fromMemorySegment(F32, residual, out + at, ORDER));
                }
                v = FLOATS.cast(v);
                v = v.blend(least, v.compare(VectorOperators.LT, least));
                v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(c, out + at, ORDER);
            }
            for (int j = whole; j < columns; j++) {
                long at = (long) j * Float.BYTES;
                float v = tile[row + j] + start.get(SCALAR, in + at);
                v = residual == null ? v : v + residual.get(SCALAR, out + at);
                v = v < least ? least : v;
                c.set(SCALAR, out + at, v > greatest ? greatest : v);
            }
        }
    }
}

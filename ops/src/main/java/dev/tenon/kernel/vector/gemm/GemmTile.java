package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;

/**
 * The micro-kernel of the matrix product, {@link LowTile} and {@link TallTile}: the product of a register tile of
 * {@code rows} rows with one panel, {@code tile = A * B} over {@code k} terms. Each element is one chain of fused
 * multiply-adds in the order of k that starts from zero, whatever the number of rows.
 *
 * <p>Constraints on the shape of the loops; the speed drops by a factor if one is violated:
 * <ul>
 * <li>Every accumulator starts from a load of its own. C2 keeps a zero that several share as a boxed object through the
 *     loop.
 * <li>A and the result are stored in arrays. Operations on segments cost the client compiler (C1) so many virtual
 *     registers that it gives up at tier 3 on a method with 50 of them, but not at tier 2. The method then stays at
 *     tier 2 for ever, which is a hundred times slower. Add no operation to {@code rows12} without checking that {@code
 *     -XX:TieredStopAtLevel=3} compiles it.
 * <li>The loop variable is A's index, so that C2 checks before the loop whether A is long enough. An index of its own,
 *     or an offset that is added to the loop variable, costs bounds checks and register copies in each iteration: a
 *     large share of the instructions that a core can issue.
 * <li>The step from one row of B to the next is an argument, though it hardly varies. With a constant, C2 hoists those
 *     checks too, splits the loop into a nest, and spills pointers and vectors inside it. With a variable the checks
 *     stay, and keep the loads near their use.
 * <li>The tile for 16 registers has five rows, not six. Six would leave one register beside the sums, a row of the
 *     panel and an element of A, and C2 would then spill a sum in some JVMs and not in others.
 * </ul>
 */
public final class GemmTile {
    /**
     * The most rows of a tile: as many as fit into the vector registers, beside a row of the panel and a broadcast
     * element.
     */
    public static final int ROWS = SimdSpecies.REGISTERS >= 32 ? 12 : 5;

    /** The columns of a panel. */
    public static final int COLUMNS = 2 * SimdSpecies.LANES;

    /** The most terms that one call takes. */
    public static final int DEPTH = MicroTile.DEPTH;

    /**
     * Elements from a row of A to the next. It is not a multiple of 4096 bytes, which would map all rows to one cache
     * set.
     */
    public static final int ROW = DEPTH + 16;

    private static final long VECTOR_BYTES = (long) SimdSpecies.LANES * Float.BYTES;

    private GemmTile() {}

    /**
     * The rows that the next tile should take so that all remaining rows cost least.
     *
     * @param left the remaining rows, at least 1
     * @return 1 to {@link #ROWS}
     */
    public static int height(int left) {
        if (left >= ROWS) {
            return left == 13 || left == 16 ? Math.min(8, ROWS) : ROWS;
        }
        return switch (left) {
            case 6 -> 4;
            case 7, 9, 10 -> 5;
            default -> left;
        };
    }

    /**
     * Multiplies a tile.
     *
     * @param rows 1 to {@link #ROWS}
     * @param a A from its first element on, {@link #ROW} elements from row to row; up to {@link #ROWS} rows are read;
     *     rows beyond {@code rows} have no effect on the first {@code rows} rows of the result
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the panel's first term
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, {@link #COLUMNS} elements from row to row; written, not read
     */
    public static void multiply(int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        multiply(rows, a, b, bOffset, 2 * VECTOR_BYTES, k, tile, 0);
    }

    /**
     * Multiplies a tile with rows of B that have a stride.
     *
     * @param rows 1 to {@link #ROWS}
     * @param a as in the other method
     * @param b memory that holds B
     * @param bOffset the byte offset of its first row
     * @param bStep bytes from a row to the next, each of {@link #COLUMNS} columns
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, {@link #COLUMNS} elements from row to row; up to {@link #ROWS} rows are written
     * @param to the index of the result's first element
     */
    public static void multiply(
            int rows, float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        if (GemmWarmUps.tile(rows).over()) {
            vectors(rows, a, b, bOffset, bStep, k, tile, to);
        } else if (GemmWarmUps.tile(ROWS).over()) {
            vectors(ROWS, a, b, bOffset, bStep, k, tile, to);
        } else {
            PlainTile.multiply(rows, a, b, bOffset, bStep, k, tile, to);
        }
    }

    /**
     * Whether the loops for a number of rows are compiled. Counts as a request to compile them.
     *
     * @param rows at least 1
     * @return true if all of them are
     */
    static boolean isCompiled(int rows) {
        // Tiles of ROWS rows are used as long as two or more of them remain.
        int left = rows < 2 * ROWS ? rows : ROWS + rows % ROWS;
        boolean compiled = GemmWarmUps.tile(ROWS).over();
        while (left > 0) {
            compiled &= GemmWarmUps.tile(height(left)).over();
            left -= height(left);
        }
        return compiled;
    }

    /** Multiplies a tile on vectors, compiled or not, with rows of B that have a stride. */
    static void vectors(int rows, float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        if (rows == 1) {
            LowTile.rows1(a, b, bOffset, bStep, k, tile, to);
        } else if (rows == 2) {
            LowTile.rows2(a, b, bOffset, bStep, k, tile, to);
        } else if (rows <= 4) {
            LowTile.rows4(a, b, bOffset, bStep, k, tile, to);
        } else if (rows == 5) {
            LowTile.rows5(a, b, bOffset, bStep, k, tile, to);
        } else if (rows <= 8) {
            TallTile.rows8(a, b, bOffset, bStep, k, tile, to);
        } else {
            TallTile.rows12(a, b, bOffset, bStep, k, tile, to);
        }
    }
}

package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;

/**
 * The innermost loops of the matrix product, {@link LowTile} and {@link TallTile}: a tile of {@code rows} times one panel,
 * {@code tile = A * B} over {@code k} terms. Each element is one chain of fused multiply-adds in the order of k, whatever
 * the number of rows, starting from zero.
 *
 * <p>Shape of the loops, each point of which costs a factor when it is not kept:
 *
 * <ul>
 *   <li>Every accumulator starts from a load of its own. A zero shared by several is kept as a boxed object through the
 *       loop.
 *   <li>A and the result lie in arrays. Operations on segments cost the client compiler (C1) so many virtual registers
 *       that it gives up on a method with 50 of them at tier 3 though not at tier 2, and then the method stays at tier 2
 *       for ever, a hundred times slower. Add no operation to {@code rows12} without checking that
 *       {@code -XX:TieredStopAtLevel=3} compiles it.
 *   <li>The variable of the loop is A's index, so that C2 asks before the loop whether A is long enough. An index of its own,
 *       or one that adds an offset to that variable, costs checks and copies between registers in each turn: a third of what a
 *       core of four instructions a cycle can do, and up to half where another thread shares the core.
 *   <li>The step from one row of B to the next is an argument though it hardly varies. With a constant C2 hoists those
 *       checks too, splits the loop into a nest, and spills pointers and vectors inside of it; with a variable they stay,
 *       and hold the loads near their use.
 *   <li>Six rows of {@code rows5}, the tile of 16 registers, would leave one register beside sums, a row of the panel and an
 *       element of A, and whether C2 then spills a sum changes from one JVM to another: half the speed.
 * </ul>
 */
public final class GemmTile {
    /** The most rows of a tile: what the vector registers hold beside a row of the panel and a broadcast element. */
    public static final int ROWS = SimdSpecies.REGISTERS >= 32 ? 12 : 5;

    /** Columns of a panel. */
    public static final int COLUMNS = 2 * SimdSpecies.LANES;

    /** The most terms that one call takes. */
    public static final int DEPTH = MicroTile.DEPTH;

    /** Elements from a row of A to the next: not a multiple of 4096 bytes, which would put the rows into one cache set. */
    public static final int ROW = DEPTH + 16;

    private static final long VECTOR_BYTES = (long) SimdSpecies.LANES * Float.BYTES;

    private GemmTile() {}

    /**
     * How many of some rows the next tile takes, so that all of them cost least.
     *
     * @param left rows that are left, at least 1
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
     * @param a A from its first element on, {@link #ROW} elements from row to row; up to {@link #ROWS} rows are read,
     *     of which those beyond {@code rows} have no effect on the first {@code rows} rows of the result
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the panel's first term
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, {@link #COLUMNS} elements from row to row; written, not read
     */
    public static void multiply(int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        multiply(rows, a, b, bOffset, 2 * VECTOR_BYTES, k, tile, 0);
    }

    /**
     * Multiplies a tile with rows of B that lie some bytes apart.
     *
     * @param rows 1 to {@link #ROWS}
     * @param a A as the other method has it
     * @param b memory that holds B
     * @param bOffset the byte offset of its first row
     * @param bStep bytes from a row to the next, each of {@link #COLUMNS} columns
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, as the other method has it, which up to {@link #ROWS} rows are written of
     * @param to the index of its first element
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
     * Whether the loops for a number of rows are compiled; asks for all of them.
     *
     * @param rows at least 1
     * @return true if none is to be avoided
     */
    static boolean isCompiled(int rows) {
        // Whatever is left above two of the most rows takes the most.
        int left = rows < 2 * ROWS ? rows : ROWS + rows % ROWS;
        boolean compiled = GemmWarmUps.tile(ROWS).over();
        while (left > 0) {
            compiled &= GemmWarmUps.tile(height(left)).over();
            left -= height(left);
        }
        return compiled;
    }

    /** Multiplies a tile with rows of B that lie some bytes apart on vectors, compiled or not. */
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

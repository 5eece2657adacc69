package dev.tenon.kernel;

/**
 * Computes block sizes from the shape of the work, the register tile and the cache sizes. It follows the analytical model of
 * Low, Igual, Smith and Quintana-Ortí, "Analytical Modeling Is Enough for High-Performance BLIS", for loops whose kc is
 * fixed. Every method is a pure function, so that it can be tested for any machine. It gives a positive size for any work,
 * also for empty work.
 *
 * <p>Cache sizes decide the order in which independent results are computed, never how a sum is split: the shape and {@link
 * MicroTile} decide that. So a result has the same bits on any caches.
 *
 * <p>A block that is read repeatedly gets a part of a cache, to leave room for the data that streams through: two fifths of
 * the second level, or half of the third.
 *
 * @param tile the register tile of the micro-kernels
 * @param caches the caches
 */
public record Tiling(MicroTile tile, Caches caches) {
    /**
     * The minimum rows of A that are multiplied by each panel of B: enough to use a panel for pairs of tiles, few enough for
     * the first level to hold some of them.
     */
    private static final int MIN_ROWS = 24;

    /** The gap between the rows of a packed block of A, elements. */
    private static final int ROW_GAP = 16;

    /** The columns of a product that an epilogue works on at a time. */
    private static final int STORE_COLUMNS = 256;

    /** The maximum rows of a block. */
    private static final int MAX_ROWS = 1 << 12;

    /** The share of a core in a third level that other cores use too, in sizes of its second level. */
    private static final long L3_SHARE = 16;

    private static final int MIN_CHAIN = 512;
    private static final int MAX_CHAIN = 4096;

    /**
     * The sizes for a machine.
     *
     * @param capabilities the machine
     * @return its tiling
     */
    public static Tiling of(Capabilities capabilities) {
        return new Tiling(MicroTile.of(capabilities), capabilities.caches());
    }

    /**
     * The blocks of a matrix product whose right operand B is packed in panels.
     *
     * <ul>
     * <li>kc, the terms of a block, follows from k and the register tile.
     * <li>mc, the rows of a block, is limited so that the packed rows of A and their results stay in the second level while
     *     panels of B pass. If B does not fit in the second level, each block of rows reads all panels from farther away, so
     *     mc is as large as the limit allows. If B fits, mc is small, so that packed rows are still in the first level
     *     when they are read. If B does not fit but all rows of A fit beside one panel, all rows are one block.
     * <li>nc, the columns of a block, is chosen so that its panels stay in the third level from one block of rows to the
     *     next.
     * </ul>
     *
     * @param m the rows of the result, at least 0
     * @param n the columns of the result, at least 0
     * @param k the terms of each sum, at least 0
     * @return kc from 1 to the tile's depth; mc, a multiple of the tile's rows; nc, a multiple of the tile's columns
     */
    public GemmBlocking gemm(int m, int n, int k) {
        int kc = depth(k);
        int depths = Math.max(1, Math.ceilDiv(k, kc));
        int minRows = roundUp(MIN_ROWS, tile.rows());
        long tiles = residentBytes() / tileBytes();
        long packedRows = Math.max(minRows, (tiles / depths - 1) * tile.rows());
        long resultRows = caches.l2Bytes() / 10 / (STORE_COLUMNS * (long) Float.BYTES);
        long maxRows =
                Math.max(minRows, Math.min(MAX_ROWS, Math.min(resultRows / tile.rows() * tile.rows(), packedRows)));
        boolean exceedsL2 = Float.BYTES * (long) n * k > caches.l2Bytes() / 2;
        int allRows = roundUp(Math.max(1, m), tile.rows());
        if (exceedsL2
                && allRows <= resultRows
                && (m + (long) tile.columns()) * k * Float.BYTES <= caches.l2Bytes() * 4 / 5) {
            // Only one panel passes between two uses of a row, so all rows stay in the second level.
            return new GemmBlocking(kc, allRows, columns(m, n, k, allRows), true);
        }
        int wanted = exceedsL2 ? roundUp(m, tile.rows()) : minRows;
        int rows = Math.toIntExact(Math.clamp(wanted, minRows, maxRows));
        int parts = Math.max(1, Math.ceilDiv(m, rows));
        int mc = Math.max(1, Math.ceilDiv(Math.ceilDiv(m, parts), tile.rows())) * tile.rows();
        boolean wholeRows = (mc / tile.rows() + 1L) * depths <= Math.max(tiles, 1);
        return new GemmBlocking(kc, mc, columns(m, n, k, mc), wholeRows);
    }

    /** The terms of a block of a sum. All blocks have the same size, rounded up to whole vectors. */
    private int depth(int k) {
        int lanes = Math.max(1, tile.columns() / 2);
        int blocks = Math.max(1, Math.ceilDiv(k, tile.depth()));
        return Math.min(tile.depth(), roundUp(Math.max(1, Math.ceilDiv(k, blocks)), lanes));
    }

    private int columns(int m, int n, int k, int mc) {
        int allColumns = roundUp(Math.max(1, n), tile.columns());
        long share = Math.min(caches.l3Bytes(), L3_SHARE * caches.l2Bytes());
        long fitting = share / 2 / Float.BYTES / Math.max(1, k);
        if (caches.l3Bytes() == 0 || m <= mc || n <= fitting) {
            return allColumns;
        }
        long columns = Math.max(STORE_COLUMNS, fitting) / tile.columns() * tile.columns();
        return Math.toIntExact(Math.clamp(columns, Math.min(tile.columns(), allColumns), allColumns));
    }

    /** The size of the packed rows of one tile, bytes. */
    private long tileBytes() {
        return (long) tile.rows() * (tile.depth() + ROW_GAP) * Float.BYTES;
    }

    /** The part of the second level for a block that is read repeatedly, bytes. */
    private long residentBytes() {
        return caches.l2Bytes() * 2 / 5;
    }

    /**
     * Whether a block of input planes, which a convolution reads once for each tile of outputs, stays in the second level.
     *
     * @param bytes the size of the block, bytes
     * @return true if it takes at most five eighths of the second level
     */
    public boolean planesFitL2(long bytes) {
        return bytes <= caches.l2Bytes() * 5 / 8;
    }

    /**
     * The number of elements of a tile of a chain of element-wise loops. The tiles that are live at a time fill about the
     * first level. They may exceed it by a quarter, because that costs less than twice as many calls of each loop.
     *
     * @param streams how many tiles are live at a time: operands, intermediate results and the result
     * @return elements, a power of two
     */
    public int chainTile(int streams) {
        long budget = caches.l1Bytes() / (Math.max(1, streams) * (long) Float.BYTES);
        return Math.clamp(Long.highestOneBit(Math.max(1, budget + budget / 4)), MIN_CHAIN, MAX_CHAIN);
    }

    /** Rounds a size up to a multiple, or down to the greatest multiple that an int holds. */
    private static int roundUp(int size, int multiple) {
        return Math.min(Math.ceilDiv(size, multiple), Integer.MAX_VALUE / multiple) * multiple;
    }
}

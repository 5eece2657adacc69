package dev.tenon.kernel;

/**
 * The sizes of the blocks that loops work through, from the shape of the work, the tile that registers hold, and the
 * sizes of the caches: the analytical model of Low, Igual, Smith and Quintana-Ortí, "Analytical Modeling Is Enough for
 * High-Performance BLIS", for loops whose kc is fixed. Every method is a pure function and gives a positive size for
 * any work, of none too, so that it can be tested for machines that are not here.
 *
 * <p>What depends on caches is the order in which independent results come, never a sum: a product is summed in blocks
 * of terms as shape and {@link MicroTile} have it. So a result has the same bits whatever the caches.
 *
 * <p>Shares of a cache leave room for what streams through it: two fifths of the second level are for the block that
 * stays, half of the third.
 *
 * @param tile the tile of the innermost loops
 * @param caches the caches
 */
public record Tiling(MicroTile tile, Caches caches) {
    /** Rows that every panel is to serve: many enough for pairs of panels, few enough for the first level to hold some. */
    private static final int LEAST_ROWS = 24;

    /** Elements between the rows of a block of A beside its terms. */
    private static final int ROW_GAP = 16;

    /** Columns of a product that are finished together. */
    private static final int FINISHED_COLUMNS = 256;

    /** No block has more rows or tiles. */
    private static final int MOST_ROWS = 1 << 12;

    /** What a core can count on of a third level that others use too, in sizes of its own second level. */
    private static final long FAR_SHARE = 16;

    private static final int SMALLEST_CHAIN = 512;
    private static final int LARGEST_CHAIN = 4096;

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
     * The blocks of a matrix product whose right operand lies in panels. The terms of a block, kc, follow from k and the
     * tile alone. The rows, mc, are at most those whose terms, and whose results, stay in the second level while panels
     * pass: all of these where panels come from farther away, once for each block of rows, and few, so that their copies
     * are near when they are read, where the second level holds all panels. Where panels come from afar and all rows fit
     * beside one of them, they are one block. The columns, nc, are those whose panels stay in the third level from one
     * block of rows to the next.
     *
     * @param m rows, at least 0
     * @param n columns, at least 0
     * @param k terms, at least 0
     * @return kc, at least 1, and at most the tile's depth; mc, a multiple of the tile's rows; nc, a multiple of the
     *     tile's columns
     */
    public GemmBlocking gemm(int m, int n, int k) {
        int kc = depth(k);
        int depths = Math.max(1, Math.ceilDiv(k, kc));
        int least = up(LEAST_ROWS, tile.rows());
        long tiles = stay() / tileBytes();
        long fitting = Math.max(least, (tiles / depths - 1) * tile.rows());
        long finished = caches.l2Bytes() / 10 / (FINISHED_COLUMNS * (long) Float.BYTES);
        long most = Math.max(least, Math.min(MOST_ROWS, Math.min(finished / tile.rows() * tile.rows(), fitting)));
        boolean far = Float.BYTES * (long) n * k > caches.l2Bytes() / 2;
        int all = up(Math.max(1, m), tile.rows());
        if (far && all <= finished && (m + (long) tile.columns()) * k * Float.BYTES <= caches.l2Bytes() * 4 / 5) {
            // Between two uses of a row a panel passes, no more, so that they stay.
            return new GemmBlocking(kc, all, columns(m, n, k, all), true);
        }
        int wanted = far ? up(m, tile.rows()) : least;
        int rows = Math.toIntExact(Math.clamp(wanted, least, most));
        int parts = Math.max(1, Math.ceilDiv(m, rows));
        int mc = Math.max(1, Math.ceilDiv(Math.ceilDiv(m, parts), tile.rows())) * tile.rows();
        boolean whole = (mc / tile.rows() + 1L) * depths <= Math.max(tiles, 1);
        return new GemmBlocking(kc, mc, columns(m, n, k, mc), whole);
    }

    /** The terms of a block of a sum: blocks are of one size, up to whole vectors. */
    private int depth(int k) {
        int lanes = Math.max(1, tile.columns() / 2);
        int blocks = Math.max(1, Math.ceilDiv(k, tile.depth()));
        return Math.min(tile.depth(), up(Math.max(1, Math.ceilDiv(k, blocks)), lanes));
    }

    private int columns(int m, int n, int k, int mc) {
        int all = up(Math.max(1, n), tile.columns());
        long share = Math.min(caches.l3Bytes(), FAR_SHARE * caches.l2Bytes());
        long kept = share / 2 / Float.BYTES / Math.max(1, k);
        if (caches.l3Bytes() == 0 || m <= mc || n <= kept) {
            return all;
        }
        long whole = Math.max(FINISHED_COLUMNS, kept) / tile.columns() * tile.columns();
        return Math.toIntExact(Math.clamp(whole, Math.min(tile.columns(), all), all));
    }

    /** The bytes of the rows of a tile as they are copied. */
    private long tileBytes() {
        return (long) tile.rows() * (tile.depth() + ROW_GAP) * Float.BYTES;
    }

    /** Bytes that are read again and again from the second level. */
    private long stay() {
        return caches.l2Bytes() * 2 / 5;
    }

    /**
     * The rows of a result that something is done to while they are in the first level.
     *
     * @param columns elements of a row, at least 0
     * @return rows, at least 1
     */
    public int finishedRows(int columns) {
        long bytes = Math.max(1, columns) * (long) Float.BYTES;
        return Math.toIntExact(Math.clamp(caches.l1Bytes() / 2 / bytes, 1, MOST_ROWS));
    }

    /**
     * Whether a block of planes, which is read once for each tile of outputs, stays in the second level.
     *
     * @param bytes the block, bytes
     * @return true if it takes at most five eighths of it
     */
    public boolean planesStay(long bytes) {
        return bytes <= caches.l2Bytes() * 5 / 8;
    }

    /**
     * Whether transformed weights stay in the second level beside the tiles that pass through it.
     *
     * @param weightBytes bytes of all of them
     * @return true if they take at most half of it
     */
    public boolean filtersStay(long weightBytes) {
        return weightBytes <= caches.l2Bytes() / 2;
    }

    /**
     * The tiles of a block of minimal filtering. All weights are read for each block: where they stay in the second level
     * few tiles are best, which the first level has most of; where they do not, as many as the second level holds.
     *
     * @param tileBytes bytes of a transformed tile and of its products
     * @param weightBytes bytes of all transformed weights
     * @return tiles, a multiple of the micro-tile's rows
     */
    public int filterTiles(long tileBytes, long weightBytes) {
        int least = up(LEAST_ROWS, tile.rows());
        if (filtersStay(weightBytes)) {
            return least;
        }
        long fitting = stay() / Math.max(1, tileBytes) / tile.rows() * tile.rows();
        return Math.toIntExact(Math.clamp(fitting, least, up(MOST_ROWS, tile.rows())));
    }

    /**
     * The elements of a tile of a chain of element-wise loops: what is live of it at a time fills the first level, about.
     * A tile that reaches a little beyond costs less than twice as many calls of loops.
     *
     * @param streams how many tiles are live at a time: operands, intermediate results and the result
     * @return elements, a power of two
     */
    public int chain(int streams) {
        long budget = caches.l1Bytes() / (Math.max(1, streams) * (long) Float.BYTES);
        return Math.clamp(Long.highestOneBit(Math.max(1, budget + budget / 4)), SMALLEST_CHAIN, LARGEST_CHAIN);
    }

    /** A size up to whole multiples; the greatest multiple that there is where an int can't hold that. */
    private static int up(int size, int multiple) {
        return Math.min(Math.ceilDiv(size, multiple), Integer.MAX_VALUE / multiple) * multiple;
    }
}

package dev.tenon.kernel.x64.gemm;

/**
 * How a product is split into parts: blocks of rows, each split into blocks of columns. It depends on sizes alone.
 *
 * @param rowParts the blocks of rows, at least 1
 * @param partRows the rows of a block, at least 1; the last one may have fewer. If there are several, whole tiles
 * @param columnParts the blocks of columns, at least 1
 * @param partColumns the columns of a block; the last one may have fewer
 */
record TilePartition(int rowParts, int partRows, int columnParts, int partColumns) {
    /** The rows of a part if nothing else is known: few enough for its results to stay near for an epilogue. */
    static final int PART_ROWS = 132;

    /** The rows of a part in tile registers, whole tiles. */
    private static final int AMX_PART_ROWS = 128;

    /** The parts of a product with few rows, for threads to share. */
    private static final int TARGET_PARTS = 8;

    /**
     * The partition of a stack of products.
     *
     * @param count the number of products
     * @param m the rows of a product
     * @param n its columns
     * @param k its terms
     * @param mostRows the most rows of a part, a multiple of those of a tile
     * @param groupColumns parts have a multiple of so many columns
     * @param mostWork the multiply-adds of a part, some hundred microseconds of work
     */
    static TilePartition of(int count, int m, int n, int k, int mostRows, int groupColumns, long mostWork) {
        int blocks = Math.max(1, Math.ceilDiv(m, mostRows));
        int tiles = Math.ceilDiv(Math.ceilDiv(m, blocks), BlockProduct.MAX_ROWS);
        int partRows = Math.max(1, blocks == 1 ? m : tiles * BlockProduct.MAX_ROWS);
        return ofRows(count, m, n, k, partRows, groupColumns, mostWork);
    }

    /**
     * The partition of a product in tile registers.
     *
     * @param m the rows of the product
     * @param n its columns
     * @param k its terms
     * @param mostWork the multiply-adds of a part, some hundred microseconds of work
     */
    static TilePartition ofTileRegisters(int m, int n, int k, long mostWork) {
        int blocks = Math.max(1, Math.ceilDiv(m, AMX_PART_ROWS));
        int tiles = Math.ceilDiv(Math.ceilDiv(m, blocks), AmxBlock.SIDE);
        int partRows = Math.max(1, blocks == 1 ? m : tiles * AmxBlock.SIDE);
        return ofRows(1, m, n, k, partRows, AmxBlock.SIDE, mostWork);
    }

    private static TilePartition ofRows(int count, int m, int n, int k, int partRows, int groupColumns, long mostWork) {
        int rowParts = Math.max(1, Math.ceilDiv(m, partRows));
        int groups = Math.max(1, Math.ceilDiv(n, groupColumns));
        long groupWork = (long) partRows * groupColumns * Math.max(1, k);
        long most = Math.max(1, mostWork / groupWork);
        long wanted = Math.max(1, Math.ceilDiv((long) groups * rowParts * count, TARGET_PARTS));
        long least = Math.max(1, mostWork / TARGET_PARTS / groupWork);
        int partGroups = (int) Math.min(groups, Math.min(most, Math.max(least, wanted)));
        partGroups += partGroups < groups ? partGroups % 2 : 0;
        return new TilePartition(rowParts, partRows, Math.ceilDiv(groups, partGroups), partGroups * groupColumns);
    }

    /** The parts of one product. */
    int parts() {
        return Math.multiplyExact(rowParts, columnParts);
    }

    /** The rows of a block of a product with m rows. */
    int rows(int rowPart, int m) {
        return rowPart == rowParts - 1 ? Math.max(1, m - partRows * (rowParts - 1)) : partRows;
    }

    /** The columns of a block of a product with n columns. */
    int columns(int columnPart, int n) {
        return Math.min(partColumns, n - columnPart * partColumns);
    }
}

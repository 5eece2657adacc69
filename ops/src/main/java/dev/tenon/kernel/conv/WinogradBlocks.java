package dev.tenon.kernel.conv;

/**
 * How the tiles of a convolution by Winograd's minimal filtering are cut into blocks. A block is some neighbouring lines of
 * tiles, perhaps of several images, or a part of one line.
 *
 * @param tileRows the lines of tiles of an image
 * @param tilesPerRow the tiles of a line
 * @param rows the lines of tiles of a block
 * @param rowParts the parts of a line, 1 unless a block is a part of a line
 * @param rowTiles the tiles of a line, or of a part of it, but for the last part
 * @param blocks the number of blocks
 * @param allRows the lines of tiles of all images
 */
public record WinogradBlocks(
        int tileRows, int tilesPerRow, int rows, int rowParts, int rowTiles, int blocks, int allRows) {
    /**
     * Blocks of about so many tiles.
     *
     * @param p the convolution
     * @param tile the lines of a tile
     * @param wanted the number of tiles
     * @return the blocks
     */
    public static WinogradBlocks of(ConvProblem p, int tile, int wanted) {
        int tileRows = Math.ceilDiv(p.window().rows().output(), tile);
        int tilesPerRow = Math.ceilDiv(p.window().columns().output(), tile);
        int allRows = Math.multiplyExact(p.instances(), tileRows);
        int rowParts = Math.ceilDiv(tilesPerRow, wanted);
        int rowTiles = Math.ceilDiv(tilesPerRow, rowParts);
        rowParts = Math.ceilDiv(tilesPerRow, rowTiles);
        int most = rowParts > 1 ? 1 : Math.min(allRows, wanted / tilesPerRow);
        int rowBlocks = Math.ceilDiv(allRows, most);
        int rows = Math.ceilDiv(allRows, rowBlocks);
        int blocks = Math.multiplyExact(rowParts, Math.ceilDiv(allRows, rows));
        return new WinogradBlocks(tileRows, tilesPerRow, rows, rowParts, rowTiles, blocks, allRows);
    }

    /**
     * The first line of tiles of a block, counted through all images.
     *
     * @param block its number
     * @return the line
     */
    public int firstRow(int block) {
        return block / rowParts * rows;
    }

    /**
     * The lines of tiles of a block.
     *
     * @param block its number
     * @return the number of lines
     */
    public int rowCount(int block) {
        return Math.min(rows, allRows - firstRow(block));
    }

    /**
     * The first tile of each line of a block.
     *
     * @param block its number
     * @return its place in the line
     */
    public int firstTile(int block) {
        return block % rowParts * rowTiles;
    }

    /**
     * The tiles of each line of a block.
     *
     * @param block its number
     * @return the number of tiles
     */
    public int tileCount(int block) {
        return Math.min(rowTiles, tilesPerRow - firstTile(block));
    }

    /**
     * The tiles of a block.
     *
     * @param block its number
     * @return the number of tiles
     */
    public int tiles(int block) {
        return rowCount(block) * tileCount(block);
    }

    /**
     * The most tiles of a block.
     *
     * @return the number of tiles
     */
    public int maxTiles() {
        return tiles(0);
    }
}

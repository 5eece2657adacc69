package dev.tenon.kernel;

/**
 * The register tile of matrix products: the micro-kernel computes {@code rows} by {@code columns} elements of the result
 * at a time, each summed over at most {@code depth} terms. Everything that decides how a sum is split is here. None of it
 * depends on caches or threads, so that results have the same bits on all machines of one instruction set.
 *
 * @param rows the rows of a tile, at least 1
 * @param columns the columns of a tile, at least 1
 * @param depth the maximum number of terms of a block of a sum, at least 1
 */
public record MicroTile(int rows, int columns, int depth) {
    /** The maximum number of terms of a block of a sum, on all machines. */
    public static final int DEPTH = 512;

    private static final int MANY_REGISTERS = 32;
    private static final int FLOAT_BITS = 32;
    private static final int MIN_BITS = 128;

    /**
     * The tile of a machine's vector tier.
     *
     * @param capabilities the machine
     * @return its tile; the tile for the shortest vectors if the tier is off
     */
    public static MicroTile of(Capabilities capabilities) {
        int rows = capabilities.vectorRegisters() >= MANY_REGISTERS ? 12 : 4;
        int bits = Math.max(MIN_BITS, capabilities.vectorBits());
        return new MicroTile(rows, 2 * bits / FLOAT_BITS, DEPTH);
    }
}

package dev.tenon.kernel;

/**
 * What the innermost loops of matrix products work on at a time, given by registers: a tile of {@code rows} times
 * {@code columns} elements, each summed over at most {@code depth} terms. Everything that decides how a sum is cut is
 * here, and none of it depends on caches or threads.
 *
 * @param rows rows of a tile, at least 1
 * @param columns columns of a tile, at least 1
 * @param depth the most terms of a block of a sum, at least 1
 */
public record MicroTile(int rows, int columns, int depth) {
    /** The most terms of a block of a sum, on all machines. */
    public static final int DEPTH = 512;

    private static final int MANY_REGISTERS = 32;
    private static final int FLOAT_BITS = 32;
    private static final int SMALLEST_BITS = 128;

    /**
     * The tile of a machine's vector tier.
     *
     * @param capabilities the machine
     * @return its tile; one of the smallest vectors if the tier is off
     */
    public static MicroTile of(Capabilities capabilities) {
        int rows = capabilities.vectorRegisters() >= MANY_REGISTERS ? 12 : 5;
        int bits = Math.max(SMALLEST_BITS, capabilities.vectorBits());
        return new MicroTile(rows, 2 * bits / FLOAT_BITS, DEPTH);
    }
}

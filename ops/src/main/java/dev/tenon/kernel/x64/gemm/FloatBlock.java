package dev.tenon.kernel.x64.gemm;

import java.lang.foreign.MemorySegment;

/**
 * The product of a block of rows of float32 with packed panels, for kernels that multiply as one of several steps. A panel has
 * two vectors of columns. The order of a sum depends on the number of terms and the instruction set alone. Immutable and
 * thread-safe.
 */
public final class FloatBlock {
    /** The size of a block of arguments. */
    public static final int BYTES = TileArgument.BYTES;

    private static final int PANEL_VECTORS = 2;

    private final BlockProduct product;

    /**
     * A product.
     *
     * @param bits the width of vectors: 256 or 512
     * @param rows the rows, at least 1
     */
    public FloatBlock(int bits, int rows) {
        this(new FloatProduct(bits), rows);
    }

    private FloatBlock(TileProduct terms, int rows) {
        product = new BlockProduct(terms, new FloatEnds(), PANEL_VECTORS, rows);
    }

    /**
     * The squared distances of rows from columns, in the place of products.
     *
     * @param bits the width of vectors: 256 or 512
     * @param rows the rows, at least 1
     * @return the block
     */
    public static FloatBlock ofDistances(int bits, int rows) {
        return new FloatBlock(new DistanceProduct(new FloatProduct(bits)), rows);
    }

    /**
     * The columns of a panel.
     *
     * @param bits the width of vectors: 256 or 512
     * @return their number
     */
    public static int panelColumns(int bits) {
        return PANEL_VECTORS * bits / Float.SIZE;
    }

    /**
     * Begins a run.
     *
     * @param block the block of arguments
     */
    public static void begin(MemorySegment block) {
        TileBlock.clear(block);
        TileBlock.set(block, TileArgument.SEGMENTS, 1);
    }

    /**
     * Sets the left operand.
     *
     * @param block the block of arguments
     * @param address the address of its first row
     * @param rowBytes bytes from a row to the next
     */
    public static void setLeft(MemorySegment block, long address, long rowBytes) {
        TileBlock.set(block, TileArgument.A, address);
        TileBlock.set(block, TileArgument.A_ROW, rowBytes);
    }

    /**
     * Sets the panels. They are set again before each product, as all addresses.
     *
     * @param block the block of arguments
     * @param address the address of the first panel
     * @param panelBytes bytes from a panel to the next
     */
    public static void setPanels(MemorySegment block, long address, long panelBytes) {
        TileBlock.set(block, TileArgument.B, address);
        TileBlock.set(block, TileArgument.B_PANEL, panelBytes);
    }

    /**
     * Sets the result.
     *
     * @param block the block of arguments
     * @param address the address of its first row
     * @param rowBytes bytes from a row to the next
     */
    public static void setResult(MemorySegment block, long address, long rowBytes) {
        TileBlock.set(block, TileArgument.C, address);
        TileBlock.set(block, TileArgument.C_ROW, rowBytes);
    }

    /**
     * Multiplies.
     *
     * @param block the block of arguments, with the left operand, the panels and the result
     * @param columns the columns of the result
     * @param terms the terms of a sum
     */
    public void run(MemorySegment block, int columns, int terms) {
        TileBlock.setTerms(block, terms);
        product.run(block, columns);
    }
}

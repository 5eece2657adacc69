package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The operands of one run of a matrix product, and the arrays that it works in. Instances come from a pool. */
final class GemmScratch {
    private static final ScratchPool<GemmScratch> POOL = new ScratchPool<>(GemmScratch::new);
    private static final int BLOCK_ELEMENTS = GemmTile.ROWS * GemmTile.ROW;
    private static final int FEW_BLOCKS = 16;

    /** The operand A, the byte offset of its first element, and bytes from row to row. */
    MemorySegment a;

    long aOffset;
    long aRow;

    /** The panels of B, and the byte offset of the first. */
    MemorySegment b;

    long bOffset;

    /** The result, the byte offset of its first element, and bytes from row to row. */
    MemorySegment c;

    long cOffset;
    long cRow;

    /** The start values, the byte offset of the first, bytes from row to row, and bytes from panel to panel. */
    MemorySegment start;

    long startOffset;
    long startRow;
    long startPanel;

    /** Added to the sums, and stored as the result is; or null. */
    MemorySegment residual;

    /** The bounds that the sums are clamped to. */
    Bounds bounds;

    /** The first row of A that {@link #block} holds for this run, or -1. */
    int row;

    /** The product of a tile, {@link GemmTile#COLUMNS} elements from row to row. */
    final float[] tile = new float[GemmTile.ROWS * GemmTile.COLUMNS];

    /** A vector of sums for each of a few rows. */
    final float[] lanes = new float[VectorDotGemm.ROWS * SimdSpecies.LANES];

    private float[][] blocks = new float[FEW_BLOCKS][];
    private float[] elements = new float[0];

    private GemmScratch() {}

    /** An array for the rows of a tile of A, {@link GemmTile#ROW} elements apart. */
    float[] block(int index) {
        if (index >= blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(index + 1, 2 * blocks.length));
        }
        if (blocks[index] == null) {
            blocks[index] = new float[BLOCK_ELEMENTS];
        }
        return blocks[index];
    }

    /** An array of at least some elements. */
    float[] elements(int count) {
        if (elements.length < count) {
            elements = new float[count];
        }
        return elements;
    }

    static GemmScratch take() {
        GemmScratch scratch = POOL.take();
        scratch.row = -1;
        return scratch;
    }

    void give() {
        a = null;
        b = null;
        c = null;
        start = null;
        residual = null;
        bounds = null;
        POOL.give(this);
    }
}

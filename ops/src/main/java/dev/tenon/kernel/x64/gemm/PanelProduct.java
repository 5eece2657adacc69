package dev.tenon.kernel.x64.gemm;

import java.lang.foreign.MemorySegment;

/** The product of a number of rows with any number of panels, by functions in machine code. Immutable and thread-safe. */
interface PanelProduct {
    /**
     * The name of the function for whole tiles.
     *
     * @return such as {@code gemm_f32_12x32_avx512}
     */
    String id();

    /**
     * The size of whole tiles and the instruction set.
     *
     * @return such as {@code 12x32_avx512}
     */
    String tile();

    /**
     * Multiplies. The block of arguments holds everything but the numbers of tiles and groups and the masks; its addresses are
     * those of the first row and column. They move on, so the caller sets them again before the next call.
     *
     * @param block the block of arguments
     * @param columns the columns, at least 1
     */
    void run(MemorySegment block, int columns);
}

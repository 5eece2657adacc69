package dev.tenon.kernel.vector.gemm;

import java.lang.foreign.MemorySegment;

/**
 * Packs rows of the left operand of a product that is not stored as a row-major matrix. Immutable; a call allocates
 * nothing.
 */
public interface RowPacker {
    /**
     * Packs some terms of some rows, {@link GemmTile#ROW} elements from row to row. May overwrite up to a vector less
     * one element after the terms of a row.
     *
     * @param a the memory of the operand
     * @param row the first row
     * @param rows the number of rows, at most {@link GemmTile#ROWS}
     * @param firstTerm the first term
     * @param terms the number of terms, at most {@link GemmTile#DEPTH}
     * @param to receives the terms
     */
    void packRows(MemorySegment a, int row, int rows, int firstTerm, int terms, float[] to);
}

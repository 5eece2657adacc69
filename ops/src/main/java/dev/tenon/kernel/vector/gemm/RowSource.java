package dev.tenon.kernel.vector.gemm;

import java.lang.foreign.MemorySegment;

/** The rows of the left operand of a product that lies in memory as no matrix. Immutable; a call allocates nothing. */
public interface RowSource {
    /**
     * Copies some terms of some rows to where they lie {@link GemmTile#ROW} elements apart. Up to a vector less one
     * element behind the terms of a row may be overwritten.
     *
     * @param a the memory
     * @param row the first row
     * @param rows the number of rows, at most {@link GemmTile#ROWS}
     * @param from the first term
     * @param terms the number of terms, at most {@link GemmTile#DEPTH}
     * @param to where they go
     */
    void copy(MemorySegment a, int row, int rows, int from, int terms, float[] to);
}

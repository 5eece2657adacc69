package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.x64.ArgumentSlot;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The arguments of a function that turns rows of float32 into operands of tiles. */
enum RowArgument implements ArgumentSlot {
    /** The first row. */
    X,
    /** Bytes from a row to the next. */
    X_ROW,
    /** The number of rows, at least 1. */
    ROWS,
    /** The whole vectors of a row. */
    VECTORS,
    /** A bit for each element after them. */
    LAST_MASK,
    /** The first row of the result. */
    RESULT,
    /** Bytes from a row of the result to the next. */
    RESULT_ROW,
    /** Where the scales of the rows go, float32. */
    SCALES,
    /** Where the negated zero points of the rows go, int32. */
    ZEROS;

    /** The size of a block. */
    static final int BYTES = 192;

    /** With vectors of 256 bits, the mask of the elements of the last one. */
    static final int LAST_VECTOR_OFFSET = BYTES - 32;

    private static final int LAST_VECTOR_LANES = 8;

    /**
     * Sets the number of elements of a row.
     *
     * @param memory memory with the block
     * @param block its offset
     * @param terms the elements
     * @param bits the width of vectors
     */
    static void setTerms(MemorySegment memory, long block, int terms, int bits) {
        int lanes = bits / Float.SIZE;
        int rest = terms % lanes;
        VECTORS.set(memory, block, terms / lanes);
        LAST_MASK.set(memory, block, (1 << rest) - 1);
        for (int i = 0; i < LAST_VECTOR_LANES; i++) {
            memory.set(ValueLayout.JAVA_INT, block + LAST_VECTOR_OFFSET + (long) i * Integer.BYTES, i < rest ? -1 : 0);
        }
    }
}

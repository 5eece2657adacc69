package dev.tenon.kernel.copy;

import java.lang.foreign.MemorySegment;

/** Loops that copy a block of a {@link CopyBox}. Stateless; a call allocates nothing. */
public interface BlockCopier {
    /**
     * Runs of at least so many bytes are copied by {@link MemorySegment#copy}, which takes an input of any kind; shorter
     * ones by loops, which want native memory.
     */
    long BULK_BYTES = 64;

    /**
     * The scratch memory that blocks of a box take.
     *
     * @param box the box
     * @return bytes, 0 if none
     */
    default long scratchBytes(CopyBox box) {
        return 0;
    }

    /**
     * Copies a block.
     *
     * @param box the box: kind, width and strides
     * @param in the input; null for boxes without one
     * @param i the place of the block's first element in the input, bytes
     * @param out the output
     * @param o the place of the block's first element in the output, bytes
     * @param rows the number of rows, at least 1
     * @param columns the number of columns, at least 1
     * @param scratch scratch memory of at least {@link #scratchBytes}
     */
    void copy(
            CopyBox box,
            MemorySegment in,
            long i,
            MemorySegment out,
            long o,
            int rows,
            int columns,
            MemorySegment scratch);
}

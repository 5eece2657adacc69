package dev.tenon.kernel.copy;

import java.lang.foreign.MemorySegment;

/** Loops that copy a block of a {@link CopyBox}. Stateless; a call allocates nothing. */
public interface BlockCopier {
    /**
     * The minimum length of a run that is copied by {@link MemorySegment#copy}, bytes. That method takes an input of any kind;
     * shorter runs are copied by loops, which need native memory.
     */
    long BULK_BYTES = 64;

    /**
     * The scratch memory that the blocks of a box need.
     *
     * @param box the box
     * @return bytes, 0 for none
     */
    default long scratchBytes(CopyBox box) {
        return 0;
    }

    /**
     * Copies a block.
     *
     * @param box the box, which has the kind, the width of elements and the strides
     * @param in the input; null for boxes without one
     * @param i the offset of the block's first element in the input, bytes
     * @param out the output
     * @param o the offset of the block's first element in the output, bytes
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

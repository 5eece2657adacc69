package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Work on a block of a result while the block is in the first-level cache, such as an activation, a residual or a scale. It
 * covers every element exactly once, after the element's last term was added, on the thread that computed the block. Blocks
 * come in any order and on several threads at a time. Must allocate nothing.
 */
@FunctionalInterface
public interface TileEpilogue {
    /**
     * Changes a block in place. If {@code base} is the byte offset of the result's first element, then {@code (byteOffset -
     * base) / 4 / ldc} is the block's first row, and the remainder its first column.
     *
     * @param c the memory of the result, float32
     * @param byteOffset the offset of the block's first element, bytes
     * @param rows the rows of the block, at least 1
     * @param columns the columns of the block, at least 1
     * @param ldc the leading dimension of the result: elements from the start of a row to the start of the next
     * @param operands the operands of the run, as for {@link Kernel#run}
     * @param scratch the scratch memory of the run
     */
    void apply(
            MemorySegment c,
            long byteOffset,
            int rows,
            int columns,
            long ldc,
            MemorySegment[] operands,
            MemorySegment scratch);

    /**
     * The scratch memory that it needs.
     *
     * @return bytes, 0 for none
     */
    default long scratchBytes() {
        return 0;
    }

    /**
     * The same work with scratch memory that starts at an offset.
     *
     * @param base the offset, bytes, a multiple of 64
     * @return the epilogue that a kernel calls
     */
    default TileEpilogue withScratchAt(long base) {
        return this;
    }

    /**
     * The same work in a form that a kernel may apply where it stores its sums.
     *
     * @return the tensor to add and the bounds to clip to, or null if the epilogue does anything else
     */
    default StoreEpilogue asStoreEpilogue() {
        return null;
    }

    /** The offset at which scratch memory after that of a kernel starts. */
    private static long start(long own) {
        return (own + 63) & -64;
    }

    /**
     * An epilogue whose scratch memory follows that of the kernel.
     *
     * @param epilogue the epilogue of a problem, or null
     * @param own the scratch memory of the kernel itself, bytes
     * @return the epilogue that the kernel calls, or null
     */
    static TileEpilogue withScratchAfter(TileEpilogue epilogue, long own) {
        return epilogue == null ? null : epilogue.withScratchAt(start(own));
    }

    /**
     * The scratch memory of a kernel with an epilogue.
     *
     * @param epilogue the epilogue, or null
     * @param own the scratch memory of the kernel itself, bytes
     * @return bytes
     */
    static long scratchBytes(TileEpilogue epilogue, long own) {
        return epilogue == null ? own : start(own) + epilogue.scratchBytes();
    }

    /**
     * The id of a kernel with an epilogue.
     *
     * @param epilogue the epilogue, or null
     * @param id the id of the kernel without an epilogue
     * @return the id
     */
    static String id(TileEpilogue epilogue, String id) {
        return epilogue == null ? id : id + "_fused";
    }
}

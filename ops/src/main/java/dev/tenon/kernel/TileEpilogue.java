package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * What is done to a block of a result while it is still in the cache nearest to the core: an activation, a residual, a
 * scale. Called once for every element, after its last term was added, from the thread that computed the block; blocks
 * come in no particular order, and in parallel on several threads. Must allocate nothing.
 */
@FunctionalInterface
public interface TileEpilogue {
    /**
     * Works on a block in place. With {@code base} the byte offset of the result's first element, the block's first row
     * is {@code (byteOffset - base) / 4 / ldc} and its first column the remainder.
     *
     * @param c the memory that the result was written to, float32
     * @param byteOffset the offset of the block's first element
     * @param rows rows of the block, at least 1
     * @param columns columns of the block, at least 1
     * @param ldc elements from a row to the next
     * @param operands the operands of the run, as {@link Kernel#run} got them
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
     * Scratch memory that it needs.
     *
     * @return bytes, may be 0
     */
    default long scratchBytes() {
        return 0;
    }

    /**
     * The same work with its scratch memory behind that of a kernel.
     *
     * @param base the bytes of scratch memory before it, a multiple of 64
     * @return what a kernel calls
     */
    default TileEpilogue scratchAt(long base) {
        return this;
    }

    /**
     * The same work as a kernel may do it where it stores its sums.
     *
     * @return what there is to add and the bounds to keep within, or null if it does anything else
     */
    default StoreEpilogue stored() {
        return null;
    }

    /** Where scratch memory behind that of a kernel starts. */
    private static long start(long own) {
        return (own + 63) & -64;
    }

    /**
     * What a kernel calls in the end: its epilogue with scratch memory behind the kernel's own.
     *
     * @param epilogue what a problem asks for, or null
     * @param own the bytes of scratch memory of the kernel itself
     * @return the epilogue, or null
     */
    static TileEpilogue behind(TileEpilogue epilogue, long own) {
        return epilogue == null ? null : epilogue.scratchAt(start(own));
    }

    /**
     * The scratch memory of a kernel with an epilogue.
     *
     * @param epilogue the epilogue, or null
     * @param own the bytes of scratch memory of the kernel itself
     * @return bytes
     */
    static long scratchBytes(TileEpilogue epilogue, long own) {
        return epilogue == null ? own : start(own) + epilogue.scratchBytes();
    }

    /**
     * The name of a kernel with what is behind it.
     *
     * @param epilogue the epilogue, or null
     * @param id the name of the kernel alone
     * @return the kernel's id
     */
    static String id(TileEpilogue epilogue, String id) {
        return epilogue == null ? id : id + "_fused";
    }
}

package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;

/**
 * What is done to a block of a product while it is still in the cache nearest to the core: an activation, a residual, a
 * scale. Called once for every element, after its last term was added, from the thread that computed the block; blocks
 * come in no particular order, and in parallel on several threads. Must allocate nothing.
 */
@FunctionalInterface
public interface TileEpilogue {
    /**
     * Works on a block in place. With {@code base} the byte offset of the product's first element, the block's first row
     * is {@code (byteOffset - base) / 4 / ldc} and its first column the remainder.
     *
     * @param c the memory that the product was written to, float32
     * @param byteOffset the offset of the block's first element
     * @param rows rows of the block, at least 1
     * @param columns columns of the block, at least 1
     * @param ldc elements from a row to the next
     */
    void apply(MemorySegment c, long byteOffset, int rows, int columns, long ldc);
}

package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * An epilogue that adds a tensor of the result's shape, or clips elements, or first adds and then clips, and does nothing
 * else. A kernel may do this where it stores its sums; it then leaves out the separate pass over finished blocks.
 *
 * @param residual the index, among the operands, of the tensor that is added and has the layout of the result; -1 for none
 * @param bounds the bounds to which the sums are clipped, or null
 * @param pass the same work as a pass over finished blocks
 */
public record StoreEpilogue(int residual, Bounds bounds, TileEpilogue pass) implements TileEpilogue {
    @Override
    public void apply(
            MemorySegment c,
            long byteOffset,
            int rows,
            int columns,
            long ldc,
            MemorySegment[] operands,
            MemorySegment scratch) {
        pass.apply(c, byteOffset, rows, columns, ldc, operands, scratch);
    }

    @Override
    public long scratchBytes() {
        return pass.scratchBytes();
    }

    @Override
    public TileEpilogue withScratchAt(long base) {
        return new StoreEpilogue(residual, bounds, pass.withScratchAt(base));
    }

    @Override
    public StoreEpilogue asStoreEpilogue() {
        return this;
    }

    /**
     * The bounds of an epilogue that clips elements and does nothing else.
     *
     * @param epilogue an epilogue, or null
     * @return the bounds, or null if the epilogue is null or does anything else
     */
    public static Bounds boundsOnly(TileEpilogue epilogue) {
        StoreEpilogue store = epilogue == null ? null : epilogue.asStoreEpilogue();
        return store == null || store.residual() >= 0 ? null : store.bounds();
    }
}

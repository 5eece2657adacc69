package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A pass over finished blocks that adds a tensor of the result's shape, or keeps elements within bounds, or first the one
 * and then the other, and does nothing else. A kernel that does the same where it stores its sums leaves the pass out.
 *
 * @param residual the index among the operands of what is added, which lies as the result does, or -1
 * @param bounds what the sums are kept within, or null
 * @param pass the pass
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
    public TileEpilogue scratchAt(long base) {
        return new StoreEpilogue(residual, bounds, pass.scratchAt(base));
    }

    @Override
    public StoreEpilogue stored() {
        return this;
    }

    /**
     * What an epilogue keeps elements within, if that is all that it does to them.
     *
     * @param epilogue an epilogue, or null
     * @return the bounds, or null if it does nothing or anything else
     */
    public static Bounds onlyBounds(TileEpilogue epilogue) {
        StoreEpilogue stored = epilogue == null ? null : epilogue.stored();
        return stored == null || stored.residual() >= 0 ? null : stored.bounds();
    }
}

package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A pass over finished blocks that keeps their elements within bounds and does nothing else. A kernel that keeps them
 * there where it stores them leaves the pass out.
 *
 * @param bounds what the pass keeps elements within
 * @param pass the pass
 */
record BoundedPass(Bounds bounds, TileEpilogue pass) implements TileEpilogue {
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
        return pass.scratchAt(base);
    }
}

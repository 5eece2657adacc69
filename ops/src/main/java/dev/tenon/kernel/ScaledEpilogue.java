package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * An epilogue of a product of integers, whose sums are float32 already, that begins with scales: it multiplies all sums with
 * one number, then each column with its own, adds a number to each column, then a tensor, and clips. Each of these may be
 * missing. A kernel may do this where it stores its sums, and leave out the separate pass over finished blocks but for the
 * rest.
 *
 * @param scale the index, among the operands, of the number for all sums, float32; -1 for none
 * @param columnScales the index of the factors of the columns, float32; -1 for none
 * @param columnAddends the index of the addends of the columns, float32; -1 for none
 * @param residual the index of the tensor that is added and has the layout of the result; -1 for none
 * @param bounds the bounds to which the sums are clipped, or null
 * @param rest what comes after all this, or null
 * @param pass all of this as a pass over finished blocks
 */
public record ScaledEpilogue(
        int scale,
        int columnScales,
        int columnAddends,
        int residual,
        Bounds bounds,
        TileEpilogue rest,
        TileEpilogue pass)
        implements TileEpilogue {
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
        return new ScaledEpilogue(
                scale,
                columnScales,
                columnAddends,
                residual,
                bounds,
                rest == null ? null : rest.withScratchAt(base),
                pass.withScratchAt(base));
    }
}

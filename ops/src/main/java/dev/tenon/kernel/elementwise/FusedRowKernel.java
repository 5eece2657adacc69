package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import java.lang.foreign.MemorySegment;

/**
 * A {@link RowKernel} with a chain of element-wise loops before it, after it, or both. It computes a few rows at a time, so
 * that the elements of a row are in the first-level cache from the first chain to the last. The chain before the row kernel
 * writes rows into the result, if rows of results have the same length, else into scratch memory.
 */
public final class FusedRowKernel implements Kernel {
    private static final long PART_ELEMENTS = 32 << 10;

    /** The elements of the rows that are computed at a time. */
    private static final long BLOCK_ELEMENTS = 4096;

    private static final long PICOS_PER_NANO = 1000;
    private static final long ALIGNMENT = 64;

    private final RowKernel rowKernel;
    private final TileChain before;
    private final TileChain after;
    private final int data;
    private final int output;
    private final RowPartition partition;
    private final long blockRows;
    private final long rowNanos;
    private final boolean inPlace;
    private final long rowsAt;
    private final long scratchBytes;

    /**
     * A kernel.
     *
     * @param rowKernel the row kernel
     * @param before a chain that makes the elements of the rows and writes them into the output; null if an operand holds them
     * @param beforePicos the work of {@code before} for an element, picoseconds
     * @param after a chain that works on the results in place, or null
     * @param afterPicos the work of {@code after} for a result, picoseconds
     * @param data the index of the operand that holds the rows, if {@code before} is null
     * @param output the index of the output among the operands
     */
    public FusedRowKernel(
            RowKernel rowKernel,
            TileChain before,
            long beforePicos,
            TileChain after,
            long afterPicos,
            int data,
            int output) {
        long length = Math.max(1, rowKernel.rowLength());
        this.rowKernel = rowKernel;
        this.data = data;
        this.output = output;
        this.inPlace = rowKernel.rowLength() == rowKernel.resultLength();
        this.partition = RowPartition.of(rowKernel.rows(), length, PART_ELEMENTS);
        this.blockRows = Math.max(1, BLOCK_ELEMENTS / length);
        long work = length * beforePicos + rowKernel.resultLength() * afterPicos;
        this.rowNanos =
                work / PICOS_PER_NANO + rowKernel.partNanos() * rowKernel.parts() / Math.max(1, rowKernel.rows());
        long end = align(rowKernel.scratchBytes());
        this.after = after == null ? null : after.withScratchAt(end);
        end += after == null ? 0 : align(after.scratchBytes());
        TileChain first = before == null ? null : before.withScratchAt(end);
        end += before == null ? 0 : align(before.scratchBytes());
        this.rowsAt = end;
        boolean inScratch = before != null && !inPlace;
        this.before = inScratch ? first.withResultInScratchAt(end) : first;
        this.scratchBytes = end + (inScratch ? Math.min(blockRows, partition.maxPartRows()) * length * Float.BYTES : 0);
    }

    private static long align(long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }

    @Override
    public String id() {
        return rowKernel.id() + "_fused";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return Math.max(1, partition.maxPartRows() * rowNanos);
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public boolean inPlace(int input, int index) {
        boolean free = before == null ? input == data : before.inPlace(input);
        return inPlace && free && (after == null || !after.reads(input));
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[output];
        long end = partition.start(to);
        for (long first = partition.start(from); first < end; first += blockRows) {
            long last = Math.min(end, first + blockRows);
            long start = first * rowKernel.rowLength();
            if (before == null) {
                rowKernel.run(operands[data], start * Float.BYTES, y, first, last, scratch);
            } else {
                before.run(operands, scratch, start, last * rowKernel.rowLength());
                if (inPlace) {
                    rowKernel.run(y, start * Float.BYTES, y, first, last, scratch);
                } else {
                    rowKernel.run(scratch, rowsAt, y, first, last, scratch);
                }
            }
            if (after != null) {
                after.run(operands, scratch, first * rowKernel.resultLength(), last * rowKernel.resultLength());
            }
        }
    }
}

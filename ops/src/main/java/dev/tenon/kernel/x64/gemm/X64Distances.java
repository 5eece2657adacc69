package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.gemm.DistanceProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Distances of rows in machine code: a block of rows from all columns of the panels, then the roots of the block. The order of a
 * sum depends on the length of the rows and the instruction set alone, so a row has the same bits in any batch.
 */
public final class X64Distances implements Kernel {
    private static final int BLOCK_ROWS = 24;
    private static final int PART_NANOS = 50_000;
    private static final int TERMS_PER_NANO = 16;

    private final DistanceProblem p;
    private final int panelColumns;
    private final RowPartition partition;
    private final int blockRows;
    private final FloatBlock block;
    private final FloatBlock last;
    private final UnaryLoop root;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the two matrices, the result, and the panels unless the second matrix is in panels
     * @param bits the width of vectors, 256 or 512
     * @param root the loop that makes roots; null if the squares are the results
     */
    public X64Distances(DistanceProblem p, int bits, UnaryLoop root) {
        this.p = p;
        this.root = root;
        panelColumns = FloatBlock.panelColumns(bits);
        blockRows = Math.clamp(p.m(), 1, BLOCK_ROWS);
        int rest = (int) (p.m() % blockRows);
        block = FloatBlock.ofDistances(bits, blockRows);
        last = rest == 0 ? block : FloatBlock.ofDistances(bits, rest);
        partition = RowPartition.of(p.m(), 1, Math.max(1, PART_NANOS / (blockRows * rowNanos())) * blockRows);
    }

    private long rowNanos() {
        return 1 + (long) p.n() * p.k() / TERMS_PER_NANO;
    }

    @Override
    public String id() {
        return "distances_f32_x64";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * rowNanos();
    }

    @Override
    public long scratchBytes() {
        return FloatBlock.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment panels = operands[p.packed() ? 1 : 3];
        MemorySegment y = operands[2];
        long rowBytes = (long) p.k() * Float.BYTES;
        long resultBytes = (long) p.n() * Float.BYTES;
        FloatBlock.begin(scratch);
        try {
            long end = partition.start(to);
            for (long row = partition.start(from); row < end; row += blockRows) {
                int rows = (int) Math.min(blockRows, end - row);
                FloatBlock.setLeft(
                        scratch, OperandAddresses.address(operands[0], row * rowBytes, rows * rowBytes), rowBytes);
                FloatBlock.setPanels(
                        scratch,
                        OperandAddresses.address(panels, 0, p.bytes(panelColumns)),
                        p.panelBytes(panelColumns));
                FloatBlock.setResult(
                        scratch, OperandAddresses.address(y, row * resultBytes, rows * resultBytes), resultBytes);
                (rows == blockRows ? block : last).run(scratch, p.n(), p.k());
                if (root != null) {
                    root.run(y, row * resultBytes, y, row * resultBytes, Math.toIntExact((long) rows * p.n()));
                }
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
            Reference.reachabilityFence(this);
        }
    }
}

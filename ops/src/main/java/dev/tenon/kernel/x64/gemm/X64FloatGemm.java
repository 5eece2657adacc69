package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Ratios;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.OperandCheck;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Products of float32 in machine code. The right operand is packed, or a stage before packs it in each run. Its panels hold
 * float32, float16 or bfloat16. A row's bits depend on its terms and the instruction set alone. A bias row, a residual and bounds are applied to sums in registers; any
 * other epilogue works on finished blocks.
 */
public final class X64FloatGemm implements Kernel {
    private static final int PANEL_VECTORS = 2;

    /** The multiply-adds of a part. */
    private static final long PART_WORK = 1 << 23;

    private static final int LEAST_ROWS = 48;
    private static final int MOST_ROWS = 264;

    private final GemmProblem problem;
    private final int panelColumns;
    private final TilePartition partition;
    private final BlockProduct block;
    private final BlockProduct lastBlock;
    private final TileEpilogue epilogue;
    private final StoreEpilogue store;
    /** The stage before, which packs the operands into shared memory; null if the right one is packed already. */
    private final X64GemmPacking packing;

    private X64FloatGemm(GemmProblem p, int bits, Caches caches) {
        problem = p;
        packing = p.packedB() ? null : new X64GemmPacking(p, bits);
        panelColumns = PANEL_VECTORS * bits / Float.SIZE;
        partition = TilePartition.of(p.count(), p.m(), p.n(), p.k(), rows(p.k(), caches), panelColumns, PART_WORK);
        FloatProduct product = new FloatProduct(bits, packing == null ? p.panels() : DType.FLOAT32);
        int rows = partition.partRows();
        int lastRows = partition.rows(partition.rowParts() - 1, p.m());
        block = new BlockProduct(product, new FloatEnds(), PANEL_VECTORS, rows);
        lastBlock = lastRows == rows ? block : new BlockProduct(product, new FloatEnds(), PANEL_VECTORS, lastRows);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), TileArgument.BYTES);
        store = epilogue == null ? null : epilogue.asStoreEpilogue();
    }

    /**
     * The kernel of a problem.
     *
     * @param p a float32 problem whose C is a plain bias row if there is one. If its right operand is packed, A is not stored
     *     transposed
     * @param bits the width of vectors: 256 or 512
     * @param caches the caches of a core
     * @return the kernel
     */
    public static Kernel of(GemmProblem p, int bits, Caches caches) {
        X64FloatGemm product = new X64FloatGemm(p, bits, caches);
        return product.packing == null
                ? product
                : StagedKernel.of(product.id(), List.of(product.packing, product), product.packing.sharedBytes());
    }

    /** The rows of A that fill three quarters of the second-level cache. */
    private static int rows(int k, Caches caches) {
        long rows = caches.l2Bytes() / 4 * 3 / (Math.max(1L, k) * Float.BYTES);
        return Math.clamp(rows, LEAST_ROWS, MOST_ROWS) / BlockProduct.MAX_ROWS * BlockProduct.MAX_ROWS;
    }

    @Override
    public String tiling() {
        return "mc " + partition.partRows() + " nc " + partition.partColumns();
    }

    @Override
    public String id() {
        String id = packing == null ? block.id() : block.id().replace("gemm_f32_", "gemm_f32_packing_");
        return TileEpilogue.id(problem.epilogue(), id);
    }

    @Override
    public int parts() {
        return Math.max(1, Math.multiplyExact(problem.count(), partition.parts()));
    }

    @Override
    public long partNanos() {
        return (long) ((double) partition.partRows()
                * Math.min(partition.partColumns(), problem.n())
                * problem.k()
                / Ratios.multiplyAddsPerNano(panelColumns / PANEL_VECTORS));
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(problem.epilogue(), TileArgument.BYTES);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        GemmProblem p = problem;
        if (p.count() == 0 || p.m() == 0 || p.n() == 0) {
            return;
        }
        checkSizes(operands);
        TileBlock.clear(scratch);
        setCommon(operands, scratch);
        try {
            for (int part = from; part < to; part++) {
                int column = part % partition.columnParts();
                int rest = part / partition.columnParts();
                run(rest / partition.rowParts(), rest % partition.rowParts(), column, operands, scratch);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands) {
        GemmProblem p = problem;
        long rows = 0;
        long matrices = 0;
        for (int i = 0; i < p.count(); i++) {
            rows = Math.max(rows, p.aMatrix()[i] + 1L);
            matrices = Math.max(matrices, p.bMatrix()[i] + 1L);
        }
        check(operands[0], rows * p.m() * p.k() * Float.BYTES);
        check(right(operands), packing == null ? matrices * matrixBytes() : packing.sharedBytes());
        check(operands[p.yOperand()], (long) p.count() * p.m() * p.n() * Float.BYTES);
        if (p.c().operand() >= 0) {
            check(operands[p.c().operand()], (long) p.n() * Float.BYTES);
        }
        if (store != null && store.residual() >= 0) {
            check(operands[store.residual()], (long) p.count() * p.m() * p.n() * Float.BYTES);
        }
    }

    /** The right operand in panels. */
    private MemorySegment right(MemorySegment[] operands) {
        return operands[packing == null ? 1 : operands.length - 1];
    }

    private static void check(MemorySegment segment, long bytes) {
        OperandCheck.check(segment, bytes);
    }

    private long panelBytes() {
        return packing == null
                ? problem.panels().byteSize((long) problem.k() * panelColumns)
                : packing.terms() * packing.chunkRowBytes();
    }

    private long matrixBytes() {
        return Math.ceilDiv(problem.n(), panelColumns) * panelBytes();
    }

    private void setCommon(MemorySegment[] operands, MemorySegment block) {
        GemmProblem p = problem;
        TileBlock.set(block, TileArgument.B_PANEL, panelBytes());
        TileBlock.set(block, TileArgument.C_ROW, (long) p.n() * Float.BYTES);
        TileBlock.set(block, TileArgument.RESIDUAL_ROW, (long) p.n() * Float.BYTES);
        if (p.transA()) {
            TileBlock.set(block, TileArgument.A_ROW, packing.chunkRowBytes());
            TileBlock.setTerms(block, panelColumns);
            TileBlock.set(block, TileArgument.SEGMENTS, packing.chunks());
            TileBlock.set(block, TileArgument.SEGMENT_SKIP, (p.m() - 1) * packing.chunkRowBytes());
        } else {
            TileBlock.set(block, TileArgument.A_ROW, (long) p.k() * Float.BYTES);
            TileBlock.setTerms(block, p.k());
            TileBlock.set(block, TileArgument.SEGMENTS, 1);
        }
        if (p.c().operand() >= 0) {
            TileBlock.set(block, TileArgument.BIAS, operands[p.c().operand()].address());
        }
        Bounds bounds = store == null ? null : store.bounds();
        if (bounds != null) {
            TileBlock.setBounds(block, bounds.min(), bounds.max());
        }
    }

    private void run(int index, int rowPart, int columnPart, MemorySegment[] operands, MemorySegment scratch) {
        GemmProblem p = problem;
        int row = rowPart * partition.partRows();
        int column = columnPart * partition.partColumns();
        int columns = partition.columns(columnPart, p.n());
        long left = p.transA()
                ? right(operands).address() + packing.chunksAt() + row * packing.chunkRowBytes()
                : operands[0].address() + ((long) p.aMatrix()[index] * p.m() + row) * p.k() * Float.BYTES;
        long result = (((long) index * p.m() + row) * p.n() + column) * Float.BYTES;
        long panels = p.bMatrix()[index] * matrixBytes() + column / panelColumns * panelBytes();
        MemorySegment y = operands[p.yOperand()];
        TileBlock.set(scratch, TileArgument.A, left);
        TileBlock.set(scratch, TileArgument.B, right(operands).address() + panels);
        TileBlock.set(scratch, TileArgument.C, y.address() + result);
        TileBlock.set(scratch, TileArgument.FIRST_COLUMN, (long) column * Float.BYTES);
        if (store != null && store.residual() >= 0) {
            TileBlock.set(scratch, TileArgument.RESIDUAL, operands[store.residual()].address() + result);
        }
        (rowPart == partition.rowParts() - 1 ? lastBlock : block).run(scratch, columns);
        if (epilogue != null && store == null) {
            int rows = partition.rows(rowPart, p.m());
            epilogue.apply(y, result, rows, columns, p.n(), operands, scratch);
        }
    }
}

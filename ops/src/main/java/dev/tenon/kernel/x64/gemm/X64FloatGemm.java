package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.x64.OperandCheck;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Products of float32 with a packed right operand, in machine code. A row's bits depend on its terms and the instruction set
 * alone. A bias row, a residual and bounds are applied to sums in registers; any other epilogue works on finished blocks.
 */
public final class X64FloatGemm implements Kernel {
    private static final int PANEL_VECTORS = 2;

    /** The rows of a part: few enough for its results to stay near for an epilogue. */
    private static final int PART_ROWS = 132;

    /** The multiply-adds of a part, some hundred microseconds. */
    private static final long PART_WORK = 1 << 23;

    /** The parts of a product with few rows, for threads to share. */
    private static final int TARGET_PARTS = 8;

    /** The fewest multiply-adds of a part, some ten microseconds. */
    private static final long MIN_PART_WORK = 1 << 20;

    private static final double PRODUCTS_PER_NANO = 64;

    private final GemmProblem problem;
    private final int panelColumns;
    private final int rowParts;
    private final int partRows;
    private final int columnParts;
    private final int partColumns;
    private final BlockProduct block;
    private final BlockProduct lastBlock;
    private final TileEpilogue epilogue;
    private final StoreEpilogue store;

    private X64FloatGemm(GemmProblem p, int bits) {
        problem = p;
        panelColumns = PANEL_VECTORS * bits / Float.SIZE;
        rowParts = Math.max(1, Math.ceilDiv(p.m(), PART_ROWS));
        partRows = Math.max(1, Math.ceilDiv(p.m(), rowParts));
        int panels = Math.max(1, Math.ceilDiv(p.n(), panelColumns));
        long panelWork = (long) partRows * panelColumns * Math.max(1, p.k());
        long most = Math.max(1, PART_WORK / panelWork);
        long wanted = Math.max(1, Math.ceilDiv((long) panels * rowParts * p.count(), TARGET_PARTS));
        long least = Math.max(1, MIN_PART_WORK / panelWork);
        int partPanels = (int) Math.min(panels, Math.min(most, Math.max(least, wanted)));
        partPanels += partPanels < panels ? partPanels % 2 : 0;
        columnParts = Math.ceilDiv(panels, partPanels);
        partColumns = partPanels * panelColumns;
        FloatProduct product = new FloatProduct(bits);
        block = new BlockProduct(product, new FloatEnds(), PANEL_VECTORS, partRows);
        int lastRows = Math.max(1, p.m() - partRows * (rowParts - 1));
        lastBlock = lastRows == partRows ? block : new BlockProduct(product, new FloatEnds(), PANEL_VECTORS, lastRows);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), TileArgument.BYTES);
        store = epilogue == null ? null : epilogue.asStoreEpilogue();
    }

    /**
     * The kernel of a problem.
     *
     * @param p a float32 problem whose right operand is packed, and whose C is a plain bias row if there is one
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(GemmProblem p, int bits) {
        return new X64FloatGemm(p, bits);
    }

    @Override
    public String id() {
        return TileEpilogue.id(problem.epilogue(), block.id());
    }

    @Override
    public int parts() {
        return Math.max(1, Math.multiplyExact(problem.count(), Math.multiplyExact(rowParts, columnParts)));
    }

    @Override
    public long partNanos() {
        return (long) ((double) partRows * Math.min(partColumns, problem.n()) * problem.k() / PRODUCTS_PER_NANO);
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
                int column = part % columnParts;
                int rest = part / columnParts;
                run(rest / rowParts, rest % rowParts, column, operands, scratch);
            }
        } finally {
            Reference.reachabilityFence(operands);
            for (MemorySegment operand : operands) {
                Reference.reachabilityFence(operand);
            }
            Reference.reachabilityFence(scratch);
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
        check(operands[1], matrices * matrixBytes());
        check(operands[p.yOperand()], (long) p.count() * p.m() * p.n() * Float.BYTES);
        if (p.cOperand() >= 0) {
            check(operands[p.cOperand()], (long) p.n() * Float.BYTES);
        }
        if (store != null && store.residual() >= 0) {
            check(operands[store.residual()], (long) p.count() * p.m() * p.n() * Float.BYTES);
        }
    }

    private static void check(MemorySegment segment, long bytes) {
        OperandCheck.check(segment, bytes);
    }

    private long panelBytes() {
        return (long) problem.k() * panelColumns * Float.BYTES;
    }

    private long matrixBytes() {
        return Math.ceilDiv(problem.n(), panelColumns) * panelBytes();
    }

    private void setCommon(MemorySegment[] operands, MemorySegment block) {
        GemmProblem p = problem;
        TileBlock.set(block, TileArgument.A_ROW, (long) p.k() * Float.BYTES);
        TileBlock.set(block, TileArgument.B_PANEL, panelBytes());
        TileBlock.set(block, TileArgument.C_ROW, (long) p.n() * Float.BYTES);
        TileBlock.set(block, TileArgument.RESIDUAL_ROW, (long) p.n() * Float.BYTES);
        TileBlock.set(block, TileArgument.TURNS, p.k() / TileEmitter.UNROLL);
        TileBlock.set(block, TileArgument.REST, p.k() % TileEmitter.UNROLL);
        TileBlock.set(block, TileArgument.SEGMENTS, 1);
        if (p.cOperand() >= 0) {
            TileBlock.set(block, TileArgument.BIAS, operands[p.cOperand()].address());
        }
        Bounds bounds = store == null ? null : store.bounds();
        if (bounds != null) {
            TileBlock.set(block, TileArgument.CLIPS, 1);
            TileBlock.set(block, TileArgument.LEAST, bounds.min());
            TileBlock.set(block, TileArgument.GREATEST, bounds.max());
        }
    }

    private void run(int index, int rowPart, int columnPart, MemorySegment[] operands, MemorySegment scratch) {
        GemmProblem p = problem;
        int row = rowPart * partRows;
        int column = columnPart * partColumns;
        int columns = Math.min(partColumns, p.n() - column);
        long left = ((long) p.aMatrix()[index] * p.m() + row) * p.k() * Float.BYTES;
        long result = (((long) index * p.m() + row) * p.n() + column) * Float.BYTES;
        long panels = p.bMatrix()[index] * matrixBytes() + column / panelColumns * panelBytes();
        MemorySegment y = operands[p.yOperand()];
        TileBlock.set(scratch, TileArgument.A, operands[0].address() + left);
        TileBlock.set(scratch, TileArgument.B, operands[1].address() + panels);
        TileBlock.set(scratch, TileArgument.C, y.address() + result);
        TileBlock.set(scratch, TileArgument.FIRST_COLUMN, (long) column * Float.BYTES);
        if (store != null && store.residual() >= 0) {
            TileBlock.set(scratch, TileArgument.RESIDUAL, operands[store.residual()].address() + result);
        }
        boolean lastRows = rowPart == rowParts - 1;
        (lastRows ? lastBlock : block).run(scratch, columns);
        if (epilogue != null && store == null) {
            int rows = lastRows ? p.m() - row : partRows;
            epilogue.apply(y, result, rows, columns, p.n(), operands, scratch);
        }
    }
}

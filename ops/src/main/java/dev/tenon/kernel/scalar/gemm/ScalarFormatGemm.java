package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.BlockGemmProblem;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.QuantizedBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Products with weights in the blocks of a format by plain loops: the weights of some columns are made numbers, then multiplied
 * with each row, which is rounded before if the operator says so.
 */
public final class ScalarFormatGemm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 200_000;

    /** The columns whose weights are made at once. */
    private static final int COLUMNS = 16;

    private final BlockGemmProblem p;
    private final RowPartition partition;
    private final TileEpilogue epilogue;
    private final ScratchPool<Workspace> pool;

    /** The arrays of a run. */
    private static final class Workspace {
        private final QuantizedBlock block;
        private final float[][] weights;
        private final float[] row;

        Workspace(BlockGemmProblem p) {
            block = new QuantizedBlock(p.format());
            weights = new float[Math.min(COLUMNS, p.n())][p.k()];
            row = new float[p.k()];
        }
    }

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the problem, whose weights have a format and are not packed
     */
    public ScalarFormatGemm(BlockGemmProblem p) {
        this.p = p;
        RowPartition fine = RowPartition.of(p.n(), (long) Math.max(1, p.m()) * Math.max(1, p.k()), PART_WORK);
        partition = new RowPartition(p.n(), Math.ceilDiv(fine.rowsPerPart(), COLUMNS) * COLUMNS);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), 0);
        pool = new ScratchPool<>(() -> new Workspace(p));
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "block_gemm_format_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * (p.m() + 4L) * p.k();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(p.epilogue(), 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int first = (int) partition.start(from);
        int end = (int) partition.start(to);
        if (p.m() == 0 || first == end) {
            return;
        }
        Workspace w = pool.take();
        for (int column = first; column < end; column += COLUMNS) {
            columns(operands, column, Math.min(COLUMNS, end - column), w);
        }
        pool.give(w);
        if (epilogue != null) {
            MemorySegment y = operands[p.yOperand()];
            epilogue.apply(y, (long) first * Float.BYTES, p.m(), end - first, p.n(), operands, scratch);
        }
    }

    private void columns(MemorySegment[] operands, int column, int count, Workspace w) {
        long rowBytes = p.format().rowBytes(p.k());
        for (int c = 0; c < count; c++) {
            w.block.dequantize(operands[1], (column + c) * rowBytes, w.weights[c], p.k());
        }
        for (int row = 0; row < p.m(); row++) {
            MemorySegment.copy(operands[0], F32, (long) row * p.k() * Float.BYTES, w.row, 0, p.k());
            if (p.allowsBytes()) {
                BlockMatMul.round(w.row, p.block());
            }
            for (int c = 0; c < count; c++) {
                float bias = p.bias() < 0 ? 0 : operands[p.bias()].get(F32, (column + c) * (long) Float.BYTES);
                float sum = dot(w.row, w.weights[c]) + bias;
                operands[p.yOperand()].set(F32, ((long) row * p.n() + column + c) * Float.BYTES, sum);
            }
        }
    }

    private static float dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return (float) sum;
    }
}

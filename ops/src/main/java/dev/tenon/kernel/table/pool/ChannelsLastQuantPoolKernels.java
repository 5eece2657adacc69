package dev.tenon.kernel.table.pool;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastQuantPoolProblem;
import dev.tenon.kernel.pool.QuantPoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarChannelsLastQuantPool;
import dev.tenon.kernel.x64.byteconv.X64BytePool;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.op.Op;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of QLinearAveragePool, and of MaxPool for bytes, with channels last. */
public final class ChannelsLastQuantPoolKernels implements KernelFamily<ChannelsLastQuantPoolProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ChannelsLastQuantPoolProblem> TABLE = new KernelTable<>(
            "pool_i8_last",
            List.of(
                    new KernelChoice<>(
                            "pool_i8_last_x64",
                            (p, c) -> X64BytePool.reasonAgainst(p, RequantizedRows.bits(c)),
                            (p, c) -> X64BytePool.of(p, RequantizedRows.bits(c))),
                    KernelChoice.fallback("pool_i8_last_scalar", ScalarChannelsLastQuantPool::new)));

    /** The family. */
    public static final ChannelsLastQuantPoolKernels FAMILY = new ChannelsLastQuantPoolKernels();

    private ChannelsLastQuantPoolKernels() {}

    @Override
    public KernelTable<ChannelsLastQuantPoolProblem> table(ChannelsLastQuantPoolProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ChannelsLastQuantPoolProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.INT8 && step.dtype(0) != DType.UINT8) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        Op inner = ((ChannelsLast) op).op();
        WindowAttributes attributes =
                inner instanceof MaxPool pool ? pool.window() : ((QLinearAveragePool) inner).window();
        boolean countPadding = inner instanceof QLinearAveragePool pool && pool.countIncludePad();
        long[] x = ChannelsLast.channelsFirst(step.dims(0));
        Window2d window = Window2d.of(
                attributes, x, PoolKernels.kernelShape(attributes), ChannelsLast.channelsFirst(step.outputDims(0)));
        if (!step.isRowMajor() || window == null || x[0] > Integer.MAX_VALUE || x[1] > Integer.MAX_VALUE) {
            return ProblemOrReason.none(PoolKernels.NO_WINDOWS + ", or too many samples or channels");
        }
        QuantPoolProblem pool = QuantPoolKernels.problem(window, x[0] * x[1], countPadding, step);
        return ProblemOrReason.of(
                new ChannelsLastQuantPoolProblem(inner instanceof MaxPool, pool, (int) x[0], (int) x[1]));
    }
}

package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastQuantPoolProblem;
import dev.tenon.kernel.pool.QuantPoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarQuantPool;
import dev.tenon.kernel.x64.conv.X64ByteAverage;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of QLinearAveragePool. More than two spatial axes run through the reference. */
public final class QuantPoolKernels {
    /** The kernels of the family. */
    public static final KernelTable<QuantPoolProblem> TABLE =
            new KernelTable<>("pool_i8", List.of(KernelChoice.fallback("pool_i8_scalar", ScalarQuantPool::new)));

    /** The kernels with channels last. */
    public static final KernelTable<ChannelsLastQuantPoolProblem> CHANNELS_LAST_TABLE = new KernelTable<>(
            "pool_i8_last",
            List.of(new KernelChoice<>(
                    "pool_i8_last_x64",
                    (p, c) -> X64ByteAverage.reasonAgainst(p, RequantizedRows.bits(c)),
                    (p, c) -> X64ByteAverage.of(p, RequantizedRows.bits(c)))));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty().with(QLinearAveragePool.class, QuantPoolKernels::prepare);

    private QuantPoolKernels() {}

    private static Kernel prepare(QLinearAveragePool op, KernelRequest step) {
        if (!step.isRowMajor()) {
            return null;
        }
        long[] x = step.dims(0);
        long[] kernel =
                op.window().kernelShape().stream().mapToLong(Long::longValue).toArray();
        Window2d window = Window2d.of(op.window(), x, kernel, step.outputDims(0));
        return window == null
                ? null
                : TABLE.prepare(
                        new QuantPoolProblem(
                                window,
                                x[0] * x[1],
                                op.countIncludePad(),
                                step.dtype(0) == DType.INT8,
                                step.has(2),
                                step.has(4),
                                step.inputCount()),
                        step.capabilities());
    }

    /** The kernel with channels last, or null. */
    static Kernel prepareLast(QLinearAveragePool op, KernelRequest step) {
        long[] x = ChannelsLastKernels.channelsFirst(step.dims(0));
        long[] kernel =
                op.window().kernelShape().stream().mapToLong(Long::longValue).toArray();
        Window2d window = Window2d.of(op.window(), x, kernel, ChannelsLastKernels.channelsFirst(step.outputDims(0)));
        if (!step.isRowMajor() || window == null || x[0] > Integer.MAX_VALUE || x[1] > Integer.MAX_VALUE) {
            return null;
        }
        return CHANNELS_LAST_TABLE.prepare(
                new ChannelsLastQuantPoolProblem(
                        new QuantPoolProblem(
                                window,
                                x[0] * x[1],
                                op.countIncludePad(),
                                step.dtype(0) == DType.INT8,
                                step.has(2),
                                step.has(4),
                                step.inputCount()),
                        (int) x[0],
                        (int) x[1]),
                step.capabilities());
    }
}

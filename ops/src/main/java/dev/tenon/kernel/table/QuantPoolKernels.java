package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastQuantPoolProblem;
import dev.tenon.kernel.pool.QuantPoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarChannelsLastQuantPool;
import dev.tenon.kernel.scalar.pool.ScalarQuantPool;
import dev.tenon.kernel.x64.byteconv.X64BytePool;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.nn.MaxPool;
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
            List.of(
                    new KernelChoice<>(
                            "pool_i8_last_x64",
                            (p, c) -> X64BytePool.reasonAgainst(p, RequantizedRows.bits(c)),
                            (p, c) -> X64BytePool.of(p, RequantizedRows.bits(c))),
                    KernelChoice.fallback("pool_i8_last_scalar", ScalarChannelsLastQuantPool::new)));

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

    /** The kernel of averages with channels last, or null. */
    static Kernel prepareLast(QLinearAveragePool op, KernelRequest step) {
        return prepareLast(op.window(), false, op.countIncludePad(), step);
    }

    /** The kernel of the greatest bytes with channels last, or null. */
    static Kernel prepareLast(MaxPool op, KernelRequest step) {
        boolean bytes = step.dtype(0) == DType.INT8 || step.dtype(0) == DType.UINT8;
        return bytes ? prepareLast(op.window(), true, false, step) : null;
    }

    private static Kernel prepareLast(
            WindowAttributes attributes, boolean max, boolean countPadding, KernelRequest step) {
        long[] x = ChannelsLastKernels.channelsFirst(step.dims(0));
        long[] kernel =
                attributes.kernelShape().stream().mapToLong(Long::longValue).toArray();
        Window2d window = Window2d.of(attributes, x, kernel, ChannelsLastKernels.channelsFirst(step.outputDims(0)));
        if (!step.isRowMajor() || window == null || x[0] > Integer.MAX_VALUE || x[1] > Integer.MAX_VALUE) {
            return null;
        }
        QuantPoolProblem pool = new QuantPoolProblem(
                window,
                x[0] * x[1],
                countPadding,
                step.dtype(0) == DType.INT8,
                step.has(2),
                step.has(4),
                step.inputCount());
        return CHANNELS_LAST_TABLE.prepare(
                new ChannelsLastQuantPoolProblem(max, pool, (int) x[0], (int) x[1]), step.capabilities());
    }
}

package dev.tenon.kernel.table.pool;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarChannelsLastPool;
import dev.tenon.kernel.vector.pool.VectorChannelsLastPool;
import dev.tenon.kernel.x64.conv.X64ChannelsLastMaxPool;
import dev.tenon.op.Op;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of pooling for float32 with channels last (NHWC). More than two spatial axes run through the reference. */
public final class ChannelsLastPoolKernels implements KernelFamily<ChannelsLastPoolProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ChannelsLastPoolProblem> TABLE = new KernelTable<>(
            "pool_last",
            List.of(
                    new KernelChoice<>(
                            "pool_f32_last_max_x64",
                            CodeForm.PANELS,
                            ChannelsLastPoolKernels::refuseMaximum,
                            (p, c, form) -> X64ChannelsLastMaxPool.of(p, form.bits())),
                    new KernelChoice<>(
                            "pool_f32_last_vector",
                            (p, c) -> p.channels() < c.vectorBits() / Float.SIZE
                                    ? p.channels() + " channels"
                                    : c.refuseLines(p.imageWork()),
                            p -> VectorChannelsLastPool.of(p)),
                    KernelChoice.fallback("pool_f32_last_scalar", ScalarChannelsLastPool::new)));

    /** The family. */
    public static final ChannelsLastPoolKernels FAMILY = new ChannelsLastPoolKernels();

    private ChannelsLastPoolKernels() {}

    private static String refuseMaximum(ChannelsLastPoolProblem p, Capabilities c) {
        if (p.average()) {
            return "it is an average";
        }
        return p.channels() < c.panelColumns() / 2
                ? p.channels() + " channels for panels of " + c.panelColumns() + " columns"
                : null;
    }

    @Override
    public KernelTable<ChannelsLastPoolProblem> table(ChannelsLastPoolProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ChannelsLastPoolProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        Op inner = ((ChannelsLast) op).op();
        if (inner instanceof MaxPool pool) {
            return pool(pool.window(), false, false, step);
        }
        return inner instanceof AveragePool pool
                ? pool(pool.window(), true, pool.countIncludePad(), step)
                : global(inner instanceof GlobalAveragePool, step);
    }

    private static ProblemOrReason<ChannelsLastPoolProblem> pool(
            WindowAttributes window, boolean average, boolean countPadding, KernelRequest step) {
        long[] kernel = window.kernelShape().stream().mapToLong(Long::longValue).toArray();
        long[] x = ChannelsLast.channelsFirst(step.dims(0));
        Window2d plane = Window2d.of(window, x, kernel, ChannelsLast.channelsFirst(step.outputDims(0)));
        return plane == null ? ProblemOrReason.none(PoolKernels.NO_WINDOWS) : problem(plane, x, average, countPadding);
    }

    private static ProblemOrReason<ChannelsLastPoolProblem> global(boolean average, KernelRequest step) {
        long[] x = ChannelsLast.channelsFirst(step.dims(0));
        long pixels = RowMajor.size(x, 2, x.length);
        if (pixels == 0 || pixels > 1 << 24) {
            return ProblemOrReason.none("planes of " + pixels + " elements");
        }
        Window2d.Axis one = new Window2d.Axis(1, 1, 1, 1, 1, 0, 0);
        Window2d.Axis all = new Window2d.Axis((int) pixels, (int) pixels, 1, 1, 1, 0, 0);
        return problem(new Window2d(all, one), x, average, false);
    }

    private static ProblemOrReason<ChannelsLastPoolProblem> problem(
            Window2d window, long[] x, boolean average, boolean countPadding) {
        if (x[0] * window.windows() > Integer.MAX_VALUE / 2 || x[1] > Integer.MAX_VALUE / 64) {
            return ProblemOrReason.none("the planes or the channels are too large");
        }
        return ProblemOrReason.of(new ChannelsLastPoolProblem(window, (int) x[0], (int) x[1], average, countPadding));
    }
}

package dev.tenon.kernel.table.pool;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.PoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarPool;
import dev.tenon.kernel.vector.pool.VectorGlobalPool;
import dev.tenon.kernel.vector.pool.VectorPool;
import dev.tenon.op.Op;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of pooling for float32 with channels first. Other element types, and more than two spatial axes, run through the
 * reference.
 */
public final class PoolKernels implements KernelFamily<PoolProblem> {
    /** The kernels of the family. */
    public static final KernelTable<PoolProblem> TABLE = new KernelTable<>(
            "pool",
            List.of(
                    new KernelChoice<>(
                            "pool_f32_global_vector", PoolKernels::refuseGlobal, p -> VectorGlobalPool.of(p)),
                    new KernelChoice<>("pool_f32_vector", PoolKernels::refuseVector, p -> VectorPool.of(p)),
                    KernelChoice.fallback("pool_f32_scalar", ScalarPool::new)));

    /** The family. */
    public static final PoolKernels FAMILY = new PoolKernels();

    /** The planes that a sample is assumed to have, where a choice must not depend on the number of samples. */
    private static final double TYPICAL_PLANES = 8;

    private static final int MAX_STRIDE = 4;
    private static final long MAX_ELEMENTS = 1 << 22;

    /** The maximum number of terms of a sum with one accumulator. */
    private static final long MAX_TAPS = 512;

    /** Why there are no windows. */
    static final String NO_WINDOWS = "there are more than two spatial axes, or empty windows";

    private PoolKernels() {}

    private static String refuseGlobal(PoolProblem p, Capabilities c) {
        return p.window().isGlobal() ? refuseVector(p.window().pixels(), c) : "the window is not the whole plane";
    }

    private static String refuseVector(PoolProblem p, Capabilities c) {
        Window2d w = p.window();
        if (w.taps() > MAX_TAPS) {
            return w.taps() + " taps";
        }
        if (w.rows().stride() > MAX_STRIDE || w.columns().stride() > MAX_STRIDE) {
            return "strides above " + MAX_STRIDE;
        }
        return w.rows().reach() * w.columns().reach() <= MAX_ELEMENTS
                ? refuseVector((double) w.windows() * w.taps(), c)
                : "planes too large";
    }

    private static String refuseVector(double planeNanos, Capabilities c) {
        return c.refuseLines(TYPICAL_PLANES * planeNanos);
    }

    @Override
    public KernelTable<PoolProblem> table(PoolProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<PoolProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        if (!step.isRowMajor() || step.isRead(1)) {
            return ProblemOrReason.none("the indices are asked for");
        }
        if (op instanceof MaxPool pool) {
            return windows(pool.window(), false, false, step);
        }
        return op instanceof AveragePool pool
                ? windows(pool.window(), true, pool.countIncludePad(), step)
                : global(op instanceof GlobalAveragePool, step);
    }

    /** The sizes of windows, one for each spatial axis. */
    static long[] kernelShape(WindowAttributes window) {
        return window.kernelShape().stream().mapToLong(Long::longValue).toArray();
    }

    private static ProblemOrReason<PoolProblem> windows(
            WindowAttributes window, boolean average, boolean countPadding, KernelRequest step) {
        long[] x = step.dims(0);
        Window2d plane = Window2d.of(window, x, kernelShape(window), step.outputDims(0));
        return plane == null
                ? ProblemOrReason.none(NO_WINDOWS)
                : ProblemOrReason.of(new PoolProblem(plane, x[0] * x[1], average, countPadding));
    }

    private static ProblemOrReason<PoolProblem> global(boolean average, KernelRequest step) {
        long[] x = step.dims(0);
        long pixels = RowMajor.size(x, 2, x.length);
        if (pixels == 0 || pixels > Integer.MAX_VALUE) {
            return ProblemOrReason.none("planes of " + pixels + " elements");
        }
        Window2d.Axis one = new Window2d.Axis(1, 1, 1, 1, 1, 0, 0);
        Window2d.Axis all = new Window2d.Axis((int) pixels, (int) pixels, 1, 1, 1, 0, 0);
        return ProblemOrReason.of(new PoolProblem(new Window2d(one, all), x[0] * x[1], average, false));
    }
}

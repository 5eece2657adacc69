package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.Window3d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import dev.tenon.kernel.pool.PoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarIndexedPool;
import dev.tenon.kernel.scalar.pool.ScalarPool;
import dev.tenon.kernel.vector.pool.VectorGlobalPool;
import dev.tenon.kernel.vector.pool.VectorIndexedPool;
import dev.tenon.kernel.vector.pool.VectorPool;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of pooling. Other element types than float32, more than two spatial axes, and of maxima with their indices more
 * than three, run through the reference.
 */
public final class PoolKernels {
    /** The kernels of the family. */
    public static final KernelTable<PoolProblem> TABLE = new KernelTable<>(
            "pool",
            List.of(
                    new KernelChoice<>(
                            "pool_f32_global_vector", PoolKernels::refuseGlobal, p -> VectorGlobalPool.of(p)),
                    new KernelChoice<>("pool_f32_vector", PoolKernels::refuseVector, p -> VectorPool.of(p)),
                    KernelChoice.fallback("pool_f32_scalar", ScalarPool::new)));

    /** The kernels of maxima with their indices. */
    public static final KernelTable<IndexedPoolProblem> INDEXED = new KernelTable<>(
            "pool_indexed",
            List.of(
                    new KernelChoice<>(
                            "pool_f32_indexed_vector", PoolKernels::refuseIndexed, p -> VectorIndexedPool.of(p)),
                    KernelChoice.fallback("pool_f32_indexed_scalar", ScalarIndexedPool::new)));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(MaxPool.class, (op, step) -> maximum(op, step))
            .with(AveragePool.class, (op, step) -> prepare(op.window(), true, op.countIncludePad(), step))
            .with(GlobalAveragePool.class, (op, step) -> global(true, step))
            .with(GlobalMaxPool.class, (op, step) -> global(false, step));

    private static final int MOST_PHASES = 4;
    private static final long MOST_ELEMENTS = 1 << 22;

    /** Lanes of the widest vector. */
    private static final int MOST_LANES = 16;

    /** The most elements whose places in a volume are integers of 32 bits, those in the padding too. */
    private static final long MOST_PLACES = 1 << 30;

    /** The most terms of a sum in one chain of additions. */
    private static final long MOST_TAPS = 512;

    private PoolKernels() {}

    private static String refuseGlobal(PoolProblem p, Capabilities c) {
        return p.window().isGlobal()
                ? c.refuseVector((double) p.planes() * p.window().pixels())
                : "windows that are not whole planes";
    }

    private static String refuseVector(PoolProblem p, Capabilities c) {
        Window2d w = p.window();
        if (w.taps() > MOST_TAPS) {
            return w.taps() + " elements in a window";
        }
        if (w.rows().stride() > MOST_PHASES || w.columns().stride() > MOST_PHASES) {
            return "strides above " + MOST_PHASES;
        }
        return w.rows().reach() * w.columns().reach() <= MOST_ELEMENTS
                ? c.refuseVector((double) p.planes() * w.windows() * w.taps())
                : "planes too large";
    }

    private static String refuseIndexed(IndexedPoolProblem p, Capabilities c) {
        Window2d.Axis rows = p.window().plane().rows();
        Window2d.Axis columns = p.window().plane().columns();
        if (columns.stride() > MOST_PHASES) {
            return "strides above " + MOST_PHASES;
        }
        long rowsReached = Math.min(rows.input(), (long) rows.kernel() * rows.dilation());
        if (p.window().depth().kernel() * rowsReached
                        > MOST_ELEMENTS / (columns.reach() + (long) columns.stride() * MOST_LANES)
                || (p.window().voxels() + columns.reach() * p.columnStride()) > MOST_PLACES) {
            return "volumes too large";
        }
        return c.refuseVector(
                (double) p.volumes() * p.window().windows() * p.window().taps());
    }

    private static Kernel maximum(MaxPool op, KernelRequest step) {
        if (step.outputs().size() == 1 || step.outputs().get(1) == null) {
            return prepare(op.window(), false, false, step);
        }
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor()) {
            return null;
        }
        long[] x = step.dims(0);
        Window3d window = Window3d.of(op.window(), x, kernelShape(op.window()), step.outputDims(0));
        return window == null
                ? null
                : INDEXED.prepare(
                        new IndexedPoolProblem(window, x[0] * x[1], op.storageOrder() == 1), step.capabilities());
    }

    private static long[] kernelShape(WindowAttributes window) {
        return window.kernelShape().stream().mapToLong(Long::longValue).toArray();
    }

    private static Kernel prepare(WindowAttributes window, boolean average, boolean countPadding, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor()) {
            return null;
        }
        long[] x = step.dims(0);
        Window2d plane = Window2d.of(window, x, kernelShape(window), step.outputDims(0));
        return plane == null
                ? null
                : TABLE.prepare(new PoolProblem(plane, x[0] * x[1], average, countPadding), step.capabilities());
    }

    private static Kernel global(boolean average, KernelRequest step) {
        long[] x = step.dims(0);
        long pixels = 1;
        for (int i = 2; i < x.length; i++) {
            pixels *= x[i];
        }
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor() || pixels == 0 || pixels > Integer.MAX_VALUE) {
            return null;
        }
        Window2d.Axis one = new Window2d.Axis(1, 1, 1, 1, 1, 0, 0);
        Window2d.Axis all = new Window2d.Axis((int) pixels, (int) pixels, 1, 1, 1, 0, 0);
        return TABLE.prepare(new PoolProblem(new Window2d(one, all), x[0] * x[1], average, false), step.capabilities());
    }
}

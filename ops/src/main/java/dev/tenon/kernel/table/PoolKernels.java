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
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of pooling for float32 with channels first. Other element types, and more than two spatial axes (three for MaxPool with
 * indices), run through the reference.
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

    /** The kernels of MaxPool with the optional output of indices. */
    public static final KernelTable<IndexedPoolProblem> INDEXED_TABLE = new KernelTable<>(
            "pool_indexed",
            List.of(
                    new KernelChoice<>(
                            "pool_f32_indexed_vector", PoolKernels::refuseIndexed, p -> VectorIndexedPool.of(p)),
                    KernelChoice.fallback("pool_f32_indexed_scalar", ScalarIndexedPool::new)));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty()
            .with(MaxPool.class, (op, step) -> maxPool(op, step))
            .with(AveragePool.class, (op, step) -> prepare(op.window(), true, op.countIncludePad(), step))
            .with(GlobalAveragePool.class, (op, step) -> global(true, step))
            .with(GlobalMaxPool.class, (op, step) -> global(false, step));

    /** The planes that a sample is assumed to have, where a choice must not depend on the number of samples. */
    private static final double TYPICAL_PLANES = 8;

    private static final int MAX_STRIDE = 4;
    private static final long MAX_ELEMENTS = 1 << 22;

    /** The lanes of the longest vector. */
    private static final int MAX_LANES = 16;

    /** The maximum number of positions in a volume, padding included, that are counted in 32 bits. */
    private static final long MAX_POSITIONS = 1 << 30;

    /** The maximum number of terms of a sum with one accumulator. */
    private static final long MAX_TAPS = 512;

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

    private static String refuseIndexed(IndexedPoolProblem p, Capabilities c) {
        Window2d.Axis rows = p.window().plane().rows();
        Window2d.Axis columns = p.window().plane().columns();
        if (columns.stride() > MAX_STRIDE) {
            return "strides above " + MAX_STRIDE;
        }
        long rowsReached = Math.min(rows.input(), (long) rows.kernel() * rows.dilation());
        if (p.window().depth().kernel() * rowsReached
                        > MAX_ELEMENTS / (columns.reach() + (long) columns.stride() * MAX_LANES)
                || (p.window().voxels() + columns.reach() * p.columnStride()) > MAX_POSITIONS) {
            return "volumes too large";
        }
        return c.refuseVector(
                (double) p.volumes() * p.window().windows() * p.window().taps());
    }

    private static Kernel maxPool(MaxPool op, KernelRequest step) {
        if (!step.isRead(1)) {
            return prepare(op.window(), false, false, step);
        }
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor() || !step.isRead(0)) {
            return null;
        }
        long[] x = step.dims(0);
        Window3d window = Window3d.of(op.window(), x, kernelShape(op.window()), step.outputDims(0));
        return window == null
                ? null
                : INDEXED_TABLE.prepare(
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
        long pixels = RowMajor.size(x, 2, x.length);
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor() || pixels == 0 || pixels > Integer.MAX_VALUE) {
            return null;
        }
        Window2d.Axis one = new Window2d.Axis(1, 1, 1, 1, 1, 0, 0);
        Window2d.Axis all = new Window2d.Axis((int) pixels, (int) pixels, 1, 1, 1, 0, 0);
        return TABLE.prepare(new PoolProblem(new Window2d(one, all), x[0] * x[1], average, false), step.capabilities());
    }
}

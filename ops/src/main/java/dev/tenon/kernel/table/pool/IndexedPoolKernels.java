package dev.tenon.kernel.table.pool;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.Window3d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarIndexedPool;
import dev.tenon.kernel.vector.pool.VectorIndexedPool;
import dev.tenon.op.Op;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of MaxPool with its second output, the indices, for float32 and up to three spatial axes. */
public final class IndexedPoolKernels implements KernelFamily<IndexedPoolProblem> {
    /** The kernels of the family. */
    public static final KernelTable<IndexedPoolProblem> TABLE = new KernelTable<>(
            "pool_indexed",
            List.of(
                    new KernelChoice<>(
                            "pool_f32_indexed_vector", IndexedPoolKernels::refuseIndexed, p -> VectorIndexedPool.of(p)),
                    KernelChoice.fallback("pool_f32_indexed_scalar", ScalarIndexedPool::new)));

    /** The family. */
    public static final IndexedPoolKernels FAMILY = new IndexedPoolKernels();

    private static final int MAX_STRIDE = 4;
    private static final long MAX_ELEMENTS = 1 << 22;

    /** The lanes of the longest vector. */
    private static final int MAX_LANES = 16;

    /** The maximum number of positions in a volume, padding included, that are counted in 32 bits. */
    private static final long MAX_POSITIONS = 1 << 30;

    private IndexedPoolKernels() {}

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

    @Override
    public KernelTable<IndexedPoolProblem> table(IndexedPoolProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<IndexedPoolProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        if (!step.isRowMajor() || !step.isRead(0) || !step.isRead(1)) {
            return ProblemOrReason.none("nothing reads the indices, or nothing the maxima");
        }
        MaxPool pool = (MaxPool) op;
        long[] x = step.dims(0);
        Window3d window = Window3d.of(pool.window(), x, PoolKernels.kernelShape(pool.window()), step.outputDims(0));
        return window == null
                ? ProblemOrReason.none("there are more than three spatial axes, or empty windows")
                : ProblemOrReason.of(new IndexedPoolProblem(window, x[0] * x[1], pool.storageOrder() == 1));
    }
}

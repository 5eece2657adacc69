package dev.tenon.kernel.table.pool;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window3d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarMaxPoolGradient;
import dev.tenon.op.Op;
import dev.tenon.op.gradient.MaxPoolGradient;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of MaxPoolGradient for float32 and up to three spatial axes. */
public final class MaxPoolGradientKernels implements KernelFamily<IndexedPoolProblem> {
    /** The kernels of the family. */
    public static final KernelTable<IndexedPoolProblem> TABLE = new KernelTable<>(
            "pool_gradient", List.of(KernelChoice.fallback("pool_f32_gradient_scalar", ScalarMaxPoolGradient::new)));

    /** The family. */
    public static final MaxPoolGradientKernels FAMILY = new MaxPoolGradientKernels();

    private MaxPoolGradientKernels() {}

    @Override
    public KernelTable<IndexedPoolProblem> table(IndexedPoolProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<IndexedPoolProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        if (!step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed");
        }
        MaxPoolGradient pool = (MaxPoolGradient) op;
        long[] x = step.dims(0);
        Window3d window = Window3d.of(pool.window(), x, PoolKernels.kernelShape(pool.window()), step.dims(1));
        return window == null
                ? ProblemOrReason.none("there are more than three spatial axes, or empty windows")
                : ProblemOrReason.of(new IndexedPoolProblem(window, x[0] * x[1], false));
    }
}

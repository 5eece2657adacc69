package dev.tenon.kernel.table.pool;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.QuantPoolProblem;
import dev.tenon.kernel.scalar.pool.ScalarQuantPool;
import dev.tenon.op.Op;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of QLinearAveragePool. More than two spatial axes run through the reference. */
public final class QuantPoolKernels implements KernelFamily<QuantPoolProblem> {
    /** The kernels of the family. */
    public static final KernelTable<QuantPoolProblem> TABLE =
            new KernelTable<>("pool_i8", List.of(KernelChoice.fallback("pool_i8_scalar", ScalarQuantPool::new)));

    /** The family. */
    public static final QuantPoolKernels FAMILY = new QuantPoolKernels();

    private QuantPoolKernels() {}

    @Override
    public KernelTable<QuantPoolProblem> table(QuantPoolProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<QuantPoolProblem> problem(Op op, KernelRequest step) {
        if (!step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed");
        }
        QLinearAveragePool pool = (QLinearAveragePool) op;
        long[] x = step.dims(0);
        Window2d window = Window2d.of(pool.window(), x, PoolKernels.kernelShape(pool.window()), step.outputDims(0));
        return window == null
                ? ProblemOrReason.none(PoolKernels.NO_WINDOWS)
                : ProblemOrReason.of(problem(window, x[0] * x[1], pool.countIncludePad(), step));
    }

    /** The problem of planes with the operands of a step. */
    static QuantPoolProblem problem(Window2d window, long planes, boolean countPadding, KernelRequest step) {
        return new QuantPoolProblem(
                window, planes, countPadding, step.dtype(0) == DType.INT8, step.has(2), step.has(4), step.inputCount());
    }
}

package dev.tenon.kernel.table.copy;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.copy.GatherGradientProblem;
import dev.tenon.kernel.scalar.copy.ScalarGatherGradient;
import dev.tenon.op.Op;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.gradient.GatherGradient;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of GatherGradient for float32. Other element types run through the reference. */
public final class GatherGradientKernels implements KernelFamily<GatherGradientProblem> {
    /** The kernels of the family. */
    public static final KernelTable<GatherGradientProblem> TABLE = new KernelTable<>(
            "gather_gradient",
            List.of(KernelChoice.fallback("gather_gradient_f32_scalar", p -> new ScalarGatherGradient(p))));

    /** The family. */
    public static final GatherGradientKernels FAMILY = new GatherGradientKernels();

    private static final long MAX_BLOCKS = 1 << 30;

    private GatherGradientKernels() {}

    @Override
    public KernelTable<GatherGradientProblem> table(GatherGradientProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<GatherGradientProblem> problem(Op operator, KernelRequest step) {
        GatherGradient op = (GatherGradient) operator;
        long[] y = step.outputDims(0);
        long outer = RowMajor.size(y, 0, op.axis());
        long inner = RowMajor.size(y, op.axis() + 1, y.length);
        if (step.dtype(1) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(1).text());
        }
        if (!step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed");
        }
        if (RowMajor.size(y) == 0 || outer * inner > MAX_BLOCKS) {
            return ProblemOrReason.none("there are no elements, or too many");
        }
        return ProblemOrReason.of(new GatherGradientProblem(
                outer,
                op.size(),
                inner,
                RowMajor.size(step.dims(0)),
                step.dtype(0).bits() / 8));
    }
}

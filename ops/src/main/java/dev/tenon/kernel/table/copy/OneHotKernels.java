package dev.tenon.kernel.table.copy;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.copy.OneHotProblem;
import dev.tenon.kernel.scalar.copy.ScalarOneHot;
import dev.tenon.op.Op;
import dev.tenon.op.shape.OneHot;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of OneHot. Strings run through the reference. */
public final class OneHotKernels implements KernelFamily<OneHotProblem> {
    /** The kernels of the family. */
    public static final KernelTable<OneHotProblem> TABLE =
            new KernelTable<>("one_hot", List.of(KernelChoice.fallback("one_hot_scalar", p -> new ScalarOneHot(p))));

    /** A kernel writes all places of an index of the outer dimensions without a look at the budget of work. */
    private static final double MAX_ROW_BYTES = 1 << 24;

    /** The family. */
    public static final OneHotKernels FAMILY = new OneHotKernels();

    private OneHotKernels() {}

    @Override
    public KernelTable<OneHotProblem> table(OneHotProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<OneHotProblem> problem(Op operator, KernelRequest step) {
        OneHot op = (OneHot) operator;
        int bytes = CopyKernels.elementBytes(step);
        DType indices = step.dtype(0);
        boolean read = indices == DType.INT64 || indices == DType.INT32 || indices == DType.FLOAT32;
        if (!read || bytes == 0 || bytes > Long.BYTES) {
            return ProblemOrReason.none("elements are strings or no whole bytes, or the indices are of another type");
        }
        long[] out = step.outputDims(0);
        int axis = op.axis() < 0 ? op.axis() + out.length : op.axis();
        long outer = 1;
        for (int d = 0; d < axis; d++) {
            outer *= out[d];
        }
        long inner = 1;
        for (int d = axis + 1; d < out.length; d++) {
            inner *= out[d];
        }
        if ((double) out[axis] * inner * bytes > MAX_ROW_BYTES) {
            return ProblemOrReason.none("rows are too large");
        }
        return ProblemOrReason.of(new OneHotProblem(outer, out[axis], inner, indices, bytes));
    }
}

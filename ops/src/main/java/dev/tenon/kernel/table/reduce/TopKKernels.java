package dev.tenon.kernel.table.reduce;

import dev.tenon.kernel.AxisLines;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.reduce.TopKProblem;
import dev.tenon.kernel.scalar.reduce.ScalarTopK;
import dev.tenon.op.Op;
import dev.tenon.op.shape.TopK;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.List;

/** The kernel of TopK for float32. Other element types run through the reference. */
public final class TopKKernels implements KernelFamily<TopKProblem> {
    /** The kernels of the family. */
    public static final KernelTable<TopKProblem> TABLE =
            new KernelTable<>("topk", List.of(KernelChoice.fallback("topk_f32_scalar", p -> new ScalarTopK(p))));

    /** The family. */
    public static final TopKKernels FAMILY = new TopKKernels();

    private TopKKernels() {}

    @Override
    public KernelTable<TopKProblem> table(TopKProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<TopKProblem> problem(Op operator, KernelRequest step) {
        TopK op = (TopK) operator;
        TensorType result = step.outputs().getFirst() != null
                ? step.outputs().getFirst()
                : step.outputs().getLast();
        long[] dims = step.dims(0);
        AxisLines lines = AxisLines.of(dims, op.axis());
        if (step.dtype(0) != DType.FLOAT32
                || !step.isRowMajor()
                || step.outputs().size() != 2
                || result == null
                || lines.isEmpty()
                || lines.length() > Integer.MAX_VALUE) {
            return ProblemOrReason.none("the element type is not float32, or lines are empty or too long");
        }
        int axis = op.axis() < 0 ? op.axis() + dims.length : op.axis();
        long k = result.shape().toArray()[axis];
        if (k > lines.length()) {
            return ProblemOrReason.none("there are fewer than k elements");
        }
        return ProblemOrReason.of(
                new TopKProblem(lines.outer(), (int) lines.length(), lines.inner(), (int) k, op.largest()));
    }
}

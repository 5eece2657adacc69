package dev.tenon.kernel.table.norm;

import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.scalar.norm.ScalarNorm;
import dev.tenon.kernel.vector.norm.VectorNorm;
import dev.tenon.kernel.x64.norm.X64Norm;
import dev.tenon.op.Op;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.List;

/**
 * Kernels of LayerNormalization and RMSNormalization for float32. Other element types, and scales or biases that are broadcast,
 * run through the reference.
 */
public final class NormKernels implements KernelFamily<NormProblem> {
    /** The time of scalar loops for an element, nanoseconds, times the rows that a line stands for: a sample has many tokens. */
    static final double ROW_WORK = 2.0 * 4;

    /** The kernels of the family. */
    public static final KernelTable<NormProblem> TABLE = new KernelTable<>(
            "norm",
            List.of(
                    KernelChoice.assembled("norm_f32_avx512", CodeForm.AVX512, p -> null, X64Norm::of),
                    KernelChoice.assembled("norm_f32_avx2", CodeForm.AVX2, p -> null, X64Norm::of),
                    new KernelChoice<>(
                            "norm_f32_vector", (p, c) -> c.refuseLines(ROW_WORK * p.length()), p -> VectorNorm.of(p)),
                    KernelChoice.fallback("norm_f32_scalar", ScalarNorm::new)));

    /** The family. */
    public static final NormKernels FAMILY = new NormKernels();

    private NormKernels() {}

    @Override
    public KernelTable<NormProblem> table(NormProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<NormProblem> problem(Op op, KernelRequest step) {
        if (op instanceof RMSNormalization norm) {
            return problem(Kind.RMS, norm.axis(), norm.epsilon(), step);
        }
        LayerNormalization norm = (LayerNormalization) op;
        return norm.stashType() == DType.FLOAT32
                ? problem(Kind.LAYER, norm.axis(), norm.epsilon(), step)
                : ProblemOrReason.none(
                        "it is to be computed in " + norm.stashType().text());
    }

    private static ProblemOrReason<NormProblem> problem(Kind kind, int axis, float epsilon, KernelRequest step) {
        boolean floats = true;
        for (TensorType t : step.inputs()) {
            floats &= t == null || t.dtype() == DType.FLOAT32;
        }
        if (!floats || !step.isRowMajor() || !step.isRead(0)) {
            return ProblemOrReason.none("an element type is not float32, or nothing reads the first output");
        }
        long[] dims = step.dims(0);
        int at = axis < 0 ? axis + dims.length : axis;
        long rows = 1;
        long length = 1;
        for (int i = 0; i < dims.length; i++) {
            rows *= i < at ? dims[i] : 1;
            length *= i < at ? 1 : dims[i];
        }
        if (length == 0
                || !NormProblem.covers(step.inputs().get(1), dims, at)
                || (step.has(2) && !NormProblem.covers(step.inputs().get(2), dims, at))) {
            return ProblemOrReason.none("rows are empty, or scale or bias are broadcast along them");
        }
        return ProblemOrReason.of(new NormProblem(kind, rows, length, epsilon, step.has(2), step.inputCount()));
    }
}

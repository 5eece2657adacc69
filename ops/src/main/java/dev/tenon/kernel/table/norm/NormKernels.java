package dev.tenon.kernel.table.norm;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.scalar.norm.ScalarNorm;
import dev.tenon.kernel.vector.norm.VectorNorm;
import dev.tenon.kernel.x64.norm.X64Norm;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.List;

/**
 * Kernels of LayerNormalization and RMSNormalization for float32. Other element types, and scales or biases that are broadcast,
 * run through the reference.
 */
public final class NormKernels {
    /** The time of scalar loops for an element, nanoseconds, times the rows that a line stands for: a sample has many tokens. */
    static final double ROW_WORK = 2.0 * 4;

    /** The kernels of the family. */
    public static final KernelTable<NormProblem> TABLE = new KernelTable<>(
            "norm",
            List.of(
                    new KernelChoice<>(
                            "norm_f32_avx512",
                            (p, c) -> c.refuseAssembled(InstructionSet.AVX512),
                            p -> X64Norm.of(p, 512)),
                    new KernelChoice<>(
                            "norm_f32_avx2", (p, c) -> c.refuseAssembled(InstructionSet.AVX2), p -> X64Norm.of(p, 256)),
                    new KernelChoice<>(
                            "norm_f32_vector", (p, c) -> c.refuseLines(ROW_WORK * p.length()), p -> VectorNorm.of(p)),
                    KernelChoice.fallback("norm_f32_scalar", ScalarNorm::new)));

    /** The lowerings of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(
                    LayerNormalization.class,
                    (op, step) ->
                            op.stashType() == DType.FLOAT32 ? prepare(Kind.LAYER, op.axis(), op.epsilon(), step) : null)
            .with(RMSNormalization.class, (op, step) -> prepare(Kind.RMS, op.axis(), op.epsilon(), step));

    private NormKernels() {}

    private static Kernel prepare(Kind kind, int axis, float epsilon, KernelRequest step) {
        boolean floats = true;
        for (TensorType t : step.inputs()) {
            floats &= t == null || t.dtype() == DType.FLOAT32;
        }
        if (!floats || !step.isRowMajor() || !step.isRead(0)) {
            return null;
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
            return null;
        }
        return TABLE.prepare(
                new NormProblem(kind, rows, length, epsilon, step.has(2), step.inputCount()), step.capabilities());
    }
}

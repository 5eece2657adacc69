package dev.tenon.kernel.table.norm;

import dev.tenon.kernel.AxisLines;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.scalar.norm.ScalarSoftmax;
import dev.tenon.kernel.vector.norm.VectorColumnSoftmax;
import dev.tenon.kernel.vector.norm.VectorSoftmax;
import dev.tenon.kernel.x64.norm.X64Softmax;
import dev.tenon.op.Op;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of Softmax and LogSoftmax for float32. Other element types run through the reference. */
public final class SoftmaxKernels implements KernelFamily<SoftmaxProblem> {
    /** The kernels of the family. */
    public static final KernelTable<SoftmaxProblem> TABLE = new KernelTable<>(
            "softmax",
            List.of(
                    KernelChoice.assembled(
                            "softmax_f32_avx512", CodeForm.AVX512, SoftmaxKernels::refuseAssembled, X64Softmax::of),
                    KernelChoice.assembled(
                            "softmax_f32_avx2", CodeForm.AVX2, SoftmaxKernels::refuseAssembled, X64Softmax::of),
                    new KernelChoice<>("softmax_f32_vector", SoftmaxKernels::refuse, p -> VectorSoftmax.of(p)),
                    new KernelChoice<>(
                            "softmax_f32_columns_vector",
                            SoftmaxKernels::refuseColumns,
                            p -> VectorColumnSoftmax.of(p)),
                    KernelChoice.fallback("softmax_f32_scalar", ScalarSoftmax::new)));

    /** The family. */
    public static final SoftmaxKernels FAMILY = new SoftmaxKernels();

    /** For an element, by scalar loops. */
    private static final double SCALAR_NANOS = 10;

    private SoftmaxKernels() {}

    private static String refuseAssembled(SoftmaxProblem p) {
        if (p.inner() != 1 || p.log()) {
            return p.log() ? "LogSoftmax" : "the axis is not the last";
        }
        return p.length() == 0 || p.length() > X64Softmax.MAX_LENGTH
                ? "rows of " + p.length() + " elements, above " + X64Softmax.MAX_LENGTH
                : null;
    }

    private static String refuse(SoftmaxProblem p, Capabilities c) {
        return p.inner() != 1 ? "the axis is not the last" : refuseLines(p, c);
    }

    private static String refuseColumns(SoftmaxProblem p, Capabilities c) {
        if (p.inner() == 1) {
            return "the axis is the last";
        }
        if (p.length() == 0 || p.length() > VectorColumnSoftmax.MAX_ROWS || p.inner() > Integer.MAX_VALUE) {
            return p.length() + " rows of " + p.inner() + " columns";
        }
        return refuseLines(p, c);
    }

    private static String refuseLines(SoftmaxProblem p, Capabilities c) {
        double nanos = SCALAR_NANOS * p.length() * p.inner();
        // With machine code, LogSoftmax is often the only operator that would need vectors, for a single line.
        return p.log() && !c.instructions().isEmpty() ? c.refuseVector(nanos) : c.refuseLines(nanos);
    }

    @Override
    public KernelTable<SoftmaxProblem> table(SoftmaxProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<SoftmaxProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor()) {
            return ProblemOrReason.none("the element type is not float32, or an operand is packed");
        }
        boolean log = op instanceof LogSoftmax;
        AxisLines lines = AxisLines.of(step.dims(0), log ? ((LogSoftmax) op).axis() : ((Softmax) op).axis());
        return ProblemOrReason.of(
                lines.isEmpty()
                        ? new SoftmaxProblem(0, lines.length(), 1, log)
                        : new SoftmaxProblem(lines.outer(), lines.length(), lines.inner(), log));
    }

    @Override
    public String reasonAgainstRows(Op op, KernelRequest step) {
        return null;
    }
}

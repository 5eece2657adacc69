package dev.tenon.kernel.table.reduce;

import dev.tenon.kernel.AxisLines;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.reduce.PrefixSumProblem;
import dev.tenon.kernel.scalar.reduce.ScalarPrefixSum;
import dev.tenon.kernel.vector.reduce.VectorColumnPrefixSum;
import dev.tenon.kernel.vector.reduce.VectorPrefixSum;
import dev.tenon.op.Op;
import dev.tenon.op.shape.CumSum;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of CumSum for float32. Other element types, and an axis that is not constant, run through the reference. */
public final class PrefixSumKernels implements KernelFamily<PrefixSumProblem> {
    /** The kernels of the family. */
    public static final KernelTable<PrefixSumProblem> TABLE = new KernelTable<>(
            "prefix_sum",
            List.of(
                    new KernelChoice<>(
                            "prefix_sum_f32_vector", PrefixSumKernels::refuseRows, p -> VectorPrefixSum.of(p)),
                    new KernelChoice<>(
                            "prefix_sum_f32_columns_vector",
                            PrefixSumKernels::refuseColumns,
                            p -> VectorColumnPrefixSum.of(p)),
                    KernelChoice.fallback("prefix_sum_f32_scalar", p -> new ScalarPrefixSum(p))));

    /** The family. */
    public static final PrefixSumKernels FAMILY = new PrefixSumKernels();

    private PrefixSumKernels() {}

    private static String refuseRows(PrefixSumProblem p, Capabilities c) {
        if (p.inner() != 1) {
            return "the axis is not the last";
        }
        return p.length() * Float.SIZE < c.vectorBits()
                ? "lines of " + p.length() + " elements, less than a vector"
                : c.refuseLines(p.length());
    }

    private static String refuseColumns(PrefixSumProblem p, Capabilities c) {
        if (p.inner() == 1) {
            return "the axis is the last";
        }
        return p.inner() * Float.SIZE < c.vectorBits()
                ? p.inner() + " columns, less than a vector"
                : c.refuseLines((double) p.length() * p.inner());
    }

    @Override
    public KernelTable<PrefixSumProblem> table(PrefixSumProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<PrefixSumProblem> problem(Op operator, KernelRequest step) {
        CumSum op = (CumSum) operator;
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor() || step.constant(1) == null) {
            return ProblemOrReason.none("the element type is not float32, or the axis is not constant");
        }
        AxisLines lines = AxisLines.of(step.dims(0), step.constant(1).getLong(0));
        return ProblemOrReason.of(
                lines.isEmpty() || lines.length() == 0
                        ? new PrefixSumProblem(0, 1, 1, op.exclusive(), op.reverse())
                        : new PrefixSumProblem(
                                lines.outer(), lines.length(), lines.inner(), op.exclusive(), op.reverse()));
    }
}

package dev.tenon.kernel.table.reduce;

import dev.tenon.kernel.AxisLines;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.reduce.ArgMinMaxProblem;
import dev.tenon.kernel.scalar.reduce.ScalarArgMinMax;
import dev.tenon.kernel.vector.reduce.VectorArgMinMax;
import dev.tenon.kernel.vector.reduce.VectorColumnArgMinMax;
import dev.tenon.op.Op;
import dev.tenon.op.nn.Hardmax;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.reduce.ArgMin;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of ArgMax, ArgMin and Hardmax for float32. Other element types run through the reference. */
public final class ArgMinMaxKernels implements KernelFamily<ArgMinMaxProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ArgMinMaxProblem> TABLE = new KernelTable<>(
            "extreme",
            List.of(
                    new KernelChoice<>("extreme_f32_vector", ArgMinMaxKernels::refuseRows, p -> VectorArgMinMax.of(p)),
                    new KernelChoice<>(
                            "extreme_f32_columns_vector",
                            ArgMinMaxKernels::refuseColumns,
                            p -> VectorColumnArgMinMax.of(p)),
                    KernelChoice.fallback("extreme_f32_scalar", p -> new ScalarArgMinMax(p))));

    /** The family. */
    public static final ArgMinMaxKernels FAMILY = new ArgMinMaxKernels();

    private ArgMinMaxKernels() {}

    private static String refuseRows(ArgMinMaxProblem p, Capabilities c) {
        if (p.inner() != 1) {
            return "the axis is not the last";
        }
        return p.length() * Float.SIZE < c.vectorBits()
                ? "lines of " + p.length() + " elements, less than a vector"
                : c.refuseVector((double) p.outer() * p.length());
    }

    private static String refuseColumns(ArgMinMaxProblem p, Capabilities c) {
        if (p.inner() == 1) {
            return "the axis is the last";
        }
        if (p.oneHot()) {
            return "no loop over columns for Hardmax";
        }
        if (p.length() > Integer.MAX_VALUE) {
            return p.length() + " rows";
        }
        return p.inner() * Float.SIZE < c.vectorBits()
                ? p.inner() + " columns, less than a vector"
                : c.refuseVector((double) p.outer() * p.length() * p.inner());
    }

    @Override
    public KernelTable<ArgMinMaxProblem> table(ArgMinMaxProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ArgMinMaxProblem> problem(Op op, KernelRequest step) {
        if (op instanceof ArgMax most) {
            return problem(most.axis(), true, most.selectLastIndex(), false, step);
        }
        return op instanceof ArgMin least
                ? problem(least.axis(), false, least.selectLastIndex(), false, step)
                : problem(((Hardmax) op).axis(), true, false, true, step);
    }

    private static ProblemOrReason<ArgMinMaxProblem> problem(
            int axis, boolean max, boolean last, boolean mark, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor()) {
            return ProblemOrReason.none("the element type is not float32, or an operand is packed");
        }
        AxisLines lines = AxisLines.of(step.dims(0), axis);
        return ProblemOrReason.of(
                lines.isEmpty() || lines.length() == 0
                        ? new ArgMinMaxProblem(0, 1, 1, max, last, mark)
                        : new ArgMinMaxProblem(lines.outer(), lines.length(), lines.inner(), max, last, mark));
    }
}

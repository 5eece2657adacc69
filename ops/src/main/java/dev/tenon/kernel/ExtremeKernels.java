package dev.tenon.kernel;

import dev.tenon.kernel.scalar.ScalarExtreme;
import dev.tenon.kernel.vector.VectorColumnExtreme;
import dev.tenon.kernel.vector.VectorExtreme;
import dev.tenon.op.nn.Hardmax;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.reduce.ArgMin;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of ArgMax, ArgMin and Hardmax. Other element types than float32 run through the reference. */
public final class ExtremeKernels {
    /** The kernels of the family. */
    public static final KernelTable<ExtremeProblem> TABLE = new KernelTable<>(
            "extreme",
            List.of(
                    new KernelChoice<>("extreme_f32_vector", ExtremeKernels::refuseRows, p -> VectorExtreme.of(p)),
                    new KernelChoice<>(
                            "extreme_f32_columns_vector",
                            ExtremeKernels::refuseColumns,
                            p -> VectorColumnExtreme.of(p)),
                    KernelChoice.last("extreme_f32_scalar", p -> new ScalarExtreme(p))));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(ArgMax.class, (op, step) -> prepare(op.axis(), true, op.selectLastIndex(), false, step))
            .with(ArgMin.class, (op, step) -> prepare(op.axis(), false, op.selectLastIndex(), false, step))
            .with(Hardmax.class, (op, step) -> prepare(op.axis(), true, false, true, step));

    private ExtremeKernels() {}

    private static String refuseRows(ExtremeProblem p, Capabilities c) {
        if (p.inner() != 1) {
            return "the axis is not the last";
        }
        return p.length() * Float.SIZE < c.vectorBits()
                ? "lines of " + p.length() + " elements, less than a vector"
                : c.refuseVector((double) p.outer() * p.length());
    }

    private static String refuseColumns(ExtremeProblem p, Capabilities c) {
        if (p.inner() == 1) {
            return "the axis is the last";
        }
        if (p.mark()) {
            return "no loop that marks extremes";
        }
        if (p.length() > Integer.MAX_VALUE) {
            return p.length() + " rows";
        }
        return p.inner() * Float.SIZE < c.vectorBits()
                ? p.inner() + " columns, less than a vector"
                : c.refuseVector((double) p.outer() * p.length() * p.inner());
    }

    private static Kernel prepare(int axis, boolean greatest, boolean last, boolean mark, StepRequest step) {
        if (step.dtype(0) != DType.FLOAT32 || !step.plain()) {
            return null;
        }
        long[] dims = step.dims(0);
        int at = axis < 0 ? axis + dims.length : axis;
        long outer = 1;
        long inner = 1;
        for (int i = 0; i < dims.length; i++) {
            outer *= i < at ? dims[i] : 1;
            inner *= i > at ? dims[i] : 1;
        }
        if (outer == 0 || inner == 0 || dims[at] == 0) {
            return TABLE.prepare(new ExtremeProblem(0, 1, 1, greatest, last, mark), step.capabilities());
        }
        return TABLE.prepare(new ExtremeProblem(outer, dims[at], inner, greatest, last, mark), step.capabilities());
    }
}

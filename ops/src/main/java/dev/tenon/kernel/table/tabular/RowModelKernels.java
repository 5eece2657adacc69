package dev.tenon.kernel.table.tabular;

import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.OncePerOperator;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.scalar.tabular.ScalarRowModel;
import dev.tenon.kernel.tabular.RowModelProblem;
import dev.tenon.kernel.x64.tabular.SupportVectorPanels;
import dev.tenon.kernel.x64.tabular.X64SupportVectors;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.LinearRegressor;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.op.tabular.model.RowModel;
import dev.tenon.op.tabular.model.SupportVectorModel;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of linear models and support vector machines. Labels that are strings run through the reference. */
public final class RowModelKernels implements KernelFamily<RowModelProblem> {
    /** The kernels of the family. */
    public static final KernelTable<RowModelProblem> TABLE = new KernelTable<>(
            "row_model",
            List.of(
                    new KernelChoice<>(
                            "support_vectors_x64",
                            CodeForm.PANELS,
                            (p, c) -> refuseAssembled(p),
                            (p, c, form) -> assembled(p, form)),
                    KernelChoice.fallback("row_model_scalar", p -> new ScalarRowModel(p))));

    /** The family. */
    public static final RowModelKernels FAMILY = new RowModelKernels();

    private static final long MAX_COMPONENTS = 1 << 26;

    /** A block goes through all products of its rows without a look at the budget of work. */
    private static final long MAX_ASSEMBLED = 1 << 24;

    private static final int MIN_PANEL = 16;

    private static final OncePerOperator<SupportVectorPanels> NARROW_PANELS = new OncePerOperator<>();
    private static final OncePerOperator<SupportVectorPanels> WIDE_PANELS = new OncePerOperator<>();

    private RowModelKernels() {}

    private static String refuseAssembled(RowModelProblem p) {
        if (!(p.model() instanceof SupportVectorModel model)) {
            return "the model has no support vectors";
        }
        if (p.dtype() != DType.FLOAT32 || model.features() == 0) {
            return "the rows are " + model.features() + " numbers of "
                    + p.dtype().text();
        }
        if ((long) model.vectors() * Math.max(model.features(), model.sums()) > MAX_ASSEMBLED) {
            return "the model has too many vectors";
        }
        return null;
    }

    private static Kernel assembled(RowModelProblem p, CodeForm form) {
        SupportVectorModel model = (SupportVectorModel) p.model();
        int bits = form.bits();
        OncePerOperator<SupportVectorPanels> panels = form.panelColumns() > MIN_PANEL ? WIDE_PANELS : NARROW_PANELS;
        return new X64SupportVectors(p, model, panels.of(p.op(), () -> SupportVectorPanels.of(model, bits)), bits);
    }

    @Override
    public KernelTable<RowModelProblem> table(RowModelProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<RowModelProblem> problem(Op op, KernelRequest step) {
        if (op instanceof LinearClassifier linear) {
            long[] dims = step.dims(0);
            return problem(op, linear.model((int) dims[dims.length - 1]), linear.chosen(), step);
        }
        if (op instanceof LinearRegressor linear) {
            return problem(op, linear.model(), null, step);
        }
        return op instanceof SVMClassifier vectors
                ? problem(op, vectors.model(), vectors.labels(), step)
                : problem(op, ((SVMRegressor) op).model(), null, step);
    }

    private static ProblemOrReason<RowModelProblem> problem(Op op, RowModel model, Labels labels, KernelRequest step) {
        int output = labels == null ? 0 : 1;
        if (!step.isRowMajor()
                || labels != null && labels.dtype() != DType.INT64
                || (long) model.features() * model.vectors() > MAX_COMPONENTS) {
            return ProblemOrReason.none("labels are strings, or the model is too large");
        }
        boolean writesLabels = labels != null && step.outputs().getFirst() != null;
        long[] all = writesLabels
                ? labels.integers().stream().mapToLong(Long::longValue).toArray()
                : null;
        long[] dims = step.dims(0);
        RowModelProblem p = new RowModelProblem(
                op,
                model,
                dims.length == 1 ? 1 : dims[0],
                step.dtype(0),
                labels != null,
                all,
                output < step.outputs().size() && step.outputs().get(output) != null);
        return ProblemOrReason.of(p);
    }
}

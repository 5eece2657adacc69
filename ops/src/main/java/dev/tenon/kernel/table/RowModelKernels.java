package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.scalar.tabular.ScalarRowModel;
import dev.tenon.kernel.tabular.RowModelProblem;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.LinearRegressor;
import dev.tenon.op.tabular.RowModel;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of linear models and support vector machines. Labels that are strings run through the reference. */
public final class RowModelKernels {
    /** The kernels of the family. */
    public static final KernelTable<RowModelProblem> TABLE = new KernelTable<>(
            "row_model", List.of(KernelChoice.fallback("row_model_scalar", p -> new ScalarRowModel(p))));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty()
            .with(LinearClassifier.class, RowModelKernels::classifier)
            .with(LinearRegressor.class, (op, step) -> prepare(op.model(), null, step))
            .with(SVMClassifier.class, (op, step) -> prepare(op.model(), op.labels(), step))
            .with(SVMRegressor.class, (op, step) -> prepare(op.model(), null, step));

    private static final long MAX_COMPONENTS = 1 << 26;

    private RowModelKernels() {}

    private static Kernel classifier(LinearClassifier op, KernelRequest step) {
        long[] dims = step.dims(0);
        return prepare(op.model((int) dims[dims.length - 1]), op.chosen(), step);
    }

    private static Kernel prepare(RowModel model, Labels labels, KernelRequest step) {
        int output = labels == null ? 0 : 1;
        if (!step.isRowMajor()
                || labels != null && labels.dtype() != DType.INT64
                || (long) model.features() * model.vectors() > MAX_COMPONENTS) {
            return null;
        }
        boolean writesLabels = labels != null && step.outputs().getFirst() != null;
        long[] all = writesLabels
                ? labels.integers().stream().mapToLong(Long::longValue).toArray()
                : null;
        long[] dims = step.dims(0);
        RowModelProblem p = new RowModelProblem(
                model,
                dims.length == 1 ? 1 : dims[0],
                step.dtype(0),
                labels != null,
                all,
                output < step.outputs().size() && step.outputs().get(output) != null);
        return TABLE.prepare(p, step.capabilities());
    }
}

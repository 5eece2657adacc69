package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.scalar.tabular.ScalarTrees;
import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.tensor.DType;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Kernels of trees. A walk waits for memory and not for arithmetic, and loading from many places at once is not faster by
 * vectors than one by one, so that plain loops that go through several trees or rows at a time are the best there is.
 * Forests of very many features, and labels that are strings, run through the reference.
 */
public final class TreeKernels {
    /** The kernels of the family. */
    public static final KernelTable<TreeProblem> TABLE =
            new KernelTable<>("trees", List.of(KernelChoice.fallback("trees_scalar", p -> new ScalarTrees(p))));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(TreeEnsembleClassifier.class, TreeKernels::classifier)
            .with(TreeEnsembleRegressor.class, TreeKernels::regressor)
            .with(TreeEnsemble.class, TreeKernels::ensemble);

    private static final int MOST_COLUMNS = 1 << 16;
    private static final int MOST_TARGETS = 1 << 12;

    private TreeKernels() {}

    private static boolean wide(Forest f, KernelRequest step) {
        return f.wide() || step.dtype(0) == DType.FLOAT64;
    }

    private static Kernel classifier(TreeEnsembleClassifier op, KernelRequest step) {
        if (op.labels().dtype() != DType.INT64) {
            return null;
        }
        Labels labels = op.labels().size() == 1 ? op.labels().binary() : op.labels();
        long[] all = labels.integers().stream().mapToLong(Long::longValue).toArray();
        return prepare(op.forest(), Aggregate.SUM, op.decision(wide(op.forest(), step)), all, step, 1);
    }

    private static Kernel regressor(TreeEnsembleRegressor op, KernelRequest step) {
        return targets(op.forest(), op.aggregate(), op.results(wide(op.forest(), step)), step);
    }

    private static Kernel ensemble(TreeEnsemble op, KernelRequest step) {
        return targets(op.forest(), op.aggregate(), op.results(wide(op.forest(), step)), step);
    }

    private static Kernel targets(Forest f, Aggregate aggregate, Consumer<double[]> results, KernelRequest step) {
        ToIntFunction<double[]> end = row -> {
            results.accept(row);
            return 0;
        };
        return prepare(f, aggregate, end, null, step, 0);
    }

    private static Kernel prepare(
            Forest f, Aggregate aggregate, ToIntFunction<double[]> end, long[] labels, KernelRequest step, int output) {
        long[] dims = step.dims(0);
        boolean scores = output < step.outputs().size() && step.outputs().get(output) != null;
        boolean labelled = labels != null && step.outputs().get(0) != null;
        if (!step.isRowMajor()
                || f.targets() > MOST_TARGETS
                || TreeLayout.of(f, step.dtype(0) == DType.FLOAT64).columnFeatures.length > MOST_COLUMNS) {
            return null;
        }
        TreeProblem p = new TreeProblem(
                f,
                dims.length == 1 ? 1 : dims[0],
                dims[dims.length - 1],
                step.dtype(0),
                aggregate,
                end,
                new TreeProblem.Outputs(
                        labels != null,
                        labelled ? labels : null,
                        scores ? step.outputs().get(output).dtype() : null));
        return TABLE.prepare(p, step.capabilities());
    }
}

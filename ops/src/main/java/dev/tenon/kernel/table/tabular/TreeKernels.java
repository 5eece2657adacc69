package dev.tenon.kernel.table.tabular;

import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.scalar.tabular.ScalarTrees;
import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.kernel.tabular.TreeRecords;
import dev.tenon.kernel.x64.tabular.X64Trees;
import dev.tenon.op.Op;
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
 * Kernels of tree ensembles. A walk through a tree is limited by loads, and vectors do not load from many addresses faster than
 * scalar code, so machine code and scalar loops walk through several trees or rows at a time. Machine code takes sums and
 * averages. Forests of very many features, targets or steps, and labels that are strings, run through the reference.
 */
public final class TreeKernels implements KernelFamily<TreeProblem> {
    /** The kernels of the family. */
    public static final KernelTable<TreeProblem> TABLE = new KernelTable<>(
            "trees",
            List.of(
                    KernelChoice.assembled(
                            "trees_x64",
                            CodeForm.AVX2,
                            TreeKernels::refuseAssembled,
                            (p, bits) -> new X64Trees(p, records(p))),
                    new KernelChoice<>(
                            "trees_scalar",
                            (p, c) -> scalarTakes(p) ? null : "the trees ask for too many columns",
                            p -> new ScalarTrees(p))));

    /** The family. */
    public static final TreeKernels FAMILY = new TreeKernels();

    private static final int MAX_COLUMNS = 1 << 16;
    private static final int MAX_TARGETS = 1 << 12;

    /** A kernel walks a row through all trees at once, without a look at the budget of work. */
    private static final long MAX_STEPS = 1 << 22;

    private TreeKernels() {}

    private static TreeRecords records(TreeProblem p) {
        return TreeRecords.of(p.forest(), p.dtype() == DType.FLOAT64, p.sumsInDouble());
    }

    private static String refuseAssembled(TreeProblem p) {
        if (!p.aggregate().adds()) {
            return "weights are not added";
        }
        return records(p) == null ? "the trees have no form for machine code" : null;
    }

    private static boolean scalarTakes(TreeProblem p) {
        return TreeLayout.of(p.forest(), p.dtype() == DType.FLOAT64).columnFeatures.length <= MAX_COLUMNS;
    }

    private static boolean sumsInDouble(Forest f, KernelRequest step) {
        return f.wide() || step.dtype(0) == DType.FLOAT64;
    }

    @Override
    public KernelTable<TreeProblem> table(TreeProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<TreeProblem> problem(Op op, KernelRequest step) {
        if (op instanceof TreeEnsemble trees) {
            return targets(trees.forest(), trees.aggregate(), trees.results(sumsInDouble(trees.forest(), step)), step);
        }
        if (op instanceof TreeEnsembleRegressor trees) {
            return targets(trees.forest(), trees.aggregate(), trees.results(sumsInDouble(trees.forest(), step)), step);
        }
        TreeEnsembleClassifier trees = (TreeEnsembleClassifier) op;
        if (trees.labels().dtype() != DType.INT64) {
            return ProblemOrReason.none("labels are strings");
        }
        Labels labels = trees.labels().size() == 1 ? trees.labels().binary() : trees.labels();
        long[] all = labels.integers().stream().mapToLong(Long::longValue).toArray();
        ToIntFunction<double[]> decision = trees.decision(sumsInDouble(trees.forest(), step));
        return problem(trees.forest(), Aggregate.SUM, decision, all, step, 1);
    }

    private static ProblemOrReason<TreeProblem> targets(
            Forest f, Aggregate aggregate, Consumer<double[]> results, KernelRequest step) {
        ToIntFunction<double[]> finish = row -> {
            results.accept(row);
            return 0;
        };
        return problem(f, aggregate, finish, null, step, 0);
    }

    private static ProblemOrReason<TreeProblem> problem(
            Forest f,
            Aggregate aggregate,
            ToIntFunction<double[]> finish,
            long[] labels,
            KernelRequest step,
            int output) {
        long[] dims = step.dims(0);
        boolean scores = output < step.outputs().size() && step.outputs().get(output) != null;
        boolean writesLabels = labels != null && step.outputs().get(0) != null;
        if (!step.isRowMajor() || f.targets() > MAX_TARGETS || f.mostSteps() > MAX_STEPS) {
            return ProblemOrReason.none("there are too many targets or steps");
        }
        TreeProblem p = new TreeProblem(
                f,
                dims.length == 1 ? 1 : dims[0],
                dims[dims.length - 1],
                step.dtype(0),
                aggregate,
                finish,
                new TreeProblem.Outputs(
                        labels != null,
                        writesLabels ? labels : null,
                        scores ? step.outputs().get(output).dtype() : null));
        return ProblemOrReason.of(p);
    }
}

package dev.tenon.kernel.table.tabular;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.scalar.tabular.ScalarNormalizer;
import dev.tenon.kernel.tabular.NormalizerProblem;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.Normalizer;
import java.util.List;

/** The kernel of Normalizer. */
public final class NormalizerKernels implements KernelFamily<NormalizerProblem> {
    /** The kernels of the family. */
    public static final KernelTable<NormalizerProblem> TABLE = new KernelTable<>(
            "normalizer", List.of(KernelChoice.fallback("normalizer_scalar", p -> new ScalarNormalizer(p))));

    /** The family. */
    public static final NormalizerKernels FAMILY = new NormalizerKernels();

    private NormalizerKernels() {}

    @Override
    public KernelTable<NormalizerProblem> table(NormalizerProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<NormalizerProblem> problem(Op operator, KernelRequest step) {
        Normalizer op = (Normalizer) operator;
        long[] dims = step.dims(0);
        if (!step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed");
        }
        long rows = dims.length == 1 ? 1 : dims[0];
        return ProblemOrReason.of(new NormalizerProblem(
                rows, dims[dims.length - 1], step.dtype(0), NormalizerProblem.Norm.valueOf(op.norm())));
    }
}

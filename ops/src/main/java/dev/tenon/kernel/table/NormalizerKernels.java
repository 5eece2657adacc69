package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.scalar.tabular.ScalarNormalizer;
import dev.tenon.kernel.tabular.NormalizerProblem;
import dev.tenon.op.tabular.Normalizer;
import java.util.List;

/** The kernel of Normalizer. */
public final class NormalizerKernels {
    /** The kernels of the family. */
    public static final KernelTable<NormalizerProblem> TABLE = new KernelTable<>(
            "normalizer", List.of(KernelChoice.fallback("normalizer_scalar", p -> new ScalarNormalizer(p))));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty().with(Normalizer.class, NormalizerKernels::prepare);

    private NormalizerKernels() {}

    private static Kernel prepare(Normalizer op, KernelRequest step) {
        long[] dims = step.dims(0);
        if (!step.isRowMajor()) {
            return null;
        }
        long rows = dims.length == 1 ? 1 : dims[0];
        return TABLE.prepare(
                new NormalizerProblem(
                        rows, dims[dims.length - 1], step.dtype(0), NormalizerProblem.Norm.valueOf(op.norm())),
                step.capabilities());
    }
}

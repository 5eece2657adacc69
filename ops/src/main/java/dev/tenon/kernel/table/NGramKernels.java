package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.OncePerOperator;
import dev.tenon.kernel.scalar.tabular.ScalarNGrams;
import dev.tenon.kernel.tabular.NGramProblem;
import dev.tenon.kernel.tabular.NGramTable;
import dev.tenon.op.text.TfIdfVectorizer;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * The kernel of TfIdfVectorizer over numbers. Strings, very long rows, and pools in which n-grams are equal or share a
 * column run through the reference.
 */
public final class NGramKernels {
    /** The kernels of the family. */
    public static final KernelTable<NGramProblem> TABLE =
            new KernelTable<>("ngrams", List.of(KernelChoice.fallback("ngrams_scalar", p -> new ScalarNGrams(p))));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty().with(TfIdfVectorizer.class, NGramKernels::prepare);

    /** A kernel goes through a row without a look at the budget of work, and keeps all n-grams that it finds in scratch memory. */
    private static final long MAX_WALKS = 1 << 20;

    private static final OncePerOperator<NGramTable> POOLS = new OncePerOperator<>();

    private NGramKernels() {}

    private static Kernel prepare(TfIdfVectorizer op, KernelRequest step) {
        long[] dims = step.dims(0);
        long length = dims[dims.length - 1];
        if (step.dtype(0) == DType.STRING || op.integers() == null || !step.isRowMajor() || length > MAX_WALKS) {
            return null;
        }
        long distances = op.most() == 1 ? 0 : Math.min(op.maxSkip() + 1, Math.max(0, length - 1));
        NGramTable table = POOLS.of(op, () -> table(op));
        int most = (int) Math.min(op.most(), Integer.MAX_VALUE);
        NGramProblem p = new NGramProblem(
                dims.length == 1 ? 1 : dims[0],
                (int) length,
                step.dtype(0),
                table,
                most,
                (int) distances,
                NGramProblem.Mode.valueOf(op.mode()),
                Math.toIntExact(op.columns()));
        return table.isDistinct() && p.walks() <= MAX_WALKS ? TABLE.prepare(p, step.capabilities()) : null;
    }

    private static NGramTable table(TfIdfVectorizer op) {
        int[] columns = op.indexes().stream().mapToInt(Math::toIntExact).toArray();
        float[] weights = op.weights() == null ? null : new float[columns.length];
        for (int id = 0; weights != null && id < weights.length; id++) {
            weights[id] = op.weights().get(id);
        }
        return NGramTable.of(op.starts(), op.integers(), op.least(), op.most(), columns, weights);
    }
}

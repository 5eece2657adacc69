package dev.tenon.kernel.table.tabular;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.OncePerOperator;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.scalar.tabular.ScalarNGrams;
import dev.tenon.kernel.tabular.NGramProblem;
import dev.tenon.kernel.tabular.NGramTable;
import dev.tenon.op.Op;
import dev.tenon.op.text.TfIdfVectorizer;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * The kernel of TfIdfVectorizer over numbers. Strings, very long rows, and pools in which n-grams are equal or share a
 * column run through the reference.
 */
public final class NGramKernels implements KernelFamily<NGramProblem> {
    /** The kernels of the family. */
    public static final KernelTable<NGramProblem> TABLE =
            new KernelTable<>("ngrams", List.of(KernelChoice.fallback("ngrams_scalar", p -> new ScalarNGrams(p))));

    /** The family. */
    public static final NGramKernels FAMILY = new NGramKernels();

    /** A kernel goes through a row without a look at the budget of work, and keeps all n-grams that it finds in scratch memory. */
    private static final long MAX_WALKS = 1 << 20;

    private static final OncePerOperator<NGramTable> POOLS = new OncePerOperator<>();

    private NGramKernels() {}

    @Override
    public KernelTable<NGramProblem> table(NGramProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<NGramProblem> problem(Op operator, KernelRequest step) {
        TfIdfVectorizer op = (TfIdfVectorizer) operator;
        long[] dims = step.dims(0);
        long length = dims[dims.length - 1];
        if (step.dtype(0) == DType.STRING || op.integers() == null || !step.isRowMajor() || length > MAX_WALKS) {
            return ProblemOrReason.none("elements are strings, or rows are too long");
        }
        long distances = op.most() == 1 ? 0 : Math.min(op.maxSkip() + 1, Math.max(0, length - 1));
        NGramTable table = POOLS.of(op, () -> pool(op));
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
        return table.isDistinct() && p.walks() <= MAX_WALKS
                ? ProblemOrReason.of(p)
                : ProblemOrReason.none("n-grams are equal or share a column, or rows are too long");
    }

    private static NGramTable pool(TfIdfVectorizer op) {
        int[] columns = op.indexes().stream().mapToInt(Math::toIntExact).toArray();
        float[] weights = op.weights() == null ? null : new float[columns.length];
        for (int id = 0; weights != null && id < weights.length; id++) {
            weights[id] = op.weights().get(id);
        }
        return NGramTable.of(op.starts(), op.integers(), op.least(), op.most(), columns, weights);
    }
}

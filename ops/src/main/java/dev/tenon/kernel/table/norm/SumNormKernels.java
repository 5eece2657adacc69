package dev.tenon.kernel.table.norm;

import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.norm.SumNormProblem;
import dev.tenon.kernel.scalar.norm.ScalarSumNorm;
import dev.tenon.kernel.vector.norm.VectorSumNorm;
import dev.tenon.kernel.x64.norm.X64Norm;
import dev.tenon.op.Op;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of SumNormalization for float32. Other element types, scales that are broadcast, and terms that are broadcast along
 * several separate ranges of axes, run through the reference.
 */
public final class SumNormKernels implements KernelFamily<SumNormProblem> {
    /** The kernels of the family. */
    public static final KernelTable<SumNormProblem> TABLE = new KernelTable<>(
            "sum_norm",
            List.of(
                    KernelChoice.assembled("sum_norm_f32_avx512", CodeForm.AVX512, p -> null, X64Norm::of),
                    KernelChoice.assembled("sum_norm_f32_avx2", CodeForm.AVX2, p -> null, X64Norm::of),
                    new KernelChoice<>(
                            "sum_norm_f32_vector",
                            (p, c) -> c.refuseLines(
                                    NormKernels.ROW_WORK * p.norm().length()),
                            p -> VectorSumNorm.of(p)),
                    KernelChoice.fallback("sum_norm_f32_scalar", ScalarSumNorm::new)));

    /** The family. */
    public static final SumNormKernels FAMILY = new SumNormKernels();

    private SumNormKernels() {}

    @Override
    public KernelTable<SumNormProblem> table(SumNormProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<SumNormProblem> problem(Op operator, KernelRequest step) {
        SumNormalization op = (SumNormalization) operator;
        if (!step.isRead(0)) {
            return ProblemOrReason.none("nothing reads the first output");
        }
        long[] dims = step.outputDims(0);
        boolean layer = op.norm() instanceof LayerNormalization;
        int axis = op.norm() instanceof LayerNormalization n ? n.axis() : ((RMSNormalization) op.norm()).axis();
        float epsilon =
                op.norm() instanceof LayerNormalization n ? n.epsilon() : ((RMSNormalization) op.norm()).epsilon();
        int at = axis < 0 ? axis + dims.length : axis;
        long length = RowMajor.size(dims, at, dims.length);
        if (!step.isRowMajor()
                || step.dtype(0) != DType.FLOAT32
                || length == 0
                || !NormProblem.covers(step.inputs().get(0), dims, at)
                || step.has(1) && !NormProblem.covers(step.inputs().get(1), dims, at)) {
            return ProblemOrReason.none(
                    "the element type is not float32, rows are empty, or scale or bias are broadcast along them");
        }
        List<SumNormProblem.Term> terms = new ArrayList<>();
        for (int i = SumNormalization.TERMS; i < step.inputCount(); i += 2) {
            SumNormProblem.Term term = term(step, i, dims, at);
            if (term == null) {
                return ProblemOrReason.none(
                        "a term is broadcast along a row, or along several separate ranges of axes");
            }
            terms.add(term);
        }
        NormProblem norm = new NormProblem(
                layer ? Kind.LAYER : Kind.RMS,
                RowMajor.size(dims, 0, at),
                length,
                epsilon,
                step.has(1),
                step.inputCount());
        boolean sum = step.isRead(1);
        return ProblemOrReason.of(new SumNormProblem(norm, terms, sum));
    }

    /** A term of the sum; null if its rows are shorter than the sum's, or if its broadcast is too complex. */
    private static SumNormProblem.Term term(KernelRequest step, int i, long[] dims, int at) {
        boolean gathered = step.has(i + 1);
        long[] data = step.dims(i);
        long[] leading = gathered ? step.dims(i + 1) : Arrays.copyOf(data, Math.max(0, data.length - dims.length + at));
        int own = gathered ? 1 : leading.length;
        long[] row = Arrays.copyOfRange(data, Math.min(own, data.length), data.length);
        if (step.dtype(i) != DType.FLOAT32 || !Arrays.equals(row, Arrays.copyOfRange(dims, at, dims.length))) {
            return null;
        }
        long every = 1;
        long period = 1;
        boolean inPeriod = false;
        boolean afterPeriod = false;
        for (int d = 1; d <= at; d++) {
            long sumDim = dims[at - d];
            long termDim = d <= leading.length ? leading[leading.length - d] : 1;
            if (sumDim == 1) {
                continue;
            }
            if (termDim == 1) {
                every *= inPeriod ? 1 : sumDim;
                afterPeriod = inPeriod;
            } else if (afterPeriod) {
                return null;
            } else {
                period *= termDim;
                inPeriod = true;
            }
        }
        return new SumNormProblem.Term(
                i, gathered ? data[0] : -1, gathered ? step.dtype(i + 1).bits() / 8 : 0, every, period);
    }
}

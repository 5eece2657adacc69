package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.scalar.tabular.ScalarLookup;
import dev.tenon.kernel.scalar.tabular.ScalarOneHotEncoder;
import dev.tenon.kernel.tabular.LookupProblem;
import dev.tenon.kernel.tabular.OneHotEncoderProblem;
import dev.tenon.op.tabular.LabelEncoder;
import dev.tenon.op.tabular.OneHotEncoder;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of encoders of numbers. Strings run through the reference, after which rules leave numbers for all that can have
 * them.
 */
public final class EncoderKernels {
    /** The kernels that translate numbers. */
    public static final KernelTable<LookupProblem> TABLE =
            new KernelTable<>("lookup", List.of(KernelChoice.fallback("lookup_scalar", p -> new ScalarLookup(p))));

    /** The kernels that make rows of zeros and a one. */
    public static final KernelTable<OneHotEncoderProblem> ONE_HOT_TABLE = new KernelTable<>(
            "one_hot_encoder",
            List.of(KernelChoice.fallback("one_hot_encoder_scalar", p -> new ScalarOneHotEncoder(p))));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty()
            .with(LabelEncoder.class, EncoderKernels::labels)
            .with(OneHotEncoder.class, EncoderKernels::oneHot);

    private EncoderKernels() {}

    private static Kernel labels(LabelEncoder op, KernelRequest step) {
        if (op.keyType() == DType.STRING || op.valueType() == DType.STRING || !step.isRowMajor()) {
            return null;
        }
        LookupProblem p = new LookupProblem(
                step.inputs().getFirst().shape().knownElements(),
                op.keyType(),
                op.table(),
                op.resultBits(),
                op.valueType().bits() / Byte.SIZE);
        return TABLE.prepare(p, step.capabilities());
    }

    private static Kernel oneHot(OneHotEncoder op, KernelRequest step) {
        if (op.integers().isEmpty() || !step.isRowMajor()) {
            return null;
        }
        OneHotEncoderProblem p = new OneHotEncoderProblem(
                step.inputs().getFirst().shape().knownElements(), step.dtype(0), op.table(), op.zeros());
        return ONE_HOT_TABLE.prepare(p, step.capabilities());
    }
}

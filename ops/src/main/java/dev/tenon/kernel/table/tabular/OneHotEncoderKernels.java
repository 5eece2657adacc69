package dev.tenon.kernel.table.tabular;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.scalar.tabular.ScalarOneHotEncoder;
import dev.tenon.kernel.tabular.OneHotEncoderProblem;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.OneHotEncoder;
import java.util.List;

/** Kernels of OneHotEncoder for numbers. Strings run through the reference. */
public final class OneHotEncoderKernels implements KernelFamily<OneHotEncoderProblem> {
    /** The kernels of the family. */
    public static final KernelTable<OneHotEncoderProblem> TABLE = new KernelTable<>(
            "one_hot_encoder",
            List.of(KernelChoice.fallback("one_hot_encoder_scalar", p -> new ScalarOneHotEncoder(p))));

    /** The family. */
    public static final OneHotEncoderKernels FAMILY = new OneHotEncoderKernels();

    private OneHotEncoderKernels() {}

    @Override
    public KernelTable<OneHotEncoderProblem> table(OneHotEncoderProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<OneHotEncoderProblem> problem(Op operator, KernelRequest step) {
        OneHotEncoder op = (OneHotEncoder) operator;
        return op.integers().isEmpty() || !step.isRowMajor()
                ? ProblemOrReason.none("categories are strings")
                : ProblemOrReason.of(new OneHotEncoderProblem(
                        step.inputs().getFirst().shape().knownElements(), step.dtype(0), op.table(), op.zeros()));
    }
}

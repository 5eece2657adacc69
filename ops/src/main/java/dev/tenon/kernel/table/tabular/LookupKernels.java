package dev.tenon.kernel.table.tabular;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.scalar.tabular.ScalarLookup;
import dev.tenon.kernel.tabular.LookupProblem;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.LabelEncoder;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of LabelEncoder between numbers. Strings run through the reference. */
public final class LookupKernels implements KernelFamily<LookupProblem> {
    /** The kernels of the family. */
    public static final KernelTable<LookupProblem> TABLE =
            new KernelTable<>("lookup", List.of(KernelChoice.fallback("lookup_scalar", p -> new ScalarLookup(p))));

    /** The family. */
    public static final LookupKernels FAMILY = new LookupKernels();

    private LookupKernels() {}

    @Override
    public KernelTable<LookupProblem> table(LookupProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<LookupProblem> problem(Op operator, KernelRequest step) {
        LabelEncoder op = (LabelEncoder) operator;
        if (op.keyType() == DType.STRING || op.valueType() == DType.STRING || !step.isRowMajor()) {
            return ProblemOrReason.none("keys or values are strings");
        }
        return ProblemOrReason.of(new LookupProblem(
                step.inputs().getFirst().shape().knownElements(),
                op.keyType(),
                op.table(),
                op.resultBits(),
                op.valueType().bits() / Byte.SIZE));
    }
}

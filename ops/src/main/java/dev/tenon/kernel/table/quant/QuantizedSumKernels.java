package dev.tenon.kernel.table.quant;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.quant.QuantizedSumProblem;
import dev.tenon.kernel.scalar.quant.ScalarQuantizedSum;
import dev.tenon.kernel.x64.byteconv.X64ByteSum;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** Kernels of QLinearAdd. Operands of several shapes run through the reference. */
public final class QuantizedSumKernels implements KernelFamily<QuantizedSumProblem> {
    /** The kernels of the family. */
    public static final KernelTable<QuantizedSumProblem> TABLE = new KernelTable<>(
            "sum_i8",
            List.of(
                    new KernelChoice<>(
                            "sum_i8_x64",
                            (p, c) -> RequantizedRows.bits(c) == 0 ? "the assembled tier is off" : null,
                            (p, c) -> X64ByteSum.of(p, RequantizedRows.bits(c))),
                    KernelChoice.fallback("sum_i8_scalar", ScalarQuantizedSum::new)));

    /** The family. */
    public static final QuantizedSumKernels FAMILY = new QuantizedSumKernels();

    private QuantizedSumKernels() {}

    @Override
    public KernelTable<QuantizedSumProblem> table(QuantizedSumProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<QuantizedSumProblem> problem(Op op, KernelRequest step) {
        int second = QuantizedSumProblem.SECOND;
        if (!step.isRowMajor() || !Arrays.equals(step.dims(0), step.dims(second))) {
            return ProblemOrReason.none("the operands differ in shape, and one is broadcast");
        }
        int given = 0;
        for (int i = 0; i < step.inputCount(); i++) {
            given |= step.has(i) ? 1 << i : 0;
        }
        long size = step.inputs().getFirst().shape().knownElements();
        return ProblemOrReason.of(new QuantizedSumProblem(size, step.dtype(0) == DType.INT8, given, step.inputCount()));
    }
}

package dev.tenon.kernel.table.quant;

import dev.tenon.kernel.AxisLines;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.quant.BlockDequantizeProblem;
import dev.tenon.kernel.scalar.quant.ScalarBlockDequantize;
import dev.tenon.op.Op;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of DequantizeLinear for blocks of 4-bit and 8-bit integers. Other types run through the reference. */
public final class BlockDequantizeKernels implements KernelFamily<BlockDequantizeProblem> {
    /** The kernels of the family. */
    public static final KernelTable<BlockDequantizeProblem> TABLE = new KernelTable<>(
            "block_dequantize", List.of(KernelChoice.fallback("block_dequantize_scalar", ScalarBlockDequantize::new)));

    /** The family. */
    public static final BlockDequantizeKernels FAMILY = new BlockDequantizeKernels();

    private BlockDequantizeKernels() {}

    @Override
    public KernelTable<BlockDequantizeProblem> table(BlockDequantizeProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<BlockDequantizeProblem> problem(Op operator, KernelRequest step) {
        DequantizeLinear op = (DequantizeLinear) operator;
        DType type = step.dtype(0);
        long[] dims = step.dims(0);
        if (op.blockSize() <= 0) {
            return ProblemOrReason.none("there are no blocks");
        }
        boolean fits = (QuantKernels.isByte(type) || type == DType.INT4 || type == DType.UINT4)
                && step.dtype(1) == DType.FLOAT32
                && (op.outputDtype() == null || op.outputDtype() == DType.FLOAT32)
                && step.isRowMajor()
                && dims.length > 0
                && step.dims(1).length == dims.length
                && step.inputs().get(1).shape().knownElements() > 1;
        if (!fits) {
            return ProblemOrReason.none("it does not turn blocks of 4-bit or 8-bit integers into float32");
        }
        AxisLines lines = AxisLines.of(dims, dims.length == 1 ? 0 : op.axis());
        return ProblemOrReason.of(new BlockDequantizeProblem(
                type.bits(),
                type.isSigned(),
                step.has(2),
                lines.outer(),
                lines.length(),
                lines.inner(),
                op.blockSize(),
                step.inputCount()));
    }
}

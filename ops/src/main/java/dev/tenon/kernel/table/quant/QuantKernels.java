package dev.tenon.kernel.table.quant;

import dev.tenon.kernel.AxisLines;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.quant.QuantProblem;
import dev.tenon.kernel.quant.QuantProblem.Kind;
import dev.tenon.kernel.scalar.quant.ScalarQuant;
import dev.tenon.kernel.vector.quant.VectorQuant;
import dev.tenon.kernel.x64.quant.X64Quant;
import dev.tenon.op.Op;
import dev.tenon.op.fused.CentredQuantization;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import java.util.List;
import java.util.Objects;

/**
 * Kernels of QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear and CentredQuantization, between float32 and 8-bit integers,
 * and from int32. There is one scale, or one for each index along an axis. Blocks, and other element types, run through the reference.
 */
public final class QuantKernels implements KernelFamily<QuantProblem> {
    /** The kernels of the family. */
    public static final KernelTable<QuantProblem> TABLE = new KernelTable<>(
            "quant",
            List.of(
                    KernelChoice.assembled(
                            "quant_f32_avx512", CodeForm.AVX512, QuantKernels::refuseAssembled, X64Quant::of),
                    KernelChoice.assembled(
                            "quant_f32_avx2", CodeForm.AVX2, QuantKernels::refuseAssembled, X64Quant::of),
                    new KernelChoice<>("quant_f32_vector", QuantKernels::refuse, p -> VectorQuant.of(p)),
                    KernelChoice.fallback("quant_f32_scalar", ScalarQuant::new)));

    /** The family. */
    public static final QuantKernels FAMILY = new QuantKernels();

    private static final long MIN_RUN = 16;
    private static final int MIN_BITS = 256;

    private QuantKernels() {}

    private static String refuseAssembled(QuantProblem p) {
        if (p.bits() != 8) {
            return "no machine code for " + p.bits() + " bits";
        }
        return p.channels() > 1 && p.inner() < MIN_RUN ? "runs of " + p.inner() + " elements are too short" : null;
    }

    private static String refuse(QuantProblem p, Capabilities c) {
        if (p.bits() != 8) {
            return "no vector loop for " + p.bits() + " bits";
        }
        if (p.kind() == Kind.DEQUANTIZE && c.vector() && c.vectorBits() < MIN_BITS) {
            return "shorter vectors are no faster than scalar loops, vectors of 256 bits are needed";
        }
        String small = c.refuseVector(2.0 * p.outer() * p.channels() * p.inner());
        if (small != null) {
            return small;
        }
        return p.channels() > 1 && p.inner() < MIN_RUN ? "runs of " + p.inner() + " elements are too short" : null;
    }

    /** Whether a type is one of bytes. */
    static boolean isByte(DType type) {
        return type == DType.INT8 || type == DType.UINT8;
    }

    @Override
    public KernelTable<QuantProblem> table(QuantProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<QuantProblem> problem(Op op, KernelRequest step) {
        if (!step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed");
        }
        if (op instanceof QuantizeLinear q) {
            return quantize(q, step);
        }
        return op instanceof DequantizeLinear q
                ? dequantize(q, step)
                : dynamic(op instanceof CentredQuantization ? Kind.CENTRED : Kind.DYNAMIC, step);
    }

    private static ProblemOrReason<QuantProblem> quantize(QuantizeLinear op, KernelRequest step) {
        DType result = step.outputs().getFirst().dtype();
        boolean fits = step.dtype(0) == DType.FLOAT32
                && step.dtype(1) == DType.FLOAT32
                && (op.precision() == null || op.precision() == DType.FLOAT32)
                && isByte(result);
        return fits
                ? problem(Kind.QUANTIZE, op.axis(), op.blockSize(), result, step)
                : ProblemOrReason.none("it does not turn float32 into bytes");
    }

    private static ProblemOrReason<QuantProblem> dequantize(DequantizeLinear op, KernelRequest step) {
        boolean fits = (isByte(step.dtype(0)) || step.dtype(0) == DType.INT32)
                && step.dtype(1) == DType.FLOAT32
                && (op.outputDtype() == null || op.outputDtype() == DType.FLOAT32);
        return fits
                ? problem(Kind.DEQUANTIZE, op.axis(), op.blockSize(), step.dtype(0), step)
                : ProblemOrReason.none("it does not turn bytes or int32 into float32");
    }

    private static ProblemOrReason<QuantProblem> dynamic(Kind kind, KernelRequest step) {
        long size = step.inputs().getFirst().shape().knownElements();
        boolean all = step.outputs().stream().noneMatch(Objects::isNull);
        return all
                ? ProblemOrReason.of(new QuantProblem(kind, 8, false, false, 1, 1, size, step.inputCount()))
                : ProblemOrReason.none("nothing reads an output that kernels always write");
    }

    private static ProblemOrReason<QuantProblem> problem(
            Kind kind, int axis, long blockSize, DType integers, KernelRequest step) {
        long[] dims = step.dims(0);
        long[] scale = step.dims(1);
        long scales = step.inputs().get(1).shape().knownElements();
        long size = step.inputs().getFirst().shape().knownElements();
        long outer = 1;
        long inner = size;
        if (scales != 1) {
            if (blockSize != 0 || scale.length != 1) {
                return ProblemOrReason.none("there is a scale for each block");
            }
            AxisLines lines = AxisLines.of(dims, dims.length == 1 ? 0 : axis);
            outer = lines.outer();
            inner = lines.inner();
        }
        if (size == 0) {
            outer = 0;
        }
        return ProblemOrReason.of(new QuantProblem(
                kind,
                integers.bits(),
                integers.isSigned(),
                step.has(2),
                outer,
                Math.max(1, scales),
                inner,
                step.inputCount()));
    }
}

package dev.tenon.kernel.table;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.AxisLines;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.quant.BlockDequantizeProblem;
import dev.tenon.kernel.quant.QuantProblem;
import dev.tenon.kernel.quant.QuantProblem.Kind;
import dev.tenon.kernel.scalar.quant.ScalarBlockDequantize;
import dev.tenon.kernel.scalar.quant.ScalarQuant;
import dev.tenon.kernel.vector.quant.VectorQuant;
import dev.tenon.kernel.x64.quant.X64Quant;
import dev.tenon.op.fused.CentredQuantization;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import java.util.List;
import java.util.Objects;

/**
 * Kernels of QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear and CentredQuantization, between float32 and 8-bit integers,
 * and from int32. There is one scale, or one for each index along an axis. DequantizeLinear also takes blocks of 4-bit and
 * 8-bit integers. Other blocks,
 * and other element types, run through the reference.
 */
public final class QuantKernels {
    /** The kernels of the family. */
    public static final KernelTable<QuantProblem> TABLE = new KernelTable<>(
            "quant",
            List.of(
                    new KernelChoice<>(
                            "quant_f32_avx512",
                            (p, c) -> refuseAssembled(p, c, InstructionSet.AVX512),
                            p -> X64Quant.of(p, 512)),
                    new KernelChoice<>(
                            "quant_f32_avx2",
                            (p, c) -> refuseAssembled(p, c, InstructionSet.AVX2),
                            p -> X64Quant.of(p, 256)),
                    new KernelChoice<>("quant_f32_vector", QuantKernels::refuse, p -> VectorQuant.of(p)),
                    KernelChoice.fallback("quant_f32_scalar", ScalarQuant::new)));

    /** The kernels of blocks. */
    public static final KernelTable<BlockDequantizeProblem> BLOCK_TABLE = new KernelTable<>(
            "block_dequantize", List.of(KernelChoice.fallback("block_dequantize_scalar", ScalarBlockDequantize::new)));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty()
            .with(QuantizeLinear.class, QuantKernels::quantize)
            .with(DequantizeLinear.class, QuantKernels::dequantize)
            .with(DynamicQuantizeLinear.class, (op, step) -> dynamic(Kind.DYNAMIC, step))
            .with(CentredQuantization.class, (op, step) -> dynamic(Kind.CENTRED, step));

    private static final long MIN_RUN = 16;
    private static final int MIN_BITS = 256;

    private QuantKernels() {}

    private static String refuseAssembled(QuantProblem p, Capabilities c, InstructionSet needed) {
        if (p.bits() != 8) {
            return "no machine code for " + p.bits() + " bits";
        }
        return p.channels() > 1 && p.inner() < MIN_RUN
                ? "runs of " + p.inner() + " elements are too short"
                : c.refuseAssembled(needed);
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

    private static boolean isByte(DType type) {
        return type == DType.INT8 || type == DType.UINT8;
    }

    private static Kernel quantize(QuantizeLinear op, KernelRequest step) {
        DType result = step.outputs().getFirst().dtype();
        boolean fits = step.dtype(0) == DType.FLOAT32
                && step.dtype(1) == DType.FLOAT32
                && (op.precision() == null || op.precision() == DType.FLOAT32)
                && isByte(result);
        return fits && step.isRowMajor() ? prepare(Kind.QUANTIZE, op.axis(), op.blockSize(), result, step) : null;
    }

    private static Kernel dequantize(DequantizeLinear op, KernelRequest step) {
        if (op.blockSize() > 0) {
            Kernel blocks = blocks(op, step);
            if (blocks != null) {
                return blocks;
            }
        }
        boolean fits = (isByte(step.dtype(0)) || step.dtype(0) == DType.INT32)
                && step.dtype(1) == DType.FLOAT32
                && (op.outputDtype() == null || op.outputDtype() == DType.FLOAT32);
        return fits && step.isRowMajor()
                ? prepare(Kind.DEQUANTIZE, op.axis(), op.blockSize(), step.dtype(0), step)
                : null;
    }

    private static Kernel blocks(DequantizeLinear op, KernelRequest step) {
        DType type = step.dtype(0);
        long[] dims = step.dims(0);
        boolean fits = (isByte(type) || type == DType.INT4 || type == DType.UINT4)
                && step.dtype(1) == DType.FLOAT32
                && (op.outputDtype() == null || op.outputDtype() == DType.FLOAT32)
                && step.isRowMajor()
                && dims.length > 0
                && step.dims(1).length == dims.length
                && step.inputs().get(1).shape().knownElements() > 1;
        if (!fits) {
            return null;
        }
        AxisLines lines = AxisLines.of(dims, dims.length == 1 ? 0 : op.axis());
        return BLOCK_TABLE.prepare(
                new BlockDequantizeProblem(
                        type.bits(),
                        type.isSigned(),
                        step.has(2),
                        lines.outer(),
                        lines.length(),
                        lines.inner(),
                        op.blockSize(),
                        step.inputCount()),
                step.capabilities());
    }

    private static Kernel dynamic(Kind kind, KernelRequest step) {
        long size = step.inputs().getFirst().shape().knownElements();
        boolean all = step.outputs().stream().noneMatch(Objects::isNull);
        return step.isRowMajor() && all
                ? TABLE.prepare(
                        new QuantProblem(kind, 8, false, false, 1, 1, size, step.inputCount()), step.capabilities())
                : null;
    }

    private static Kernel prepare(Kind kind, int axis, long blockSize, DType integers, KernelRequest step) {
        long[] dims = step.dims(0);
        long[] scale = step.dims(1);
        long scales = step.inputs().get(1).shape().knownElements();
        long size = step.inputs().getFirst().shape().knownElements();
        long outer = 1;
        long inner = size;
        if (scales != 1) {
            if (blockSize != 0 || scale.length != 1) {
                return null;
            }
            AxisLines lines = AxisLines.of(dims, dims.length == 1 ? 0 : axis);
            outer = lines.outer();
            inner = lines.inner();
        }
        if (size == 0) {
            outer = 0;
        }
        return TABLE.prepare(
                new QuantProblem(
                        kind,
                        integers.bits(),
                        integers.isSigned(),
                        step.has(2),
                        outer,
                        Math.max(1, scales),
                        inner,
                        step.inputCount()),
                step.capabilities());
    }
}

package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarConv;
import dev.tenon.kernel.vector.conv.VectorDepthwise;
import dev.tenon.kernel.vector.conv.VectorGemmConv;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** Kernels of Conv for float32. Other element types, and more than two spatial axes, run through the reference. */
public final class ConvKernels {
    /** The kernels of the family. */
    public static final KernelTable<ConvProblem> TABLE = new KernelTable<>(
            "conv",
            List.of(
                    new KernelChoice<>(
                            "conv_f32_depthwise_vector", ConvKernels::refuseDepthwise, p -> VectorDepthwise.of(p)),
                    new KernelChoice<>(
                            "conv_f32_gemm_vector",
                            ConvKernels::refuseGemm,
                            (p, c) -> VectorGemmConv.of(p, Tiling.of(c))),
                    KernelChoice.fallback("conv_f32_scalar", ScalarConv::new)));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty().with(Conv.class, ConvKernels::prepare);

    /** The assumed time of a multiplication in scalar loops, nanoseconds. */
    private static final double SCALAR_NANOS = 0.6;

    // Limits of the depthwise kernel.

    private static final int MAX_OUTPUTS = 2;
    private static final int MAX_STRIDE = 4;
    private static final long MAX_TAPS = 512;
    private static final long MAX_ELEMENTS = 1 << 22;

    /** The maximum number of terms of the kernel that packs windows. */
    private static final long MAX_TERMS = 1 << 16;

    private ConvKernels() {}

    private static String refuseDepthwise(ConvProblem p, Capabilities c) {
        if (p.inputChannels() != 1 || p.outputChannels() > MAX_OUTPUTS || p.groups() == 1) {
            return "groups of " + p.inputChannels() + " and " + p.outputChannels() + " channels";
        }
        if (p.window().taps() > MAX_TAPS) {
            return p.window().taps() + " taps";
        }
        if (p.window().rows().stride() > MAX_STRIDE || p.window().columns().stride() > MAX_STRIDE) {
            return "strides above " + MAX_STRIDE;
        }
        return fits(p, MAX_ELEMENTS) ? c.refuseLines(SCALAR_NANOS * p.sampleMultiplyAdds()) : "planes too large";
    }

    private static String refuseGemm(ConvProblem p, Capabilities c) {
        return p.terms() > MAX_TERMS ? p.terms() + " terms" : c.refuseLines(SCALAR_NANOS * p.sampleMultiplyAdds());
    }

    /** Whether a plane of the input with its padding has at most a number of elements. */
    private static boolean fits(ConvProblem p, long elements) {
        return p.window().rows().reach() * p.window().columns().reach() <= elements;
    }

    private static Kernel prepare(Conv op, KernelRequest step) {
        ConvProblem problem = problem(op, step);
        return problem == null ? null : TABLE.prepare(problem, step.capabilities());
    }

    /** The problem of a convolution, or null if there is no kernel for it. */
    static ConvProblem problem(Conv op, KernelRequest step) {
        long[] x = step.dims(0);
        long[] w = step.dims(1);
        long[] y = step.outputDims(0);
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor() || w[1] == 0) {
            return null;
        }
        Window2d window = Window2d.of(op.window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null
                || window.windows() > Integer.MAX_VALUE / 2
                || window.taps() * w[1] > Integer.MAX_VALUE
                || Math.max(x[0], Math.max(w[0], x[1])) > Integer.MAX_VALUE / 2) {
            return null;
        }
        int groups = (int) op.group();
        int outputs = (int) w[0] / groups;
        int bias = step.has(2) ? 2 : -1;
        return new ConvProblem(window, (int) x[0], groups, (int) w[1], outputs, bias, step.inputCount());
    }
}

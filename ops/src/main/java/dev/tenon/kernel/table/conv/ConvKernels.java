package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarConv;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.vector.conv.VectorDepthwise;
import dev.tenon.kernel.vector.conv.VectorGemmConv;
import dev.tenon.op.Op;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** Kernels of Conv for float32. Other element types, and more than two spatial axes, run through the reference. */
public final class ConvKernels implements AnchorFamily<ConvProblem> {
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

    /** The family. */
    public static final ConvKernels FAMILY = new ConvKernels();

    /** The assumed time of a multiplication in scalar loops, nanoseconds. */
    private static final double SCALAR_NANOS = 0.6;

    // Limits of the depthwise kernel.

    private static final int MAX_OUTPUTS = 2;
    private static final int MAX_STRIDE = 4;
    private static final long MAX_TAPS = 512;
    private static final long MAX_ELEMENTS = 1 << 22;

    /** The maximum number of terms of the kernel that packs windows. */
    private static final long MAX_TERMS = 1 << 16;

    /** Why there are no windows. */
    static final String NO_WINDOWS = "there are more than two spatial axes, or empty windows";

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

    @Override
    public KernelTable<ConvProblem> table(ConvProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ConvProblem> problem(Op op, KernelRequest step) {
        long[] x = step.dims(0);
        long[] w = step.dims(1);
        long[] y = step.outputDims(0);
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        if (!step.isRowMajor() || w[1] == 0) {
            return ProblemOrReason.none("an operand is packed, or there are no channels");
        }
        Window2d window = Window2d.of(((Conv) op).window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null) {
            return ProblemOrReason.none(NO_WINDOWS);
        }
        if (window.windows() > Integer.MAX_VALUE / 2
                || window.taps() * w[1] > Integer.MAX_VALUE
                || Math.max(x[0], Math.max(w[0], x[1])) > Integer.MAX_VALUE / 2) {
            return ProblemOrReason.none("the planes, the windows or the channels are too large");
        }
        int groups = (int) ((Conv) op).group();
        int outputs = (int) w[0] / groups;
        int bias = step.has(2) ? 2 : -1;
        return ProblemOrReason.of(
                new ConvProblem(window, (int) x[0], groups, (int) w[1], outputs, bias, step.inputCount()));
    }

    @Override
    public ProblemOrReason<ConvProblem> with(ConvProblem convolution, FusedBody body) {
        int rank = body.types().getLast().shape().rank();
        int bias = bias(convolution, 1 - rank, body);
        return with(convolution, bias, bias < 0 ? 0 : 1, body);
    }

    /** The operand that a body first adds to each channel of a convolution, as its bias; or -1. */
    static int bias(ConvProblem convolution, int channelAxis, FusedBody body) {
        int channels = convolution.groups() * convolution.outputChannels();
        return convolution.bias() < 0 ? body.addend(channelAxis, channels) : -1;
    }

    /** A convolution with a bias, and with a body, from one of its operators on, as its epilogue. */
    static ProblemOrReason<ConvProblem> with(ConvProblem convolution, int bias, int first, FusedBody body) {
        ConvProblem start = bias < 0 ? convolution : convolution.withBias(bias);
        TileEpilogue epilogue = body.epilogue(first);
        if (epilogue == null && first < body.parts()) {
            return ProblemOrReason.none("an operator of the body has no loop for these types and shapes");
        }
        StoreEpilogue store = epilogue == null ? null : body.store(first, epilogue);
        return ProblemOrReason.of(start.withEpilogue(store == null ? epilogue : store, body.inputs()));
    }
}

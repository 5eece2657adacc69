package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvTransposeProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarChannelsLastConvTranspose;
import dev.tenon.kernel.scalar.conv.ScalarConvTranspose;
import dev.tenon.kernel.vector.conv.ConvTransposePanelLayout;
import dev.tenon.kernel.vector.conv.VectorChannelsLastConvTranspose;
import dev.tenon.kernel.vector.conv.VectorConvTranspose;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Kernels of ConvTranspose for float32. The problem is the convolution of which the operator is the adjoint: its windows are on
 * the output, one for each element of the input. With channels last there is a fast kernel for windows that do not overlap.
 * Other element types, and more than two spatial axes, run through the reference.
 */
public final class ConvTransposeKernels {
    /** The kernels of the family. */
    public static final KernelTable<ConvProblem> TABLE = new KernelTable<>(
            "convtranspose",
            List.of(
                    new KernelChoice<>(
                            "convtranspose_f32_gemm_vector",
                            ConvTransposeKernels::refuseGemm,
                            (p, c) -> VectorConvTranspose.of(p, Tiling.of(c))),
                    KernelChoice.fallback("convtranspose_f32_scalar", ScalarConvTranspose::new)));

    /** The kernels for channels last. */
    public static final KernelTable<ChannelsLastConvTransposeProblem> CHANNELS_LAST_TABLE = new KernelTable<>(
            "convtranspose_last",
            List.of(
                    new KernelChoice<>(
                            "convtranspose_f32_last_vector",
                            (p, c) -> p.packed() ? c.refuseVector(Double.MAX_VALUE) : "the weights are not in panels",
                            (p, c) -> VectorChannelsLastConvTranspose.of(p.conv(), Tiling.of(c))),
                    new KernelChoice<>(
                            "convtranspose_f32_last_scalar",
                            (p, c) -> p.packed() ? "the weights are packed" : null,
                            p -> new ScalarChannelsLastConvTranspose(p.conv()))));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty().with(ConvTranspose.class, ConvTransposeKernels::prepare);

    /** The assumed time of a multiplication in scalar loops, nanoseconds. */
    private static final double SCALAR_NANOS = 0.8;

    private static final long MAX_TERMS = 1 << 16;
    private static final long MAX_WEIGHTS = 1 << 24;
    private static final int MIN_RANK = 3;
    private static final int MAX_RANK = 4;

    private ConvTransposeKernels() {}

    private static String refuseGemm(ConvProblem p, Capabilities c) {
        if (p.inputChannels() > MAX_TERMS || p.window().taps() > MAX_TERMS) {
            return p.inputChannels() + " channels and " + p.window().taps() + " taps";
        }
        return c.refuseLines(SCALAR_NANOS * p.sampleMultiplyAdds());
    }

    private static Kernel prepare(ConvTranspose op, KernelRequest step) {
        ConvProblem problem = problem(op, step);
        return problem == null ? null : TABLE.prepare(problem, step.capabilities());
    }

    /** The problem of a transposed convolution, or null if there is no kernel for it. */
    static ConvProblem problem(ConvTranspose op, KernelRequest step) {
        return step.isRowMajor() ? problem(op, step, step.dims(0), step.outputDims(0)) : null;
    }

    /** The problem of a transposed convolution with channels last, or null if there is no kernel for it. */
    static ChannelsLastConvTransposeProblem channelsLastProblem(ConvTranspose op, KernelRequest step) {
        boolean packed = step.layout(1) instanceof ConvTransposePanelLayout;
        ConvProblem problem = packed || step.isRowMajor()
                ? problem(
                        op,
                        step,
                        ChannelsLastKernels.channelsFirst(step.dims(0)),
                        ChannelsLastKernels.channelsFirst(step.outputDims(0)))
                : null;
        return problem == null ? null : new ChannelsLastConvTransposeProblem(problem, packed);
    }

    /** The layout of the weights of a transposed convolution with channels last. */
    static Layout channelsLastWeights(ConvTranspose op, KernelRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        if (!c.vector() || w == null || !hasSeparateWindows(op, w) || w.size() == 0) {
            return Layout.ROW_MAJOR;
        }
        return new ConvTransposePanelLayout(c.vectorBits() / Float.SIZE * 2);
    }

    /**
     * Whether a transposed convolution with channels last has a fast kernel: if its windows cover the output without overlap, and
     * all channels are one group.
     *
     * @param op the operator
     * @param w its weights
     * @return true if it has float32 weights, not too many to be packed, one or two spatial axes, and such windows
     */
    public static boolean hasSeparateWindows(ConvTranspose op, Tensor w) {
        if (w.dtype() != DType.FLOAT32 || w.rank() < MIN_RANK || w.rank() > MAX_RANK || w.size() > MAX_WEIGHTS) {
            return false;
        }
        List<Long> sides = Arrays.stream(spatial(w.dims())).boxed().toList();
        List<Long> strides = op.window().strides().isEmpty()
                ? Collections.nCopies(sides.size(), 1L)
                : op.window().strides();
        return op.group() == 1
                && op.outputShape().isEmpty()
                && op.outputPadding().stream().allMatch(p -> p == 0)
                && op.window().pads().stream().allMatch(p -> p == 0)
                && op.window().dilations().stream().allMatch(d -> d == 1)
                && strides.equals(sides);
    }

    private static ConvProblem problem(ConvTranspose op, KernelRequest step, long[] x, long[] y) {
        long[] w = step.dims(1);
        boolean empty = step.inputs().getFirst().shape().knownElements() == 0
                || step.outputs().getFirst().shape().knownElements() == 0;
        if (step.dtype(0) != DType.FLOAT32 || x.length > MAX_RANK || empty) {
            return null;
        }
        WindowGrid grid = WindowGrid.transposed(
                op.window(), op.outputPadding(), op.outputShape(), spatial(x), spatial(w), spatial(y));
        Window2d window = Window2d.of(grid);
        long channels = Math.max(Math.max(x[0], x[1]), y[1]);
        if (window == null
                || window.windows() > Integer.MAX_VALUE / 2
                || window.pixels() > Integer.MAX_VALUE / 2
                || window.taps() * channels > Integer.MAX_VALUE / 2) {
            return null;
        }
        int groups = (int) op.group();
        return new ConvProblem(
                window, (int) x[0], groups, (int) x[1] / groups, (int) w[1], step.has(2) ? 2 : -1, step.inputCount());
    }

    private static long[] spatial(long[] dims) {
        return Arrays.copyOfRange(dims, 2, dims.length);
    }
}

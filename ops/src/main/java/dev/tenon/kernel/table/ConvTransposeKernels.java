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
 * Kernels of transposed convolution, the problem being the convolution that it is the adjoint of: its windows lie on the
 * output, one for each element of the input. Planes whose channels lie last have a fast one where windows lie side by
 * side. Other element types than float32, and more than two spatial axes, run through the reference.
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

    /** The kernels of planes whose channels lie last. */
    public static final KernelTable<ChannelsLastConvTransposeProblem> LAST_TABLE = new KernelTable<>(
            "convtranspose_last",
            List.of(
                    new KernelChoice<>(
                            "convtranspose_f32_last_vector",
                            (p, c) -> p.packed() ? c.refuseVector(Double.MAX_VALUE) : "the weights are not in panels",
                            p -> VectorChannelsLastConvTranspose.of(p.conv())),
                    new KernelChoice<>(
                            "convtranspose_f32_last_scalar",
                            (p, c) -> p.packed() ? "the weights are packed" : null,
                            p -> new ScalarChannelsLastConvTranspose(p.conv()))));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty().with(ConvTranspose.class, ConvTransposeKernels::prepare);

    private static final double SCALAR_NANOS = 0.8;
    private static final long MOST_TERMS = 1 << 16;
    private static final long MOST_WEIGHTS = 1 << 24;
    private static final int LEAST_RANK = 3;
    private static final int MOST_RANK = 4;

    private ConvTransposeKernels() {}

    private static String refuseGemm(ConvProblem p, Capabilities c) {
        if (p.inputChannels() > MOST_TERMS || p.window().taps() > MOST_TERMS) {
            return p.inputChannels() + " channels and " + p.window().taps() + " taps";
        }
        return c.refuseVector(SCALAR_NANOS * p.multiplyAdds());
    }

    private static Kernel prepare(ConvTranspose op, KernelRequest step) {
        ConvProblem problem = problem(op, step);
        return problem == null ? null : TABLE.prepare(problem, step.capabilities());
    }

    /** The problem of a transposed convolution, or null if there is no kernel for it. */
    static ConvProblem problem(ConvTranspose op, KernelRequest step) {
        return step.isRowMajor() ? problem(op, step, step.dims(0), step.outputDims(0)) : null;
    }

    /** The problem of one on planes whose channels lie last, or null if there is no kernel for it. */
    static ChannelsLastConvTransposeProblem lastProblem(ConvTranspose op, KernelRequest step) {
        boolean packed = step.layout(1) instanceof ConvTransposePanelLayout;
        ConvProblem problem = packed || step.isRowMajor()
                ? problem(
                        op,
                        step,
                        ChannelsLastKernels.first(step.dims(0)),
                        ChannelsLastKernels.first(step.outputDims(0)))
                : null;
        return problem == null ? null : new ChannelsLastConvTransposeProblem(problem, packed);
    }

    /** How the weights of one on planes whose channels lie last are to lie. */
    static Layout lastWeights(ConvTranspose op, KernelRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        if (!c.vector() || w == null || !hasSeparateWindows(op, w) || w.size() == 0) {
            return Layout.ROW_MAJOR;
        }
        return new ConvTransposePanelLayout(c.vectorBits() / Float.SIZE * 2);
    }

    /**
     * Whether the windows of a transposed convolution of floats lie side by side on the output and cover it, all channels
     * in one group: what planes whose channels lie last have a fast kernel for.
     *
     * @param op the operator
     * @param w its weights
     * @return true if it has one or two spatial axes, windows of this kind, and no more weights than can be packed
     */
    public static boolean hasSeparateWindows(ConvTranspose op, Tensor w) {
        if (w.dtype() != DType.FLOAT32 || w.rank() < LEAST_RANK || w.rank() > MOST_RANK || w.size() > MOST_WEIGHTS) {
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
        if (step.dtype(0) != DType.FLOAT32 || x.length > MOST_RANK || empty) {
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

package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastConvTransposeProblem;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout.Form;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.conv.ConvCostModel;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.scalar.conv.ScalarChannelsLastConv;
import dev.tenon.kernel.scalar.pool.ScalarChannelsLastPool;
import dev.tenon.kernel.vector.conv.VectorChannelsLastDepthwise;
import dev.tenon.kernel.vector.conv.VectorChannelsLastDirectConv;
import dev.tenon.kernel.vector.conv.VectorChannelsLastGemmConv;
import dev.tenon.kernel.vector.conv.VectorChannelsLastLineConv;
import dev.tenon.kernel.vector.conv.VectorChannelsLastWinograd;
import dev.tenon.kernel.vector.pool.VectorChannelsLastPool;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of convolution and pooling of planes whose channels lie last. Other element types than float32, and more than
 * two spatial axes, run through the reference.
 */
public final class ChannelsLastKernels {
    private static final String WINOGRAD = "conv_f32_last_winograd_vector";

    /** The kernels of convolution. */
    public static final KernelTable<ChannelsLastConvProblem> CONV_TABLE = new KernelTable<>(
            "conv_last",
            List.of(
                    new KernelChoice<>(
                            WINOGRAD,
                            (p, c) -> p.weights() == null || p.weights().tile() == 0
                                    ? "the weights are not transformed"
                                    : c.refuseVector(Double.MAX_VALUE),
                            (p, c) -> VectorChannelsLastWinograd.of(p, Tiling.of(c))),
                    new KernelChoice<>(
                            "conv_f32_last_depthwise_vector",
                            (p, c) -> p.weights() != Form.DEPTHWISE
                                    ? "the weights are not those of taps"
                                    : c.refuseVector(Double.MAX_VALUE),
                            p -> VectorChannelsLastDepthwise.of(p)),
                    new KernelChoice<>(
                            "conv_f32_last_lines_vector",
                            ChannelsLastKernels::refuseLines,
                            p -> VectorChannelsLastLineConv.of(p)),
                    new KernelChoice<>(
                            "conv_f32_last_direct_vector",
                            ChannelsLastKernels::refuseDirect,
                            (p, c) -> VectorChannelsLastDirectConv.of(p, Tiling.of(c))),
                    new KernelChoice<>(
                            "conv_f32_last_product_vector",
                            (p, c) -> p.weights() != Form.PANELS
                                    ? "the weights are not in panels"
                                    : c.refuseVector(Double.MAX_VALUE),
                            (p, c) -> VectorChannelsLastGemmConv.of(p, Tiling.of(c))),
                    new KernelChoice<>(
                            "conv_f32_last_scalar",
                            (p, c) -> p.weights() != null ? "the weights are packed" : null,
                            ScalarChannelsLastConv::new)));

    /** The kernels of pooling. */
    public static final KernelTable<ChannelsLastPoolProblem> POOL_TABLE = new KernelTable<>(
            "pool_last",
            List.of(
                    new KernelChoice<>(
                            "pool_f32_last_vector",
                            (p, c) -> p.channels() < c.vectorBits() / Float.SIZE
                                    ? p.channels() + " channels"
                                    : c.refuseVector(p.work()),
                            p -> VectorChannelsLastPool.of(p)),
                    KernelChoice.fallback("pool_f32_last_scalar", ScalarChannelsLastPool::new)));

    /** The operator. */
    public static final KernelSet SET = KernelSet.empty().with(ChannelsLast.class, new OfChannelsLast());

    private static final long NEAR_WEIGHTS = 1 << 19;

    /** Channels of the input up to which it pays to take lines apart, if each element is in so many windows. */
    private static final int FEW_CHANNELS = 2;

    private static final int LEAST_USES = 9;

    /** Elements of a line that is taken apart. */
    private static final int MOST_LINE = 1 << 12;

    /** Elements of all lines that a window reaches over. */
    private static final int MOST_LINES = 1 << 15;

    private static final long MOST_TERMS = 1 << 22;
    private static final long MOST_BYTES = 1L << 30;

    private ChannelsLastKernels() {}

    /** Whether a window fits a tile, and the weights a second-level cache beside what else passes through it. */
    private static boolean isNarrow(ConvProblem p) {
        return p.terms() <= MicroTile.DEPTH && p.terms() * p.outputChannels() * Float.BYTES <= NEAR_WEIGHTS;
    }

    private static String refuseLines(ChannelsLastConvProblem p, Capabilities c) {
        if (p.weights() != Form.PANELS) {
            return "the weights are not in panels";
        }
        ConvProblem conv = p.conv();
        Window2d.Axis down = conv.window().rows();
        Window2d.Axis across = conv.window().columns();
        long line = Math.max(across.reach(), across.input()) * conv.inputChannels();
        long lines = (down.kernel() - 1L) * down.dilation() + 1;
        if (!isNarrow(conv) || line > MOST_LINE || lines * line > MOST_LINES) {
            return conv.terms() + " terms, " + conv.outputChannels() + " outputs, and windows over " + lines
                    + " lines of " + line + " elements";
        }
        long steps = (long) down.stride() * across.stride();
        return conv.inputChannels() > FEW_CHANNELS || conv.window().taps() < LEAST_USES * steps
                ? conv.inputChannels() + " channels, and " + conv.window().taps() + " taps at a distance of " + steps
                : c.refuseVector(Double.MAX_VALUE);
    }

    private static String refuseDirect(ChannelsLastConvProblem p, Capabilities c) {
        if (p.weights() != Form.PANELS) {
            return "the weights are not in panels";
        }
        return isNarrow(p.conv())
                ? c.refuseVector(Double.MAX_VALUE)
                : p.conv().terms() + " terms and " + p.conv().outputChannels() + " outputs";
    }

    private static final class OfChannelsLast implements KernelLowering<ChannelsLast> {
        @Override
        public Layout constantLayout(ChannelsLast op, int input, KernelRequest step) {
            if (op.op() instanceof SqueezeExcite) {
                return SqueezeExciteKernels.constantLayout(input, step);
            }
            if (input == 1 && op.op() instanceof ConvTranspose conv) {
                return ConvTransposeKernels.lastWeights(conv, step);
            }
            return input == 1 && op.op() instanceof Conv conv ? weights(conv, step) : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(ChannelsLast op, KernelRequest step) {
            if (step.dtype(0) != DType.FLOAT32) {
                return null;
            }
            return switch (op.op()) {
                case Conv conv -> {
                    ChannelsLastConvProblem problem = problem(conv, step);
                    yield problem == null ? null : CONV_TABLE.prepare(problem, step.capabilities());
                }
                case ConvTranspose conv -> {
                    ChannelsLastConvTransposeProblem problem = ConvTransposeKernels.lastProblem(conv, step);
                    yield problem == null
                            ? null
                            : ConvTransposeKernels.LAST_TABLE.prepare(problem, step.capabilities());
                }
                case SqueezeExcite gates -> SqueezeExciteKernels.prepare(gates, step, true);
                case MaxPool pool -> pool(pool.window(), false, false, step);
                case AveragePool pool -> pool(pool.window(), true, pool.countIncludePad(), step);
                case GlobalAveragePool pool -> global(true, step);
                case GlobalMaxPool pool -> global(false, step);
                default -> null;
            };
        }
    }

    /** How the weights of a convolution are to lie, whatever the shape of its input. */
    private static Layout weights(Conv op, KernelRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        if (!c.vector() || w == null || w.dtype() != DType.FLOAT32 || w.rank() < 3 || w.rank() > 4 || w.size() == 0) {
            return Layout.ROW_MAJOR;
        }
        int lanes = c.vectorBits() / Float.SIZE;
        if (op.group() > 1) {
            boolean depthwise = w.dim(1) == 1 && w.dim(0) == op.group() && w.dim(0) >= lanes;
            return depthwise ? new ChannelsLastWeightLayout(Form.DEPTHWISE, 1) : Layout.ROW_MAJOR;
        }
        if (w.size() / w.dim(0) > MOST_TERMS) {
            return Layout.ROW_MAJOR;
        }
        ChannelsLastWeightLayout transformed = new ChannelsLastWeightLayout(form(op, step), 2 * lanes);
        boolean fits = transformed.byteSize(w.type()) <= MOST_BYTES;
        return fits ? transformed : new ChannelsLastWeightLayout(Form.PANELS, 2 * lanes);
    }

    /** The form of dense weights that pays most, or the one that is asked for. */
    private static Form form(Conv op, KernelRequest step) {
        Capabilities c = step.capabilities();
        int tile = CONV_TABLE.admits(WINOGRAD, c) ? ConvCostModel.channelsLast().bestTile(op, step, 1, c.isRequested(WINOGRAD)) : 0;
        return switch (tile) {
            case 2 -> Form.WINOGRAD_2X2;
            case 4 -> Form.WINOGRAD_4X4;
            default -> Form.PANELS;
        };
    }

    /** The problem of a convolution, or null if there is no kernel for it. */
    static ChannelsLastConvProblem problem(Conv op, KernelRequest step) {
        long[] x = first(step.dims(0));
        long[] w = step.dims(1);
        long[] y = first(step.outputDims(0));
        Form form = step.layout(1) instanceof ChannelsLastWeightLayout l ? l.form() : null;
        if (step.dtype(0) != DType.FLOAT32 || form == null && !step.isRowMajor() || w[1] == 0) {
            return null;
        }
        Window2d window = Window2d.of(op.window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null
                || window.windows() * x[0] > Integer.MAX_VALUE / 2
                || window.taps() * w[1] > Integer.MAX_VALUE / 2
                || x[1] * window.columns().input() > Integer.MAX_VALUE / 64
                || w[0] > Integer.MAX_VALUE / 2) {
            return null;
        }
        int groups = (int) op.group();
        int bias = step.has(2) ? 2 : -1;
        ConvProblem conv =
                new ConvProblem(window, (int) x[0], groups, (int) w[1], (int) w[0] / groups, bias, step.inputCount());
        return new ChannelsLastConvProblem(conv, form);
    }

    /** Dimensions with the channels behind the instances. */
    static long[] first(long[] dims) {
        long[] turned = new long[dims.length];
        turned[0] = dims[0];
        turned[1] = dims[dims.length - 1];
        System.arraycopy(dims, 1, turned, 2, dims.length - 2);
        return turned;
    }

    private static Kernel pool(WindowAttributes window, boolean average, boolean countPadding, KernelRequest step) {
        long[] kernel = window.kernelShape().stream().mapToLong(Long::longValue).toArray();
        long[] x = first(step.dims(0));
        Window2d plane = Window2d.of(window, x, kernel, first(step.outputDims(0)));
        return plane == null ? null : prepare(plane, x, average, countPadding, step);
    }

    private static Kernel global(boolean average, KernelRequest step) {
        long[] x = first(step.dims(0));
        long pixels = 1;
        for (int i = 2; i < x.length; i++) {
            pixels *= x[i];
        }
        if (pixels == 0 || pixels > 1 << 24) {
            return null;
        }
        Window2d.Axis one = new Window2d.Axis(1, 1, 1, 1, 1, 0, 0);
        Window2d.Axis all = new Window2d.Axis((int) pixels, (int) pixels, 1, 1, 1, 0, 0);
        return prepare(new Window2d(all, one), x, average, false, step);
    }

    private static Kernel prepare(
            Window2d window, long[] x, boolean average, boolean countPadding, KernelRequest step) {
        if (x[0] * window.windows() > Integer.MAX_VALUE / 2 || x[1] > Integer.MAX_VALUE / 64) {
            return null;
        }
        return POOL_TABLE.prepare(
                new ChannelsLastPoolProblem(window, (int) x[0], (int) x[1], average, countPadding),
                step.capabilities());
    }
}

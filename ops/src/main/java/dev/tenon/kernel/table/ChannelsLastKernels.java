package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastConvTransposeProblem;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout.Form;
import dev.tenon.kernel.conv.ConvCostModel;
import dev.tenon.kernel.conv.ConvCostModel.Filtering;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.scalar.conv.ScalarChannelsLastConv;
import dev.tenon.kernel.scalar.pool.ScalarChannelsLastPool;
import dev.tenon.kernel.vector.conv.VectorChannelsLastDepthwise;
import dev.tenon.kernel.vector.conv.VectorChannelsLastGemmConv;
import dev.tenon.kernel.vector.conv.VectorChannelsLastWinograd;
import dev.tenon.kernel.vector.pool.VectorChannelsLastPool;
import dev.tenon.kernel.x64.conv.X64ChannelsLastConv;
import dev.tenon.kernel.x64.conv.X64ChannelsLastDepthwise;
import dev.tenon.kernel.x64.conv.X64ChannelsLastMaxPool;
import dev.tenon.kernel.x64.conv.X64ChannelsLastWinograd;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of convolution and pooling for float32 with channels last (NHWC). Other element types, and more than two spatial axes,
 * run through the reference.
 */
public final class ChannelsLastKernels {
    /** The columns of the narrowest panels that machine code reads. */
    private static final int MIN_PANEL = 16;

    private static final String GEMM = "conv_f32_last_gemm_x64";
    private static final String WINOGRAD = "conv_f32_last_winograd_x64";
    private static final String WINOGRAD_VECTOR = "conv_f32_last_winograd_vector";

    /** The kernels of convolution. */
    public static final KernelTable<ChannelsLastConvProblem> CONV_TABLE = new KernelTable<>(
            "conv_last",
            List.of(
                    new KernelChoice<>(
                            WINOGRAD,
                            (p, c) -> p.weights() == null || p.weights().tile() == 0
                                    ? "the weights are not transformed"
                                    : c.refuseAssembledPanels(),
                            (p, c) -> X64ChannelsLastWinograd.of(p, assembledBits(c), c.caches())),
                    new KernelChoice<>(
                            "conv_f32_last_depthwise_x64",
                            (p, c) -> refuseAssembled(p, c, Form.DEPTHWISE),
                            (p, c) -> X64ChannelsLastDepthwise.of(p, assembledBits(c))),
                    new KernelChoice<>(
                            GEMM,
                            (p, c) -> refuseAssembled(p, c, Form.PANELS),
                            (p, c) -> X64ChannelsLastConv.of(p, assembledBits(c), c.caches())),
                    new KernelChoice<>(
                            WINOGRAD_VECTOR,
                            (p, c) -> p.weights() != Form.WINOGRAD_4X4
                                    ? "the weights are not transformed for tiles of 4 x 4"
                                    : c.refuseVector(Double.MAX_VALUE),
                            p -> VectorChannelsLastWinograd.of(p)),
                    new KernelChoice<>(
                            "conv_f32_last_depthwise_vector",
                            (p, c) -> p.weights() != Form.DEPTHWISE
                                    ? "the weights are not stored by taps"
                                    : c.refuseVector(Double.MAX_VALUE),
                            p -> VectorChannelsLastDepthwise.of(p)),
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
                            "pool_f32_last_max_x64",
                            ChannelsLastKernels::refuseMaximum,
                            (p, c) -> X64ChannelsLastMaxPool.of(p, assembledBits(c))),
                    new KernelChoice<>(
                            "pool_f32_last_vector",
                            (p, c) -> p.channels() < c.vectorBits() / Float.SIZE
                                    ? p.channels() + " channels"
                                    : c.refuseLines(p.imageWork()),
                            p -> VectorChannelsLastPool.of(p)),
                    KernelChoice.fallback("pool_f32_last_scalar", ScalarChannelsLastPool::new)));

    /** The lowering of the operator. */
    static final KernelSet SET = KernelSet.empty().with(ChannelsLast.class, new OfChannelsLast());

    // Limits of packed weights.

    private static final long MAX_TERMS = 1 << 22;
    private static final long MAX_BYTES = 1L << 30;

    /** Machine code may copy the terms of some windows. */
    private static final long MAX_ASSEMBLED_TERMS = 1 << 16;

    private ChannelsLastKernels() {}

    /** The width of vectors in machine code: a panel has two. */
    private static int assembledBits(Capabilities c) {
        return c.panelColumns() * Float.SIZE / 2;
    }

    private static String refuseMaximum(ChannelsLastPoolProblem p, Capabilities c) {
        if (p.average()) {
            return "it is an average";
        }
        if (p.channels() < c.panelColumns() / 2 || c.panelColumns() < MIN_PANEL) {
            return p.channels() + " channels for panels of " + c.panelColumns() + " columns";
        }
        return c.refuseAssembledPanels();
    }

    private static String refuseAssembled(ChannelsLastConvProblem p, Capabilities c, Form form) {
        boolean fits = form == Form.PANELS ? p.weights() != null && p.weights().isPanels() : p.weights() == form;
        if (!fits) {
            return form == Form.PANELS ? "the weights are not in panels" : "the weights are not stored by taps";
        }
        return c.refuseAssembledPanels();
    }

    private static final class OfChannelsLast implements KernelLowering<ChannelsLast> {
        @Override
        public Layout constantLayout(ChannelsLast op, int input, KernelRequest step) {
            if (op.op() instanceof SqueezeExcite) {
                return SqueezeExciteKernels.constantLayout(input, step);
            }
            if (op.op() instanceof QLinearConv conv) {
                return QuantizedConvKernels.constantLayout(conv, input, step);
            }
            if (input == 1 && op.op() instanceof ConvTranspose conv) {
                return ConvTransposeKernels.channelsLastWeights(conv, step);
            }
            return input == 1 && op.op() instanceof Conv conv ? weightLayout(conv, step) : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(ChannelsLast op, KernelRequest step) {
            if (op.op() instanceof QLinearConv conv) {
                return QuantizedConvKernels.prepare(conv, step);
            }
            if (op.op() instanceof QLinearAveragePool pool) {
                return QuantPoolKernels.prepareLast(pool, step);
            }
            if (step.dtype(0) != DType.FLOAT32) {
                return op.op() instanceof MaxPool pool ? QuantPoolKernels.prepareLast(pool, step) : null;
            }
            return switch (op.op()) {
                case Conv conv -> {
                    ChannelsLastConvProblem problem = problem(conv, step);
                    yield problem == null ? null : CONV_TABLE.prepare(problem, step.capabilities());
                }
                case ConvTranspose conv -> {
                    ChannelsLastConvTransposeProblem problem = ConvTransposeKernels.channelsLastProblem(conv, step);
                    yield problem == null
                            ? null
                            : ConvTransposeKernels.CHANNELS_LAST_TABLE.prepare(problem, step.capabilities());
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

    /** The layout of the constant weights of a convolution, for inputs of any shape. */
    private static Layout weightLayout(Conv op, KernelRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        if (c.panelColumns() == 0
                || w == null
                || w.dtype() != DType.FLOAT32
                || w.rank() < 3
                || w.rank() > 4
                || w.size() == 0) {
            return Layout.ROW_MAJOR;
        }
        int lanes = c.panelColumns() / 2;
        if (op.group() > 1) {
            boolean depthwise = w.dim(1) == 1 && w.dim(0) == op.group() && w.dim(0) >= lanes;
            return depthwise ? new ChannelsLastWeightLayout(Form.DEPTHWISE, 1) : Layout.ROW_MAJOR;
        }
        if (w.size() / w.dim(0) > (c.vector() ? MAX_TERMS : MAX_ASSEMBLED_TERMS)) {
            return Layout.ROW_MAJOR;
        }
        Tensor narrow = c.refuseAssembledPanels() == null && CONV_TABLE.admits(GEMM, c) ? w.narrow() : null;
        Form panels = Form.panels(narrow == null ? DType.FLOAT32 : narrow.dtype());
        Form best = weightForm(op, step);
        ChannelsLastWeightLayout transformed =
                new ChannelsLastWeightLayout(best == Form.PANELS ? panels : best, 2 * lanes);
        boolean fits = transformed.byteSize(w.type()) <= MAX_BYTES;
        return fits ? transformed : new ChannelsLastWeightLayout(panels, 2 * lanes);
    }

    /** The best form of dense weights, or the form that the requested kernel reads. */
    private static Form weightForm(Conv op, KernelRequest step) {
        Capabilities c = step.capabilities();
        boolean assembled = c.refuseAssembledPanels() == null && CONV_TABLE.admits(WINOGRAD, c);
        boolean vector = c.vector() && CONV_TABLE.admits(WINOGRAD_VECTOR, c);
        Filtering filtering = assembled ? Filtering.ASSEMBLED : vector ? Filtering.VECTOR : Filtering.NONE;
        boolean forced = c.isRequested(WINOGRAD) || c.isRequested(WINOGRAD_VECTOR);
        int tile = ConvCostModel.bestTile(op, step, filtering, forced);
        return switch (tile) {
            case 2 -> Form.WINOGRAD_2X2;
            case 4 -> Form.WINOGRAD_4X4;
            default -> Form.PANELS;
        };
    }

    /** The problem of a convolution, or null if there is no kernel for it. */
    static ChannelsLastConvProblem problem(Conv op, KernelRequest step) {
        long[] x = channelsFirst(step.dims(0));
        long[] w = step.dims(1);
        long[] y = channelsFirst(step.outputDims(0));
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

    /** Turns dimensions with channels last into dimensions with channels first. */
    static long[] channelsFirst(long[] dims) {
        long[] result = new long[dims.length];
        result[0] = dims[0];
        result[1] = dims[dims.length - 1];
        System.arraycopy(dims, 1, result, 2, dims.length - 2);
        return result;
    }

    private static Kernel pool(WindowAttributes window, boolean average, boolean countPadding, KernelRequest step) {
        long[] kernel = window.kernelShape().stream().mapToLong(Long::longValue).toArray();
        long[] x = channelsFirst(step.dims(0));
        Window2d plane = Window2d.of(window, x, kernel, channelsFirst(step.outputDims(0)));
        return plane == null ? null : prepare(plane, x, average, countPadding, step);
    }

    private static Kernel global(boolean average, KernelRequest step) {
        long[] x = channelsFirst(step.dims(0));
        long pixels = RowMajor.size(x, 2, x.length);
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

package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout.Form;
import dev.tenon.kernel.conv.ConvCostModel;
import dev.tenon.kernel.conv.ConvCostModel.Filtering;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarChannelsLastConv;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.vector.conv.VectorChannelsLastDepthwise;
import dev.tenon.kernel.vector.conv.VectorChannelsLastGemmConv;
import dev.tenon.kernel.vector.conv.VectorChannelsLastWinograd;
import dev.tenon.kernel.x64.conv.X64ChannelsLastConv;
import dev.tenon.kernel.x64.conv.X64ChannelsLastDepthwise;
import dev.tenon.kernel.x64.conv.X64ChannelsLastWinograd;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of Conv for float32 with channels last (NHWC). Other element types, and more than two spatial axes,
 * run through the reference.
 */
public final class ChannelsLastConvKernels implements AnchorFamily<ChannelsLastConvProblem> {
    private static final String GEMM = "conv_f32_last_gemm_x64";
    private static final String WINOGRAD = "conv_f32_last_winograd_x64";
    private static final String WINOGRAD_VECTOR = "conv_f32_last_winograd_vector";

    /** The kernels of the family. */
    public static final KernelTable<ChannelsLastConvProblem> TABLE = new KernelTable<>(
            "conv_last",
            List.of(
                    new KernelChoice<>(
                            WINOGRAD,
                            CodeForm.PANELS,
                            (p, c) -> p.weights() == null || p.weights().tile() == 0
                                    ? "the weights are not transformed"
                                    : null,
                            (p, c, form) -> X64ChannelsLastWinograd.of(p, form.bits(), c.caches())),
                    new KernelChoice<>(
                            "conv_f32_last_depthwise_x64",
                            CodeForm.PANELS,
                            (p, c) -> p.weights() != Form.DEPTHWISE ? "the weights are not stored by taps" : null,
                            (p, c, form) -> X64ChannelsLastDepthwise.of(p, form.bits())),
                    new KernelChoice<>(
                            GEMM,
                            CodeForm.PANELS,
                            (p, c) -> p.weights() == null || !p.weights().isPanels()
                                    ? "the weights are not in panels"
                                    : null,
                            (p, c, form) -> X64ChannelsLastConv.of(p, form.bits(), c.caches())),
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

    /** The family. */
    public static final ChannelsLastConvKernels FAMILY = new ChannelsLastConvKernels();

    // Limits of packed weights.

    private static final long MAX_TERMS = 1 << 22;
    private static final long MAX_BYTES = 1L << 30;

    /** Machine code may copy the terms of some windows. */
    private static final long MAX_ASSEMBLED_TERMS = 1 << 16;

    private ChannelsLastConvKernels() {}

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        return input == 1 ? weightLayout((Conv) ((ChannelsLast) op).op(), step) : Layout.ROW_MAJOR;
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
        Tensor narrow = c.assemblesPanels() && TABLE.admits(GEMM, c) ? w.narrow() : null;
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
        boolean assembled = c.assemblesPanels() && TABLE.admits(WINOGRAD, c);
        boolean vector = c.vector() && TABLE.admits(WINOGRAD_VECTOR, c);
        Filtering filtering = assembled ? Filtering.ASSEMBLED : vector ? Filtering.VECTOR : Filtering.NONE;
        boolean forced = c.isRequested(WINOGRAD) || c.isRequested(WINOGRAD_VECTOR);
        int tile = ConvCostModel.bestTile(op, step, filtering, forced);
        return switch (tile) {
            case 2 -> Form.WINOGRAD_2X2;
            case 4 -> Form.WINOGRAD_4X4;
            default -> Form.PANELS;
        };
    }

    @Override
    public KernelTable<ChannelsLastConvProblem> table(ChannelsLastConvProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ChannelsLastConvProblem> problem(Op operator, KernelRequest step) {
        Conv op = (Conv) ((ChannelsLast) operator).op();
        long[] x = ChannelsLast.channelsFirst(step.dims(0));
        long[] w = step.dims(1);
        long[] y = ChannelsLast.channelsFirst(step.outputDims(0));
        Form form = step.layout(1) instanceof ChannelsLastWeightLayout l ? l.form() : null;
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        if (form == null && !step.isRowMajor() || w[1] == 0) {
            return ProblemOrReason.none("an operand is packed for another kernel, or there are no channels");
        }
        Window2d window = Window2d.of(op.window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null) {
            return ProblemOrReason.none(ConvKernels.NO_WINDOWS);
        }
        if (window.windows() * x[0] > Integer.MAX_VALUE / 2
                || window.taps() * w[1] > Integer.MAX_VALUE / 2
                || x[1] * window.columns().input() > Integer.MAX_VALUE / 64
                || w[0] > Integer.MAX_VALUE / 2) {
            return ProblemOrReason.none("the planes, the windows or the channels are too large");
        }
        int groups = (int) op.group();
        int bias = step.has(2) ? 2 : -1;
        ConvProblem conv =
                new ConvProblem(window, (int) x[0], groups, (int) w[1], (int) w[0] / groups, bias, step.inputCount());
        return ProblemOrReason.of(new ChannelsLastConvProblem(conv, form));
    }

    /** The operators of a body that kernels apply where they store sums; null if they are not scales for each column. */
    private static FusedBody.Scaling scaling(ChannelsLastConvProblem convolution, FusedBody body) {
        FusedBody.Scaling scaling = body.scaling(0, convolution.conv().outputChannels());
        boolean panels = convolution.weights() != null && convolution.weights().isPanels();
        return panels && scaling.columnScales() >= 0 && body.hasMachineCode() ? scaling : null;
    }

    /**
     * The other operators of a body that kernels apply where they store sums.
     *
     * @param bias the addends of the columns, or -1
     * @param residual the tensor that is added, or -1
     * @param bounds the bounds, or null
     * @param end the index of the operator after them
     */
    private record Stored(int bias, int residual, Bounds bounds, int end) {
        private static Stored of(ChannelsLastConvProblem convolution, FusedBody body) {
            boolean panels =
                    convolution.weights() != null && convolution.weights().isPanels();
            int bias = ConvKernels.bias(convolution.conv(), -1, body);
            int next = bias < 0 ? 0 : 1;
            int residual = panels ? body.residual(next) : -1;
            next += residual < 0 ? 0 : 1;
            Bounds bounds = body.bounds(next);
            next += bounds == null ? 0 : 1;
            return new Stored(bias, residual, bounds, next);
        }
    }

    @Override
    public int absorbed(ChannelsLastConvProblem convolution, FusedBody body) {
        FusedBody.Scaling scaling = scaling(convolution, body);
        return scaling == null ? Stored.of(convolution, body).end() : scaling.end();
    }

    @Override
    public ProblemOrReason<ChannelsLastConvProblem> with(ChannelsLastConvProblem convolution, FusedBody body) {
        FusedBody.Scaling scaling = scaling(convolution, body);
        if (scaling != null) {
            TileEpilogue pass = body.epilogue(0);
            if (pass == null) {
                return ProblemOrReason.none("an operator of the body has no loop for these types and shapes");
            }
            TileEpilogue epilogue = scaling.epilogue(body.epilogue(scaling.end()), pass);
            ConvProblem scaled = convolution.conv().withEpilogue(epilogue, body.inputs());
            return ProblemOrReason.of(new ChannelsLastConvProblem(scaled, convolution.weights()));
        }
        Stored stored = Stored.of(convolution, body);
        ProblemOrReason<ConvProblem> fused = ConvKernels.with(convolution.conv(), stored.bias(), stored.end(), body);
        if (!fused.isProblem()) {
            return ProblemOrReason.none(fused.reason());
        }
        ChannelsLastConvProblem sum =
                new ChannelsLastConvProblem(fused.problem(), convolution.weights()).withResidual(stored.residual());
        Bounds bounds = stored.bounds();
        return ProblemOrReason.of(bounds == null ? sum : sum.withBounds(bounds.min(), bounds.max()));
    }
}

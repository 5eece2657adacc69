package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastIntegerConvProblem;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.IntegerConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarChannelsLastIntegerConv;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.x64.byteconv.IntegerConvWeights;
import dev.tenon.kernel.x64.byteconv.X64IntegerConv;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of ConvInteger with channels last, alone or with the operators that make floats of its sums. The zero point of the input
 * may be computed. Machine code needs constant weights.
 */
public final class ChannelsLastIntegerConvKernels implements AnchorFamily<ChannelsLastIntegerConvProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ChannelsLastIntegerConvProblem> TABLE = new KernelTable<>(
            "conv_i32_last",
            List.of(
                    new KernelChoice<>(
                            "conv_i32_last_product_x64",
                            ByteArithmetic.FORMS,
                            ChannelsLastIntegerConvKernels::refuse,
                            (p, c, form) -> X64IntegerConv.of(p, c.caches())),
                    new KernelChoice<>(
                            "conv_i32_last_scalar",
                            (p, c) -> p.layout() instanceof IntegerConvWeights ? "the weights are packed" : null,
                            ScalarChannelsLastIntegerConv::new)));

    /** The family. */
    public static final ChannelsLastIntegerConvKernels FAMILY = new ChannelsLastIntegerConvKernels();

    private static final int WEIGHTS = 1;
    private static final int X_ZERO = 2;
    private static final int WEIGHT_ZERO = 3;
    private static final long MAX_ELEMENTS = 1 << 28;

    /** The most terms of a window whose rows fit into the memory for copies. */
    private static final long MAX_TERMS = 1 << 16;

    private ChannelsLastIntegerConvKernels() {}

    private static String refuse(ChannelsLastIntegerConvProblem p, Capabilities c) {
        if (!(p.layout() instanceof IntegerConvWeights weights)) {
            return "the weights are not packed";
        }
        return weights.arithmetic().runsOn(c) ? null : "the weights are packed for another machine";
    }

    @Override
    public String reasonAgainst(Op op, KernelRequest step) {
        return ByteArithmetic.of(step.capabilities()) == null
                ? "there is no machine code that multiplies bytes"
                : reasonAgainst((ConvInteger) ((ChannelsLast) op).op(), step);
    }

    /** Why no kernel in machine code takes a convolution, whatever the shape of its input. */
    private static String reasonAgainst(ConvInteger op, KernelRequest step) {
        Tensor w = step.constant(WEIGHTS);
        if (w == null || w.rank() < 3 || w.rank() > 4 || w.size() == 0 || w.size() > MAX_ELEMENTS) {
            return "its weights are not constant, or not those of lines or planes";
        }
        if (step.has(WEIGHT_ZERO) && step.constant(WEIGHT_ZERO) == null) {
            return "the zero point of its weights is computed";
        }
        if (op.window().dilations().stream().anyMatch(d -> d != 1)) {
            return "its windows are dilated";
        }
        if (op.group() > 1 && w.dim(1) == 1) {
            return "it is depthwise";
        }
        return w.size() / w.dim(0) > MAX_TERMS ? "its windows have more than " + MAX_TERMS + " terms" : null;
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        ByteArithmetic best = ByteArithmetic.of(step.capabilities());
        ConvInteger conv = (ConvInteger) ((ChannelsLast) op).op();
        if (input != WEIGHTS
                || best == null
                || !TABLE.admits("conv_i32_last_product_x64", step.capabilities())
                || reasonAgainst(conv, step) != null) {
            return Layout.ROW_MAJOR;
        }
        Tensor zero = step.has(WEIGHT_ZERO) ? step.constant(WEIGHT_ZERO) : null;
        return IntegerConvWeights.of((int) conv.group(), step.constant(WEIGHTS), zero, best);
    }

    @Override
    public KernelTable<ChannelsLastIntegerConvProblem> table(ChannelsLastIntegerConvProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ChannelsLastIntegerConvProblem> problem(Op operator, KernelRequest step) {
        ConvInteger op = (ConvInteger) ((ChannelsLast) operator).op();
        if (!(step.layout(WEIGHTS) instanceof IntegerConvWeights) && !step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed for another kernel");
        }
        long[] x = ChannelsLast.channelsFirst(step.dims(0));
        long[] w = step.dims(WEIGHTS);
        long[] y = ChannelsLast.channelsFirst(step.outputDims(0));
        Window2d window = Window2d.of(op.window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null
                || window.pixels() * x[0] * x[1] > Integer.MAX_VALUE
                || window.windows() * y[0] * y[1] > Integer.MAX_VALUE
                || window.taps() * w[1] * 2 > MAX_ELEMENTS
                || w[1] == 0) {
            return ProblemOrReason.none(ConvKernels.NO_WINDOWS + ", or the planes or the channels are too many");
        }
        int groups = (int) op.group();
        boolean perChannel =
                step.has(WEIGHT_ZERO) && step.inputs().get(WEIGHT_ZERO).shape().knownElements() > 1;
        return ProblemOrReason.of(new ChannelsLastIntegerConvProblem(
                new ConvShape(window, (int) x[0], groups, (int) w[1], (int) w[0] / groups),
                step.dtype(0) == DType.INT8,
                step.has(X_ZERO) ? X_ZERO : -1,
                new IntegerConvProblem.Weights(
                        WEIGHTS,
                        step.dtype(WEIGHTS) == DType.INT8,
                        step.has(WEIGHT_ZERO) ? WEIGHT_ZERO : -1,
                        perChannel),
                step.layout(WEIGHTS),
                false,
                new OutputPlace(step.inputCount()),
                (int) w[0]));
    }

    /** The results go through the cast to float32 that the body begins with. */
    @Override
    public boolean keepsType() {
        return false;
    }

    @Override
    public int absorbed(ChannelsLastIntegerConvProblem convolution, FusedBody body) {
        return body.scaling(1, convolution.allOutputs()).end();
    }

    @Override
    public ProblemOrReason<ChannelsLastIntegerConvProblem> with(
            ChannelsLastIntegerConvProblem convolution, FusedBody body) {
        if (!body.castsToFloat()) {
            return ProblemOrReason.none("the body does not begin with a cast to float32");
        }
        TileEpilogue pass = body.epilogue(1);
        if (pass == null && body.parts() > 1) {
            return ProblemOrReason.none("an operator of the body has no loop for these types and shapes");
        }
        FusedBody.Scaling scaling = body.scaling(1, convolution.allOutputs());
        TileEpilogue scaled = pass == null ? null : scaling.epilogue(body.epilogue(scaling.end()), pass);
        return ProblemOrReason.of(convolution.toFloats(new OutputPlace(body.inputs(), scaled)));
    }
}

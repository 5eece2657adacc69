package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.conv.QuantizedResidual;
import dev.tenon.kernel.scalar.conv.ScalarQuantizedConv;
import dev.tenon.kernel.x64.byteconv.ByteConvWeights;
import dev.tenon.kernel.x64.byteconv.DepthwiseWeights;
import dev.tenon.kernel.x64.byteconv.X64ByteConv;
import dev.tenon.kernel.x64.byteconv.X64ByteDepthwise;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.op.Op;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.QuantizedConvSum;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Kernels of QLinearConv with channels last, alone or with a sum after it. Those of machines with dot products of bytes need constant parameters. */
public final class QuantizedConvKernels implements KernelFamily<QuantizedConvProblem> {
    /** The kernels of the family. */
    public static final KernelTable<QuantizedConvProblem> TABLE = new KernelTable<>(
            "conv_i8_last",
            List.of(
                    inVectors("conv_i8_last_depthwise_x64", true, X64ByteDepthwise::of),
                    new KernelChoice<>(
                            "conv_i8_last_product_amx",
                            List.of(CodeForm.BYTE_TILES),
                            QuantizedConvKernels::refuseTileRegisters,
                            (p, c, form) -> X64ByteConv.ofTileRegisters(p)),
                    inVectors("conv_i8_last_product_x64", false, X64ByteConv::of),
                    new KernelChoice<>(
                            "conv_i8_last_scalar",
                            (p, c) -> p.layout() instanceof ByteConvWeights ? "the weights are packed" : null,
                            ScalarQuantizedConv::new)));

    /** The family. */
    public static final QuantizedConvKernels FAMILY = new QuantizedConvKernels();

    private static final int WEIGHTS = 3;
    private static final int Y_ZERO = 7;
    private static final int BIAS = 8;
    private static final long MAX_ELEMENTS = 1 << 28;

    /** With vectors of 256 bits, results are stored four bytes at a time. */
    private static final int MASKED = 4;

    private QuantizedConvKernels() {}

    /** A kernel whose form is that of the packed weights. */
    private static KernelChoice<QuantizedConvProblem> inVectors(
            String id, boolean depthwise, Function<QuantizedConvProblem, Kernel> prepare) {
        return new KernelChoice<>(
                id, ByteArithmetic.FORMS, (p, c) -> refuse(p, c, depthwise), (p, c, form) -> prepare.apply(p));
    }

    @Override
    public String reasonAgainst(Op op, KernelRequest step) {
        List<Tensor> constants = step.constants();
        return op instanceof QuantizedConvSum sum
                ? reasonAgainst(sum, constants)
                : reasonAgainst((QLinearConv) ((ChannelsLast) op).op(), constants);
    }

    /** Why no kernel takes a convolution, whatever the shape of its input, on a machine that multiplies bytes. */
    private static String reasonAgainst(QLinearConv op, List<Tensor> constants) {
        for (int i = 1; i < constants.size() || i < BIAS; i++) {
            if (i >= constants.size() || constants.get(i) == null) {
                return "operand " + i + " is not constant";
            }
        }
        Tensor w = constants.get(WEIGHTS);
        if (w.rank() < 3 || w.rank() > 4 || w.size() == 0) {
            return "its weights are " + w.type();
        }
        if (op.window().dilations().stream().anyMatch(d -> d != 1)) {
            return "its windows are dilated";
        }
        if (!ByteConvWeights.Parameters.areBytes(w, constants.get(WEIGHTS + 2))) {
            return "a weight less its zero point is no signed byte";
        }
        boolean depthwise = isDepthwise(op, w);
        if (depthwise && Arrays.stream(w.dims()).skip(2).anyMatch(size -> size > DepthwiseWeights.MAX_KERNEL)) {
            return "its windows have more than " + DepthwiseWeights.MAX_KERNEL + " rows or columns";
        }
        return w.dim(0) % MASKED != 0 || w.dim(0) / op.group() % MASKED != 0 && !depthwise
                ? "its channels are no multiple of " + MASKED
                : null;
    }

    private static String refuse(QuantizedConvProblem p, Capabilities c, boolean depthwise) {
        if (!(p.layout() instanceof ByteConvWeights weights)) {
            return "the weights are not packed";
        }
        if (!weights.arithmetic().runsOn(c)) {
            return "the weights are packed for another machine";
        }
        if (weights.isDepthwise() != depthwise) {
            return depthwise ? "it is not depthwise" : "it is depthwise";
        }
        if (p.residual() == null) {
            return null;
        }
        return depthwise
                ? "it adds nothing to other bytes"
                : X64ByteConv.reasonAgainstSum(p.outputChannels(), p.residual());
    }

    private static String refuseTileRegisters(QuantizedConvProblem p, Capabilities c) {
        String reason = refuse(p, c, false);
        return reason == null ? X64ByteConv.refuseTileRegisters(p) : reason;
    }

    private static boolean isDepthwise(QLinearConv op, Tensor w) {
        return op.group() > 1 && w.dim(1) == 1 && w.dim(0) == op.group();
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        if (op instanceof QuantizedConvSum sum) {
            boolean taken = input == WEIGHTS && reasonAgainst(sum, constants(step)) == null;
            return taken ? constantLayout(sum.conv(), input, step) : Layout.ROW_MAJOR;
        }
        return constantLayout((QLinearConv) ((ChannelsLast) op).op(), input, step);
    }

    /** The layout of a constant operand: that of packed weights, if a kernel takes the operator. */
    private static Layout constantLayout(QLinearConv op, int input, KernelRequest step) {
        ByteArithmetic best = ByteArithmetic.of(step.capabilities());
        if (input != WEIGHTS || best == null) {
            return Layout.ROW_MAJOR;
        }
        Tensor[] constants = new Tensor[BIAS + 1];
        for (int i = 1; i < constants.length; i++) {
            constants[i] = step.constant(i);
        }
        List<Tensor> given = Arrays.asList(constants).subList(0, step.has(BIAS) ? BIAS + 1 : BIAS);
        ByteConvWeights.Parameters parameters =
                reasonAgainst(op, given) == null ? ByteConvWeights.Parameters.of(constants) : null;
        if (parameters == null) {
            return Layout.ROW_MAJOR;
        }
        Tensor w = constants[WEIGHTS];
        DepthwiseWeights depthwise = isDepthwise(op, w)
                ? DepthwiseWeights.of(w.rank() == 3 ? 1 : (int) w.dim(2), (int) w.dim(w.rank() - 1), best)
                : null;
        ByteArithmetic arithmetic =
                depthwise == null ? ByteConvWeights.arithmetic(w, parameters.weightZeros(), best) : best;
        boolean signed = constants[2].dtype() == DType.INT8;
        int zero = (int) constants[2].getLong(0);
        return new ByteConvWeights((int) op.group(), zero, signed, arithmetic, parameters, depthwise);
    }

    /** The bytes that are added to the results of a convolution; null if a scale or a zero point is not constant. */
    static QuantizedResidual residual(QuantizedConvSum op, List<Tensor> constants) {
        List<Tensor> own = Arrays.asList(
                constants.get(QuantizedConvSum.CONV_SCALE), constants.get(QuantizedConvSum.CONV_SCALE + 1));
        List<Tensor> other =
                Arrays.asList(constants.get(QuantizedConvSum.OTHER + 1), constants.get(QuantizedConvSum.OTHER + 2));
        List<Tensor> sum =
                Arrays.asList(constants.get(QuantizedConvSum.SUM_SCALE), constants.get(QuantizedConvSum.SUM_SCALE + 1));
        for (List<Tensor> pair : List.of(own, other, sum)) {
            if (pair.contains(null)) {
                return null;
            }
        }
        List<Tensor> first = op.first() ? own : other;
        List<Tensor> second = op.first() ? other : own;
        QLinearAdd.Terms terms = QLinearAdd.Terms.of(Arrays.asList(
                null, first.get(0), first.get(1), null, second.get(0), second.get(1), sum.get(0), sum.get(1)));
        return new QuantizedResidual(
                QuantizedConvSum.OTHER,
                op.first(),
                (int) own.get(1).getLong(0),
                op.first() ? terms.a() : terms.b(),
                op.first() ? terms.b() : terms.a(),
                terms.fixed());
    }

    /** The same for a convolution and a sum together. */
    private static String reasonAgainst(QuantizedConvSum op, List<Tensor> constants) {
        QuantizedResidual residual = residual(op, constants);
        if (residual == null) {
            return "a scale or a zero point is not constant";
        }
        boolean biased = constants.get(BIAS) != null;
        String reason = reasonAgainst(op.conv(), constants.subList(0, biased ? BIAS + 1 : BIAS));
        if (reason != null) {
            return reason;
        }
        Tensor w = constants.get(WEIGHTS);
        if (op.conv().group() != 1) {
            return "it has several groups";
        }
        return X64ByteConv.reasonAgainstSum((int) w.dim(0), residual);
    }

    private static List<Tensor> constants(KernelRequest step) {
        List<Tensor> constants = new ArrayList<>();
        for (int i = 0; i < QuantizedConvSum.INPUTS; i++) {
            constants.add(step.constant(i));
        }
        return constants;
    }

    @Override
    public KernelTable<QuantizedConvProblem> table(QuantizedConvProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<QuantizedConvProblem> problem(Op op, KernelRequest step) {
        if (!(op instanceof QuantizedConvSum sum)) {
            return problem((QLinearConv) ((ChannelsLast) op).op(), step, null);
        }
        QuantizedResidual residual = residual(sum, constants(step));
        boolean same = Arrays.equals(step.dims(QuantizedConvSum.OTHER), step.outputDims(0));
        return residual == null || !same
                ? ProblemOrReason.none("a scale or a zero point is not constant, or the addend is broadcast")
                : problem(sum.conv(), step, residual);
    }

    private static ProblemOrReason<QuantizedConvProblem> problem(
            QLinearConv op, KernelRequest step, QuantizedResidual residual) {
        boolean packed = step.layout(WEIGHTS) instanceof ByteConvWeights;
        if (!packed && !step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed for another kernel");
        }
        long[] x = ChannelsLast.channelsFirst(step.dims(0));
        long[] w = step.dims(WEIGHTS);
        long[] y = ChannelsLast.channelsFirst(step.outputDims(0));
        Window2d window = Window2d.of(op.window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null
                || window.pixels() * x[0] * x[1] > MAX_ELEMENTS
                || window.windows() * y[0] * y[1] > MAX_ELEMENTS
                || window.taps() * w[1] * 2 > MAX_ELEMENTS
                || w[1] == 0) {
            return ProblemOrReason.none(ConvKernels.NO_WINDOWS + ", or the planes or the channels are too many");
        }
        int groups = (int) op.group();
        return ProblemOrReason.of(new QuantizedConvProblem(
                new ConvShape(window, (int) x[0], groups, (int) w[1], (int) w[0] / groups),
                bytes(step, 2, step.dtype(0), packed),
                step.dtype(WEIGHTS) == DType.INT8,
                WEIGHTS,
                step.layout(WEIGHTS),
                step.has(BIAS),
                bytes(step, Y_ZERO, step.dtype(Y_ZERO), packed),
                step.inputCount(),
                residual));
    }

    /** Bytes with the constant zero point that an operand is; 0 if the weights are not packed. */
    private static QuantizedConvProblem.Bytes bytes(KernelRequest step, int zero, DType type, boolean packed) {
        return new QuantizedConvProblem.Bytes(
                type == DType.INT8, packed ? (int) step.constant(zero).getLong(0) : 0);
    }
}

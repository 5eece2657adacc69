package dev.tenon.kernel.table;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarQuantizedConv;
import dev.tenon.kernel.x64.byteconv.ByteConvWeights;
import dev.tenon.kernel.x64.byteconv.DepthwiseWeights;
import dev.tenon.kernel.x64.byteconv.X64ByteConv;
import dev.tenon.kernel.x64.byteconv.X64ByteDepthwise;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Kernels of QLinearConv with channels last. Those of machines with dot products of bytes need constant parameters. */
public final class QuantizedConvKernels {
    /** The kernels of the family. */
    public static final KernelTable<QuantizedConvProblem> TABLE = new KernelTable<>(
            "conv_i8_last",
            List.of(
                    new KernelChoice<>(
                            "conv_i8_last_depthwise_x64", (p, c) -> refuse(p, c, true), p -> X64ByteDepthwise.of(p)),
                    new KernelChoice<>(
                            "conv_i8_last_product_amx",
                            (p, c) -> refuseTileRegisters(p, c),
                            p -> X64ByteConv.ofTileRegisters(p)),
                    new KernelChoice<>(
                            "conv_i8_last_product_x64",
                            (p, c) -> refuse(p, c, false),
                            p -> X64ByteConv.of(p)),
                    new KernelChoice<>(
                            "conv_i8_last_scalar",
                            (p, c) -> p.layout() instanceof ByteConvWeights ? "the weights are packed" : null,
                            ScalarQuantizedConv::new)));

    private static final int WEIGHTS = 3;
    private static final int BIAS = 8;
    private static final long MAX_ELEMENTS = 1 << 28;

    /** With vectors of 256 bits, results are stored four bytes at a time. */
    private static final int MASKED = 4;

    private QuantizedConvKernels() {}

    /**
     * Why no kernel takes a convolution whatever the shape of its input, on a machine that multiplies bytes.
     *
     * @param op the operator
     * @param constants its operands by their index, null for those that are not constant
     * @return the reason, or null if there is a kernel
     */
    public static String reasonAgainst(QLinearConv op, List<Tensor> constants) {
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
        return weights.isDepthwise() == depthwise ? null : depthwise ? "it is not depthwise" : "it is depthwise";
    }

    private static String refuseTileRegisters(QuantizedConvProblem p, Capabilities c) {
        String reason = refuse(p, c, false);
        if (reason == null) {
            reason = c.refuseTileRegisters(InstructionSet.AMX_INT8);
        }
        return reason == null ? X64ByteConv.refuseTileRegisters(p) : reason;
    }

    private static boolean isDepthwise(QLinearConv op, Tensor w) {
        return op.group() > 1 && w.dim(1) == 1 && w.dim(0) == op.group();
    }

    /** The layout of a constant operand: that of packed weights, if a kernel takes the operator. */
    static Layout constantLayout(QLinearConv op, int input, KernelRequest step) {
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

    /** The kernel of a step, or null. */
    static Kernel prepare(QLinearConv op, KernelRequest step) {
        boolean packed = step.layout(WEIGHTS) instanceof ByteConvWeights;
        if (!packed && !step.isRowMajor()) {
            return null;
        }
        long[] x = ChannelsLastKernels.channelsFirst(step.dims(0));
        long[] w = step.dims(WEIGHTS);
        long[] y = ChannelsLastKernels.channelsFirst(step.outputDims(0));
        Window2d window = Window2d.of(op.window(), x, Arrays.copyOfRange(w, 2, w.length), y);
        if (window == null
                || window.pixels() * x[0] * x[1] > MAX_ELEMENTS
                || window.windows() * y[0] * y[1] > MAX_ELEMENTS
                || window.taps() * w[1] * 2 > MAX_ELEMENTS
                || w[1] == 0) {
            return null;
        }
        int groups = (int) op.group();
        return TABLE.prepare(
                new QuantizedConvProblem(
                        window,
                        (int) x[0],
                        groups,
                        (int) w[1],
                        (int) w[0] / groups,
                        step.dtype(0) == DType.INT8,
                        packed ? (int) step.constant(2).getLong(0) : 0,
                        step.dtype(WEIGHTS) == DType.INT8,
                        step.dtype(7) == DType.INT8,
                        packed ? (int) step.constant(7).getLong(0) : 0,
                        step.has(BIAS),
                        WEIGHTS,
                        step.layout(WEIGHTS),
                        step.inputCount()),
                step.capabilities());
    }
}

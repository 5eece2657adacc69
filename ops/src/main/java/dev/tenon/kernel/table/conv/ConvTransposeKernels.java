package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarConvTranspose;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.vector.conv.VectorConvTranspose;
import dev.tenon.op.Op;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of ConvTranspose for float32. The problem is the convolution of which the operator is the adjoint: its windows are on
 * the output, one for each element of the input. Other element types, and more than two spatial axes, run through the reference.
 */
public final class ConvTransposeKernels implements AnchorFamily<ConvProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ConvProblem> TABLE = new KernelTable<>(
            "convtranspose",
            List.of(
                    new KernelChoice<>(
                            "convtranspose_f32_gemm_vector",
                            ConvTransposeKernels::refuseGemm,
                            (p, c) -> VectorConvTranspose.of(p, Tiling.of(c))),
                    KernelChoice.fallback("convtranspose_f32_scalar", ScalarConvTranspose::new)));

    /** The family. */
    public static final ConvTransposeKernels FAMILY = new ConvTransposeKernels();

    /** The assumed time of a multiplication in scalar loops, nanoseconds. */
    private static final double SCALAR_NANOS = 0.8;

    private static final long MAX_TERMS = 1 << 16;
    private static final int MAX_RANK = 4;

    private ConvTransposeKernels() {}

    private static String refuseGemm(ConvProblem p, Capabilities c) {
        if (p.inputChannels() > MAX_TERMS || p.window().taps() > MAX_TERMS) {
            return p.inputChannels() + " channels and " + p.window().taps() + " taps";
        }
        return c.refuseLines(SCALAR_NANOS * p.sampleMultiplyAdds());
    }

    @Override
    public KernelTable<ConvProblem> table(ConvProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ConvProblem> problem(Op op, KernelRequest step) {
        return step.isRowMajor()
                ? problem((ConvTranspose) op, step, step.dims(0), step.outputDims(0))
                : ProblemOrReason.none("an operand is packed");
    }

    @Override
    public ProblemOrReason<ConvProblem> with(ConvProblem convolution, FusedBody body) {
        return ConvKernels.FAMILY.with(convolution, body);
    }

    /** The problem for an operand and a result of given dimensions, with channels first. */
    static ProblemOrReason<ConvProblem> problem(ConvTranspose op, KernelRequest step, long[] x, long[] y) {
        long[] w = step.dims(1);
        boolean empty = step.inputs().getFirst().shape().knownElements() == 0
                || step.outputs().getFirst().shape().knownElements() == 0;
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        if (x.length > MAX_RANK || empty) {
            return ProblemOrReason.none("there are more than two spatial axes, or no elements");
        }
        WindowGrid grid = WindowGrid.transposed(
                op.window(), op.outputPadding(), op.outputShape(), spatial(x), spatial(w), spatial(y));
        Window2d window = Window2d.of(grid);
        long channels = Math.max(Math.max(x[0], x[1]), y[1]);
        if (window == null
                || window.windows() > Integer.MAX_VALUE / 2
                || window.pixels() > Integer.MAX_VALUE / 2
                || window.taps() * channels > Integer.MAX_VALUE / 2) {
            return ProblemOrReason.none("the planes, the windows or the channels are too large");
        }
        int groups = (int) op.group();
        int bias = step.has(2) ? 2 : -1;
        return ProblemOrReason.of(
                new ConvProblem(window, (int) x[0], groups, (int) x[1] / groups, (int) w[1], bias, step.inputCount()));
    }

    static long[] spatial(long[] dims) {
        return Arrays.copyOfRange(dims, 2, dims.length);
    }
}

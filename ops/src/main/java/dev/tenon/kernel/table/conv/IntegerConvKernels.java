package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.IntegerConvProblem;
import dev.tenon.kernel.conv.IntegerConvProblem.Requantisation;
import dev.tenon.kernel.scalar.conv.ScalarIntegerConv;
import dev.tenon.kernel.vector.conv.VectorIntegerConv;
import dev.tenon.op.Op;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of ConvInteger and QLinearConv. More than two spatial axes, and planes of more than 2<sup>26</sup> elements in
 * a group, run through the reference.
 */
public final class IntegerConvKernels implements KernelFamily<IntegerConvProblem> {
    /** The kernels of the family. */
    public static final KernelTable<IntegerConvProblem> TABLE = new KernelTable<>(
            "conv_i8",
            List.of(
                    new KernelChoice<>(
                            "conv_i8_vector", IntegerConvKernels::refuseVector, p -> VectorIntegerConv.of(p)),
                    KernelChoice.fallback("conv_i8_scalar", ScalarIntegerConv::new)));

    /** The family. */
    public static final IntegerConvKernels FAMILY = new IntegerConvKernels();

    /** The assumed time of a multiplication in scalar loops, nanoseconds. */
    private static final double SCALAR_NANOS = 0.5;

    private static final long MAX_ELEMENTS = 1 << 26;

    private IntegerConvKernels() {}

    private static String refuseVector(IntegerConvProblem p, Capabilities c) {
        return c.refuseVector(SCALAR_NANOS * p.planes() * p.planeMultiplyAdds());
    }

    @Override
    public KernelTable<IntegerConvProblem> table(IntegerConvProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<IntegerConvProblem> problem(Op op, KernelRequest step) {
        if (op instanceof ConvInteger conv) {
            return problem(conv.window(), conv.group(), step, 1, step.has(2) ? 2 : -1, step.has(3) ? 3 : -1, null);
        }
        QLinearConv conv = (QLinearConv) op;
        Requantisation q =
                new Requantisation(1, 4, hasSeveral(step, 4), 6, 7, step.has(8) ? 8 : -1, step.dtype(7) == DType.INT8);
        return problem(conv.window(), conv.group(), step, 3, 2, 5, q);
    }

    private static boolean hasSeveral(KernelRequest step, int input) {
        return step.inputs().get(input).shape().knownElements() > 1;
    }

    private static ProblemOrReason<IntegerConvProblem> problem(
            WindowAttributes sliding, long group, KernelRequest step, int w, int xZero, int wZero, Requantisation q) {
        long[] x = step.dims(0);
        long[] weights = step.dims(w);
        if (!step.isRowMajor() || weights[1] == 0) {
            return ProblemOrReason.none("an operand is packed, or there are no channels");
        }
        Window2d window = Window2d.of(sliding, x, Arrays.copyOfRange(weights, 2, weights.length), step.outputDims(0));
        if (window == null
                || Math.max(x[0], Math.max(x[1], weights[0])) > MAX_ELEMENTS
                || window.pixels() * weights[1] > MAX_ELEMENTS
                || window.windows() > MAX_ELEMENTS
                || window.taps() > MAX_ELEMENTS) {
            return ProblemOrReason.none(ConvKernels.NO_WINDOWS + ", or the planes or the channels are too many");
        }
        return ProblemOrReason.of(new IntegerConvProblem(
                new ConvShape(window, (int) x[0], (int) group, (int) weights[1], (int) (weights[0] / group)),
                step.dtype(0) == DType.INT8,
                xZero,
                new IntegerConvProblem.Weights(
                        w, step.dtype(w) == DType.INT8, wZero, wZero >= 0 && hasSeveral(step, wZero)),
                q,
                step.inputCount()));
    }
}

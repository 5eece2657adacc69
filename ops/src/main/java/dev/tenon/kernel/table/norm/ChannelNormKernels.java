package dev.tenon.kernel.table.norm;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.norm.ChannelNormProblem;
import dev.tenon.kernel.scalar.norm.ScalarChannelNorm;
import dev.tenon.kernel.vector.norm.VectorChannelNorm;
import dev.tenon.op.Op;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Kernels of BatchNormalization, InstanceNormalization and GroupNormalization for float32. Other element types, and training,
 * run through the reference.
 */
public final class ChannelNormKernels implements KernelFamily<ChannelNormProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ChannelNormProblem> TABLE = new KernelTable<>(
            "channelnorm",
            List.of(
                    new KernelChoice<>(
                            "channelnorm_f32_vector", ChannelNormKernels::refuseVector, p -> VectorChannelNorm.of(p)),
                    KernelChoice.fallback("channelnorm_f32_scalar", ScalarChannelNorm::new)));

    /** The family. */
    public static final ChannelNormKernels FAMILY = new ChannelNormKernels();

    /** Channels of fewer elements are left to scalar loops. */
    private static final long MIN_PIXELS = 16;

    private ChannelNormKernels() {}

    private static String refuseVector(ChannelNormProblem p, Capabilities c) {
        if (p.pixels() < MIN_PIXELS) {
            return "channels of " + p.pixels() + " elements";
        }
        return c.refuseLines((p.givenStatistics() ? 1.0 : 2.0) * p.channels() * p.pixels());
    }

    @Override
    public KernelTable<ChannelNormProblem> table(ChannelNormProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ChannelNormProblem> problem(Op op, KernelRequest step) {
        if (op instanceof InstanceNormalization norm) {
            return problem(false, 0, norm.epsilon(), step);
        }
        if (op instanceof GroupNormalization norm) {
            return problem(false, norm.numGroups(), norm.epsilon(), step);
        }
        BatchNormalization norm = (BatchNormalization) op;
        return norm.trainingMode()
                ? ProblemOrReason.none("it is in training mode")
                : problem(true, 0, norm.epsilon(), step);
    }

    /** The problem. With 0 groups each channel is a group. */
    private static ProblemOrReason<ChannelNormProblem> problem(
            boolean given, long groups, float epsilon, KernelRequest step) {
        boolean floats = step.inputs().stream().allMatch(t -> t.dtype() == DType.FLOAT32);
        long[] x = step.dims(0);
        if (!floats || !step.isRowMajor() || step.inputs().getFirst().shape().knownElements() == 0) {
            return ProblemOrReason.none("an element type is not float32, or there are no elements");
        }
        long channels = x.length == 1 ? 1 : x[1];
        long pixels = x.length == 1 ? x[0] : 1;
        for (int i = 2; i < x.length; i++) {
            pixels *= x[i];
        }
        return ProblemOrReason.of(new ChannelNormProblem(
                given,
                x.length == 1 ? 1 : x[0],
                channels,
                groups == 0 ? channels : groups,
                pixels,
                epsilon,
                step.inputCount()));
    }
}

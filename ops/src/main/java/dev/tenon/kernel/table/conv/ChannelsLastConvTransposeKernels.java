package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.conv.ChannelsLastConvTransposeProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.scalar.conv.ScalarChannelsLastConvTranspose;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.vector.conv.ConvTransposePanelLayout;
import dev.tenon.kernel.vector.conv.VectorChannelsLastConvTranspose;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Kernels of ConvTranspose for float32 with channels last. The fast one takes windows that do not overlap. */
public final class ChannelsLastConvTransposeKernels implements AnchorFamily<ChannelsLastConvTransposeProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ChannelsLastConvTransposeProblem> TABLE = new KernelTable<>(
            "convtranspose_last",
            List.of(
                    new KernelChoice<>(
                            "convtranspose_f32_last_vector",
                            (p, c) -> p.packed() ? c.refuseVector(Double.MAX_VALUE) : "the weights are not in panels",
                            (p, c) -> VectorChannelsLastConvTranspose.of(p.conv(), Tiling.of(c))),
                    new KernelChoice<>(
                            "convtranspose_f32_last_scalar",
                            (p, c) -> p.packed() ? "the weights are packed" : null,
                            p -> new ScalarChannelsLastConvTranspose(p.conv()))));

    /** The family. */
    public static final ChannelsLastConvTransposeKernels FAMILY = new ChannelsLastConvTransposeKernels();

    private static final long MAX_WEIGHTS = 1 << 24;
    private static final int MIN_RANK = 3;
    private static final int MAX_RANK = 4;

    private ChannelsLastConvTransposeKernels() {}

    private static ConvTranspose inner(Op op) {
        return (ConvTranspose) ((ChannelsLast) op).op();
    }

    @Override
    public KernelTable<ChannelsLastConvTransposeProblem> table(ChannelsLastConvTransposeProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ChannelsLastConvTransposeProblem> problem(Op op, KernelRequest step) {
        boolean packed = step.layout(1) instanceof ConvTransposePanelLayout;
        if (!packed && !step.isRowMajor()) {
            return ProblemOrReason.none("an operand is packed for another kernel");
        }
        ProblemOrReason<ConvProblem> found = ConvTransposeKernels.problem(
                inner(op),
                step,
                ChannelsLast.channelsFirst(step.dims(0)),
                ChannelsLast.channelsFirst(step.outputDims(0)));
        return found.isProblem()
                ? ProblemOrReason.of(new ChannelsLastConvTransposeProblem(found.problem(), packed))
                : ProblemOrReason.none(found.reason());
    }

    @Override
    public ProblemOrReason<ChannelsLastConvTransposeProblem> with(
            ChannelsLastConvTransposeProblem convolution, FusedBody body) {
        int bias = ConvKernels.bias(convolution.conv(), -1, body);
        ProblemOrReason<ConvProblem> fused = ConvKernels.with(convolution.conv(), bias, bias < 0 ? 0 : 1, body);
        return fused.isProblem()
                ? ProblemOrReason.of(new ChannelsLastConvTransposeProblem(fused.problem(), convolution.packed()))
                : ProblemOrReason.none(fused.reason());
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        Tensor w = step.constant(1);
        Capabilities c = step.capabilities();
        if (input != 1 || !c.vector() || w == null || !hasSeparateWindows(inner(op), w) || w.size() == 0) {
            return Layout.ROW_MAJOR;
        }
        return new ConvTransposePanelLayout(c.vectorBits() / Float.SIZE * 2);
    }

    /** Whether it is worth the layout. */
    @Override
    public String reasonAgainst(Op op, KernelRequest step) {
        return step.constant(1) != null && hasSeparateWindows(inner(op), step.constant(1))
                ? null
                : "it has several groups, or windows that are larger or smaller than its strides";
    }

    /**
     * Whether there is a fast kernel: if the windows cover the output without overlap, all channels are one group, and the
     * float32 weights are not too many to be packed.
     */
    private static boolean hasSeparateWindows(ConvTranspose op, Tensor w) {
        if (w.dtype() != DType.FLOAT32 || w.rank() < MIN_RANK || w.rank() > MAX_RANK || w.size() > MAX_WEIGHTS) {
            return false;
        }
        List<Long> sides =
                Arrays.stream(ConvTransposeKernels.spatial(w.dims())).boxed().toList();
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
}

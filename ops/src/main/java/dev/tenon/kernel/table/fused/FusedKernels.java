package dev.tenon.kernel.table.fused;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.kernel.table.elementwise.TileChainBuilder;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Kernels of {@link Fused}. Without an anchor, the loops of the body, each from the table of its operator, run over one tile after
 * the other. With an anchor, the family of the anchor applies them ({@link AnchorFamily}), or they run before and after a kernel
 * of rows ({@link FusedRows}).
 */
public final class FusedKernels implements KernelLowering<Op> {
    /** The lowering of the operator. */
    public static final FusedKernels FAMILY = new FusedKernels();

    private static final String NO_LOOP = "an operator of the body has no loop for these types and shapes";

    private FusedKernels() {}

    @Override
    public Layout constantLayout(Op operator, int input, KernelRequest step) {
        Fused op = (Fused) operator;
        if (op.anchor() == null
                || op.isRowWise()
                || input >= op.anchor().operands().size()
                || !(family(op, step) instanceof AnchorFamily<?> family)
                || family.isShared(op, input)) {
            return Layout.ROW_MAJOR;
        }
        return family.constantLayout(op.anchor().op(), input, anchorRequest(op, step, List.of()));
    }

    @Override
    public Kernel prepare(Op operator, KernelRequest step) {
        Fused op = (Fused) operator;
        List<TensorType> types = op.valueTypes(step.inputs(), step.outputs().getFirst());
        if (op.anchor() == null) {
            TileChainBuilder chain = chain(op, types, step);
            return chain == null ? null : new TileChainKernel(chain.build(false), chain.picos());
        }
        if (op.isRowWise()) {
            return FusedRows.prepare(op, types, step);
        }
        return family(op, step) instanceof AnchorFamily<?> family
                ? family.prepare(op.anchor().op(), anchorRequest(op, types, step), new FusedBody(op, types, step))
                : null;
    }

    @Override
    public List<String> refusals(Op operator, KernelRequest step) {
        Fused op = (Fused) operator;
        List<TensorType> types = op.valueTypes(step.inputs(), step.outputs().getFirst());
        if (op.anchor() == null) {
            return chain(op, types, step) == null ? List.of(NO_LOOP) : List.of();
        }
        if (op.isRowWise()) {
            return FusedRows.refusals(op, types, step);
        }
        return family(op, step) instanceof AnchorFamily<?> family
                ? refusals(family, op, types, step)
                : List.of("no kernel of " + op.anchor().op().title() + " applies other operators to its results");
    }

    private static <P> List<String> refusals(
            AnchorFamily<P> family, Fused op, List<TensorType> types, KernelRequest step) {
        KernelRequest anchor = anchorRequest(op, types, step);
        return family.refusals(family.problem(op.anchor().op(), anchor, new FusedBody(op, types, step)), anchor);
    }

    /** The chain of an operator without an anchor; null if a part has no loop. */
    private static TileChainBuilder chain(Fused op, List<TensorType> types, KernelRequest step) {
        TileChainBuilder chain = new TileChainBuilder(types, types.getLast(), op.inputs(), step.capabilities());
        chain.withConstants(FusedBody.constants(op, step));
        return step.isRowMajor() && chain.addBody(op, 0) ? chain : null;
    }

    private static KernelLowering<Op> family(Fused op, KernelRequest step) {
        return step.kernels().kernels(op.anchor().op());
    }

    private static KernelRequest anchorRequest(Fused op, List<TensorType> types, KernelRequest step) {
        return anchorRequest(op, step, Collections.singletonList(types.get(op.inputs())));
    }

    private static KernelRequest anchorRequest(Fused op, KernelRequest step, List<TensorType> outputs) {
        int count = op.anchor().operands().size();
        List<Tensor> constants = Arrays.asList(new Tensor[count]);
        for (int i = 0; i < count; i++) {
            constants.set(i, step.constant(i));
        }
        return new KernelRequest(
                step.inputs().subList(0, count),
                outputs,
                step.layouts().subList(0, count),
                constants,
                step.capabilities(),
                step.kernels());
    }
}

package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.elementwise.FusedRowKernel;
import dev.tenon.kernel.elementwise.TileChain;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Kernels of {@link Fused} operators whose anchor works on lines: the anchor's own kernel, with the loops ahead of it and
 * behind it called for a few lines at a time. Lines that a core's second cache does not hold are put together by a stage
 * of their own, which threads can share, where they are not as many as the results.
 */
final class FusedRows {
    private final Fused op;
    private final List<TensorType> types;
    private final KernelRequest step;
    private final int made;

    private FusedRows(Fused op, List<TensorType> types, KernelRequest step) {
        this.op = op;
        this.types = types;
        this.step = step;
        this.made = op.inputs() + op.prologue().size();
    }

    /**
     * The kernel of an operator.
     *
     * @param op the operator, its anchor on lines
     * @param types the types of its values
     * @param step its operands
     * @return the kernel, or null if the anchor has none on lines, or another operator has no loop
     */
    static Kernel prepare(Fused op, List<TensorType> types, KernelRequest step) {
        return new FusedRows(op, types, step).prepare();
    }

    private Kernel prepare() {
        if (!step.isRowMajor()
                || !types.get(made).equals(types.getLast())
                || !(CoreKernels.set().prepare(op.anchor().op(), anchorRequest()) instanceof RowKernel lines)) {
            return null;
        }
        int output = op.inputs();
        TensorType elements = types.get(data());
        long bytes = lines.rowLength() * Float.BYTES;
        boolean staged = !op.prologue().isEmpty()
                && lines.rowLength() != lines.resultLength()
                && !Tiling.of(step.capabilities()).planesFitL2(bytes);
        TileChainBuilder before = new TileChainBuilder(
                types.subList(0, made), elements, staged ? output + 1 : output, step.capabilities());
        List<TensorType> behindTypes = behindTypes();
        TileChainBuilder after = after(behindTypes);
        if (!op.prologue().isEmpty() && !FusedKernels.add(before, ahead(), types.subList(0, made), 0)
                || !op.body().isEmpty() && !FusedKernels.add(after, behind(), behindTypes, 0)) {
            return null;
        }
        TileChain behind = op.body().isEmpty() ? null : after.build(true);
        if (!staged) {
            TileChain ahead = op.prologue().isEmpty() ? null : before.build(true);
            return new FusedRowKernel(lines, ahead, before.picos(), behind, after.picos(), 0, output);
        }
        Kernel chain = new TileChainKernel(before.build(false), before.picos());
        FusedRowKernel rest = new FusedRowKernel(lines, null, 0, behind, after.picos(), output + 1, output);
        return StagedKernel.of(rest.id(), List.of(chain, rest), elements.shape().knownElements() * Float.BYTES);
    }

    /** The number of the value that the anchor works on. */
    private int data() {
        return op.anchor().operands().getFirst();
    }

    private KernelRequest anchorRequest() {
        List<TensorType> inputs = new ArrayList<>();
        List<Tensor> constants = new ArrayList<>();
        for (int operand : op.anchor().operands()) {
            inputs.add(operand == Fused.ABSENT ? null : types.get(operand));
            constants.add(operand == Fused.ABSENT || operand >= op.inputs() ? null : step.constant(operand));
        }
        return new KernelRequest(
                inputs,
                List.of(types.get(made)),
                Collections.nCopies(inputs.size(), Layout.ROW_MAJOR),
                constants,
                step.capabilities());
    }

    /** The prologue as an operator of its own. */
    private Fused ahead() {
        return new Fused(op.inputs(), null, op.prologue());
    }

    /** The body as an operator of its own, the anchor's result one more input. */
    private Fused behind() {
        List<Part> body = new ArrayList<>();
        for (Part part : op.body()) {
            List<Integer> operands = new ArrayList<>();
            for (int operand : part.operands()) {
                operands.add(
                        operand < op.inputs()
                                ? operand
                                : operand - op.prologue().size());
            }
            body.add(new Part(part.op(), operands));
        }
        return new Fused(op.inputs() + 1, null, body);
    }

    private List<TensorType> behindTypes() {
        List<TensorType> own = new ArrayList<>(types.subList(0, op.inputs()));
        own.addAll(types.subList(made, types.size()));
        return own;
    }

    private TileChainBuilder after(List<TensorType> own) {
        TileChainBuilder builder = new TileChainBuilder(own, types.getLast(), op.inputs(), step.capabilities());
        builder.inResult(op.inputs());
        return builder;
    }
}

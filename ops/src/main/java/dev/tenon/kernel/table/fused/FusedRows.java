package dev.tenon.kernel.table.fused;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.elementwise.FusedRowKernel;
import dev.tenon.kernel.elementwise.TileChain;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.kernel.table.elementwise.TileChainBuilder;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Kernels of {@link Fused} operators whose anchor works on rows, such as Softmax: the row kernel of the anchor, with the chains of
 * the prologue and of the body, for a few rows at a time. If a row does not fit in the second-level cache, and the anchor is a
 * reduction, the prologue is a stage of its own, whose parts several threads can run.
 */
final class FusedRows {
    private final Fused op;
    private final List<TensorType> types;
    private final KernelRequest step;
    private final int anchorValue;

    private FusedRows(Fused op, List<TensorType> types, KernelRequest step) {
        this.op = op;
        this.types = types;
        this.step = step;
        this.anchorValue = op.inputs() + op.prologue().size();
    }

    /**
     * Prepares the kernel of an operator.
     *
     * @param op the operator, whose anchor works on rows
     * @param types the types of its values
     * @param step its operands
     * @return the kernel, or null if the anchor has no row kernel, or another operator has no loop
     */
    static Kernel prepare(Fused op, List<TensorType> types, KernelRequest step) {
        return new FusedRows(op, types, step).prepare();
    }

    /** Why there is no kernel, or none that is better. */
    static List<String> refusals(Fused op, List<TensorType> types, KernelRequest step) {
        FusedRows fused = new FusedRows(op, types, step);
        if (fused.rows() == null) {
            return List.of("the anchor has no kernel that takes rows one by one");
        }
        return fused.prepare() == null
                ? List.of("an operator beside the anchor has no loop for these types and shapes")
                : step.kernels().refusals(op.anchor().op(), fused.anchorRequest());
    }

    /** The kernel of the anchor, or null if it does not take rows one by one. */
    private RowKernel rows() {
        boolean plain = step.isRowMajor() && types.get(anchorValue).equals(types.getLast());
        return plain && step.kernels().prepare(op.anchor().op(), anchorRequest()) instanceof RowKernel rows
                ? rows
                : null;
    }

    private Kernel prepare() {
        RowKernel rows = rows();
        if (rows == null) {
            return null;
        }
        int output = op.inputs();
        TensorType elements = types.get(data());
        long bytes = rows.rowLength() * Float.BYTES;
        boolean staged = !op.prologue().isEmpty()
                && rows.rowLength() != rows.resultLength()
                && !Tiling.of(step.capabilities()).planesFitL2(bytes);
        TileChainBuilder before = new TileChainBuilder(
                types.subList(0, anchorValue), elements, staged ? output + 1 : output, step.capabilities());
        TileChainBuilder after = bodyBuilder(bodyTypes());
        if (!op.prologue().isEmpty() && !before.addBody(prologue(), 0)
                || !op.body().isEmpty() && !after.addBody(body(), 0)) {
            return null;
        }
        TileChain bodyChain = op.body().isEmpty() ? null : after.build(true);
        if (!staged) {
            TileChain prologueChain = op.prologue().isEmpty() ? null : before.build(true);
            return new FusedRowKernel(rows, prologueChain, before.picos(), bodyChain, after.picos(), 0, output);
        }
        Kernel chain = new TileChainKernel(before.build(false), before.picos());
        FusedRowKernel rest = new FusedRowKernel(rows, null, 0, bodyChain, after.picos(), output + 1, output);
        return StagedKernel.of(rest.id(), List.of(chain, rest), elements.shape().knownElements() * Float.BYTES);
    }

    /** The value that the anchor works on. */
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
                List.of(types.get(anchorValue)),
                Collections.nCopies(inputs.size(), Layout.ROW_MAJOR),
                constants,
                step.capabilities(),
                step.kernels());
    }

    /** The prologue as a separate operator. */
    private Fused prologue() {
        return new Fused(op.inputs(), null, op.prologue());
    }

    /** The body as a separate operator, with the anchor's result as an additional input. */
    private Fused body() {
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

    private List<TensorType> bodyTypes() {
        List<TensorType> own = new ArrayList<>(types.subList(0, op.inputs()));
        own.addAll(types.subList(anchorValue, types.size()));
        return own;
    }

    private TileChainBuilder bodyBuilder(List<TensorType> own) {
        TileChainBuilder builder = new TileChainBuilder(own, types.getLast(), op.inputs(), step.capabilities());
        builder.readFromResult(op.inputs());
        return builder;
    }
}

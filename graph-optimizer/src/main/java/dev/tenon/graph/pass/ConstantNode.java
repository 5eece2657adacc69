package dev.tenon.graph.pass;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.kernel.BudgetedRun;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Operands;
import dev.tenon.op.cost.Cost;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Computes nodes with constant operands, by a kernel if there is much to compute, else by the reference. The work is
 * limited by {@link WorkBudget#aheadLeft} of the budget of the calling thread. A thread without a budget has the same
 * limit for each of these objects. For one thread.
 */
final class ConstantNode {
    /** With more operations a kernel computes the node, if there is one. */
    private static final long OPERATIONS_WORTH_A_KERNEL = 1 << 20;

    private static final long FREE_OPERATIONS = 1 << 16;

    /** The most bytes of the objects of one node. */
    private static final long MAX_TEXT_BYTES = 1 << 24;

    private static final long KERNEL_ALIGNMENT = 64;

    private static final WorkLimits NONE = new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "", "");

    private final KernelSet kernels;
    private final Capabilities machine;
    private final WorkBudget whole;
    private long objectBytes;

    ConstantNode(KernelSet kernels, Capabilities machine) {
        this.kernels = kernels;
        this.machine = machine;
        WorkBudget current = WorkBudget.current();
        this.whole = current != null ? current : WorkBudget.started("constant folding", NONE);
    }

    /**
     * Computes a node.
     *
     * @param node the node
     * @param values its operands, null for those left out
     * @return its results
     * @throws TenonException if the operator does not take its operands, or there is more to compute than may be
     *     computed ahead of calls; or if the budget of the thread is used up, and nothing may go on
     */
    List<Datum> of(Node node, List<Datum> values) {
        whole.look();
        // One node does not take all, and small nodes are computed in any case.
        long allowed = Math.max(FREE_OPERATIONS, whole.aheadLeft() / 2);
        long estimate = estimate(node);
        Kernel kernel = estimate > OPERATIONS_WORTH_A_KERNEL ? kernel(node, values) : null;
        long expected = kernel == null ? estimate : BudgetedRun.nanos(kernel);
        if (expected > allowed) {
            throw new ResourceLimitException(
                    node.toString(),
                    "takes about " + expected + " operations to fold",
                    allowed + " operations ahead of calls",
                    null);
        }
        WorkBudget part = whole.part(node, allowed, MAX_TEXT_BYTES);
        try {
            if (kernel == null) {
                return part.run(() -> new Operands(
                                node.op(), node.name(), values, node.outputs().size())
                        .evaluate());
            }
            part.count(expected);
            return run(node, kernel, values, part);
        } catch (TenonException e) {
            whole.look();
            throw e;
        } finally {
            objectBytes = part.objects();
            whole.countAhead(part.spent());
        }
    }

    /** The bytes of texts, and of tensors of sequences, that the last node made. */
    long objectBytes() {
        return objectBytes;
    }

    /** The operations that are known before: 0 if the shapes of results are not known or nobody counted. */
    private static long estimate(Node node) {
        List<ValueType> inputs = types(node.inputs());
        List<ValueType> outputs = types(node.outputs());
        return Cost.of(node.op(), inputs, outputs)
                .map(c -> Math.max(c.flops(), c.bytes() / Float.BYTES))
                .orElse(0L);
    }

    private static List<ValueType> types(List<Value> values) {
        List<ValueType> types = new ArrayList<>(values.size());
        for (Value v : values) {
            types.add(v == null ? null : v.type());
        }
        return types;
    }

    /** The kernel of a node whose operands are tensors and whose results have known shapes; null if there is none. */
    private Kernel kernel(Node node, List<Datum> values) {
        List<TensorType> inputs = new ArrayList<>();
        List<Tensor> constants = new ArrayList<>();
        for (Datum value : values) {
            inputs.add(value == null ? null : ((Tensor) value).type());
            constants.add((Tensor) value);
        }
        List<TensorType> outputs = new ArrayList<>();
        for (Value v : node.outputs()) {
            outputs.add(v == null ? null : v.tensorType());
        }
        if (Stream.concat(inputs.stream(), outputs.stream()).anyMatch(t -> t != null && t.dtype() == DType.STRING)) {
            return null;
        }
        KernelRequest plain = KernelRequest.of(inputs, outputs, machine);
        return kernels.prepare(node.op(), new KernelRequest(inputs, outputs, plain.layouts(), constants, machine));
    }

    private static List<Datum> run(Node node, Kernel kernel, List<Datum> values, WorkBudget part) {
        List<MemorySegment> operands = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            operands.add(values.get(i) == null ? null : operand((Tensor) values.get(i), kernel.copiesOnly(i)));
        }
        List<Tensor> results = new ArrayList<>();
        for (Value v : node.outputs()) {
            Tensor result = v == null
                    ? null
                    : Tensor.allocateNative(
                            v.tensorType().dtype(), v.tensorType().shape().toArray());
            results.add(result);
            operands.add(result == null ? null : result.segment());
        }
        if (kernel.sharedBytes() > 0) {
            operands.add(memory(kernel.sharedBytes()));
        }
        BudgetedRun.all(kernel, operands.toArray(MemorySegment[]::new), memory(kernel.scratchBytes()), part);
        List<Datum> owned = new ArrayList<>();
        for (Tensor result : results) {
            owned.add(result == null ? null : result.copy());
        }
        return owned;
    }

    private static MemorySegment operand(Tensor t, boolean copiesOnly) {
        MemorySegment own = t.segment();
        if (copiesOnly || own.isNative() && !own.isMapped() && own.address() % KERNEL_ALIGNMENT == 0) {
            return own;
        }
        Tensor copy = Tensor.allocateNative(t.dtype(), t.dims());
        copy.copyFrom(t);
        return copy.segment();
    }

    private static MemorySegment memory(long bytes) {
        return Tensor.allocateNative(DType.UINT8, bytes).segment();
    }
}

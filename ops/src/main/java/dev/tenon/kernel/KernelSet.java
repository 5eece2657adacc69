package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which operators have kernels: an immutable table from an operator's class to how its steps are prepared. An operator
 * that is not in it runs through its reference.
 */
public final class KernelSet {
    private static final KernelSet EMPTY = new KernelSet(Map.of());

    private final Map<Class<?>, OpKernels<?>> byType;

    private KernelSet(Map<Class<?>, OpKernels<?>> byType) {
        this.byType = byType;
    }

    /**
     * The set without kernels.
     *
     * @return the empty set
     */
    public static KernelSet empty() {
        return EMPTY;
    }

    /**
     * Adds the kernels of an operator, replacing those it had.
     *
     * @param <O> the operator's class
     * @param type the operator's class
     * @param kernels how its steps are prepared
     * @return the larger set
     */
    public <O extends Op> KernelSet with(Class<O> type, OpKernels<? super O> kernels) {
        Map<Class<?>, OpKernels<?>> more = new LinkedHashMap<>(byType);
        more.put(type, kernels);
        return new KernelSet(more);
    }

    /**
     * The union of two sets; where both have kernels for an operator, the other's hold.
     *
     * @param other another set
     * @return the union
     */
    public KernelSet plus(KernelSet other) {
        Map<Class<?>, OpKernels<?>> more = new LinkedHashMap<>(byType);
        more.putAll(other.byType);
        return new KernelSet(more);
    }

    /**
     * Whether an operator has kernels at all.
     *
     * @param op the operator
     * @return true if steps of it can be prepared for at least some operands
     */
    public boolean has(Op op) {
        return byType.containsKey(op.getClass());
    }

    /**
     * Whether an operator has kernels at all.
     *
     * @param type the operator's class
     * @return true if steps of it can be prepared for at least some operands
     */
    public boolean has(Class<? extends Op> type) {
        return byType.containsKey(type);
    }

    /**
     * Prepares a step.
     *
     * @param op the operator
     * @param step the operands and the machine
     * @return the kernel, or null if the operator runs through its reference
     */
    public Kernel prepare(Op op, StepRequest step) {
        OpKernels<Op> kernels = find(op);
        return kernels == null ? null : kernels.prepare(op, step);
    }

    /**
     * The layout in which a constant operand wants to lie.
     *
     * @param op the operator
     * @param input the index of an input that is constant
     * @param step the operands and the machine
     * @return the layout
     */
    public Layout constantLayout(Op op, int input, StepRequest step) {
        OpKernels<Op> kernels = find(op);
        return kernels == null ? Layout.ROW_MAJOR : kernels.constantLayout(op, input, step);
    }

    @SuppressWarnings("unchecked")
    private OpKernels<Op> find(Op op) {
        return (OpKernels<Op>) byType.get(op.getClass());
    }
}

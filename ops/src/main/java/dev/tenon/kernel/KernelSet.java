package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Maps operator classes to their kernels. An operator that is not in the set runs through its reference implementation.
 * Immutable and safe for any number of threads.
 *
 * <p>A set may be a gate to families ({@link #of}): the kernels of a family are made when one of its operators is
 * first looked up, so that a program loads the kernel tables of the families that it uses and no others.
 */
public final class KernelSet {
    private static final KernelSet EMPTY = new KernelSet(List.of());

    /** Each maps an operator's class to its lowering, or to null. Later ones win. */
    private final List<Function<Class<? extends Op>, KernelLowering<?>>> parts;

    private final Map<Class<? extends Op>, KernelLowering<?>> found = new ConcurrentHashMap<>();

    private KernelSet(List<Function<Class<? extends Op>, KernelLowering<?>>> parts) {
        this.parts = parts;
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
     * A set that is a gate to families.
     *
     * @param kernels gives the lowering of an operator's class, or null. It is asked once for each class that has kernels
     * @return a set with all that it gives
     */
    public static KernelSet of(Function<Class<? extends Op>, KernelLowering<Op>> kernels) {
        return part(kernels::apply);
    }

    /**
     * The lowering of operators that set different problems, depending on their operands.
     *
     * @param families the families, of which the first that has a kernel computes a step
     * @return the lowering of all of them
     */
    public static KernelLowering<Op> firstOf(KernelFamily<?>... families) {
        return new FirstFamily(List.of(families));
    }

    private static KernelSet part(Function<Class<? extends Op>, KernelLowering<?>> kernels) {
        return new KernelSet(List.of(kernels));
    }

    /**
     * Adds the kernels of an operator. They replace those that the operator had.
     *
     * @param <O> the operator's class
     * @param type the operator's class
     * @param kernels the operator's lowering
     * @return the larger set
     */
    public <O extends Op> KernelSet with(Class<O> type, KernelLowering<? super O> kernels) {
        return plus(part(other -> other == type ? kernels : null));
    }

    /**
     * The union of two sets. Where both have kernels for an operator, those of {@code other} win.
     *
     * @param other another set
     * @return the union
     */
    public KernelSet plus(KernelSet other) {
        if (other.parts.isEmpty()) {
            return this;
        }
        List<Function<Class<? extends Op>, KernelLowering<?>>> all = new ArrayList<>(parts);
        all.addAll(other.parts);
        return new KernelSet(all);
    }

    /**
     * Whether an operator has kernels for at least some operand types.
     *
     * @param op the operator
     * @return false if every step of the operator runs through its reference
     */
    public boolean has(Op op) {
        return has(op.getClass());
    }

    /**
     * Whether an operator has kernels for at least some operand types.
     *
     * @param type the operator's class
     * @return false if every step of the operator runs through its reference
     */
    public boolean has(Class<? extends Op> type) {
        return find(type) != null;
    }

    /**
     * Whether a graph should have an operator where others would do.
     *
     * @param type the operator's class
     * @param machine the machine
     * @return true if the operator has kernels that pay on the machine
     */
    public boolean pays(Class<? extends Op> type, Capabilities machine) {
        KernelLowering<?> kernels = find(type);
        return kernels != null && kernels.pays(machine);
    }

    /**
     * Prepares the kernel of a step.
     *
     * @param op the operator
     * @param step the operands and the machine
     * @return the kernel, or null if the operator runs through its reference
     */
    public Kernel prepare(Op op, KernelRequest step) {
        KernelLowering<Op> kernels = kernels(op);
        return kernels == null || step.isEmptyButVast() ? null : kernels.prepare(op, step.of(this));
    }

    /**
     * Why a step does not run by a better kernel, for people who read how a model runs.
     *
     * @param op the operator
     * @param step the operands and the machine
     * @return a line for each better kernel, or one that says why the step runs through its reference; empty if the step runs
     *     by the best kernel of its operator
     */
    public List<String> refusals(Op op, KernelRequest step) {
        KernelLowering<Op> kernels = kernels(op);
        if (kernels == null) {
            return List.of("there is no kernel of this operator");
        }
        return step.isEmptyButVast()
                ? List.of("an operand has no elements, and other dimensions beyond all real sizes")
                : kernels.refusals(op, step.of(this));
    }

    /**
     * Why no kernel computes an operator, as far as that is known before the shapes of a call are.
     *
     * @param op the operator
     * @param step the operands and the machine. Types may be of unknown shape, and the list of outputs may be empty
     * @return the reason; null if there is a kernel for some shapes at least
     */
    public String reasonAgainst(Op op, KernelRequest step) {
        KernelLowering<Op> kernels = kernels(op);
        return kernels == null ? "there is no kernel of " + op.title() : kernels.reasonAgainst(op, step.of(this));
    }

    /**
     * Why no kernel of an operator is a {@link RowKernel}, as far as that is known before the shapes of a call are.
     *
     * @param op the operator
     * @param step the operands and the machine. Sizes may be unknown, and the list of outputs may be empty
     * @return the reason; null if a kernel takes rows one by one
     */
    public String reasonAgainstRows(Op op, KernelRequest step) {
        KernelLowering<Op> kernels = kernels(op);
        return kernels == null ? "there is no kernel of " + op.title() : kernels.reasonAgainstRows(op, step.of(this));
    }

    /**
     * Whether kernels of {@code Fused} compute an operator as its own do, as an anchor or as a part of a body.
     *
     * @param op the operator
     * @return false if the operator must be a step of its own, so that its kernels are used
     */
    public boolean isFusible(Op op) {
        KernelLowering<Op> kernels = kernels(op);
        return kernels != null && kernels.isFusible(op);
    }

    /**
     * The lowering of an operator.
     *
     * @param op the operator
     * @return its kernels, or null if every step of the operator runs through its reference
     */
    @SuppressWarnings("unchecked")
    public KernelLowering<Op> kernels(Op op) {
        KernelLowering<Op> kernels = (KernelLowering<Op>) find(op.getClass());
        return kernels == null ? null : kernels.of(op);
    }

    /**
     * The layout in which the kernels of an operator read a constant operand fastest.
     *
     * @param op the operator
     * @param input the index of an input that is constant
     * @param step the operands and the machine
     * @return the layout
     */
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        KernelLowering<Op> kernels = kernels(op);
        return kernels == null ? Layout.ROW_MAJOR : kernels.constantLayout(op, input, step.of(this));
    }

    private KernelLowering<?> find(Class<? extends Op> type) {
        KernelLowering<?> kernels = found.get(type);
        if (kernels == null) {
            for (Function<Class<? extends Op>, KernelLowering<?>> part : parts) {
                KernelLowering<?> own = part.apply(type);
                kernels = own == null ? kernels : own;
            }
            if (kernels != null) {
                found.put(type, kernels);
            }
        }
        return kernels;
    }
}

package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Maps operator classes to their kernels. An operator that is not in the set runs through its reference implementation.
 * Immutable and safe for any number of threads.
 *
 * <p>A set may be a gate to families ({@link #byFamily}): the kernels of a family are made when one of its operators is
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
     * A set in which several operators share one lowering.
     *
     * @param operators the operators' classes
     * @param kernels the lowering of all of them
     * @return the set
     */
    public static KernelSet of(Set<Class<? extends Op>> operators, KernelLowering<Op> kernels) {
        Set<Class<? extends Op>> all = Set.copyOf(operators);
        return part(type -> all.contains(type) ? kernels : null);
    }

    /**
     * A set in which several operators share one lowering.
     *
     * @param operators whether an operator is one of them
     * @param kernels the lowering of all of them
     * @return the set
     */
    public static KernelSet of(Predicate<Class<? extends Op>> operators, KernelLowering<Op> kernels) {
        return part(type -> operators.test(type) ? kernels : null);
    }

    /**
     * The set with the kernels of one operator.
     *
     * @param <O> the operator's class
     * @param type the operator's class
     * @param kernels the operator's lowering
     * @return the set
     */
    public static <O extends Op> KernelSet only(Class<O> type, KernelLowering<? super O> kernels) {
        return EMPTY.with(type, kernels);
    }

    /**
     * A set of families, each of which is made when one of its operators is first looked up.
     *
     * @param families gives the family that may have an operator, or the empty set. It is asked once for each operator that
     *     has kernels
     * @return a set with the kernels of all families
     */
    public static KernelSet byFamily(Function<Class<? extends Op>, KernelSet> families) {
        return part(type -> families.apply(type).find(type));
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
        return kernels == null || step.isHollow() ? null : kernels.prepare(op, step);
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
        return kernels == null ? Layout.ROW_MAJOR : kernels.constantLayout(op, input, step);
    }

    @SuppressWarnings("unchecked")
    private KernelLowering<Op> kernels(Op op) {
        return (KernelLowering<Op>) find(op.getClass());
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

package dev.tenon.kernel;

import dev.tenon.op.Op;
import dev.tenon.op.OpSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Which operators have kernels: an immutable table from an operator's class to how its steps are prepared. An operator
 * that is not in it runs through its reference.
 */
public final class KernelSet {
    private static final KernelSet EMPTY = new KernelSet(List.of());

    private final List<Function<Class<?>, KernelLowering<?>>> parts;
    private final Map<Class<?>, KernelLowering<?>> found = new ConcurrentHashMap<>();

    private KernelSet(List<Function<Class<?>, KernelLowering<?>>> parts) {
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
     * The kernels of families that are looked up at the first step of each operator, so that a program loads the tables
     * of those families alone that it needs.
     *
     * @param families tells which family has the kernels of the operators of a name, without its domain
     * @return the set
     */
    public static KernelSet of(Function<String, KernelSet> families) {
        return part(type -> families.apply(type.getSimpleName()).find(type));
    }

    /**
     * The same kernels for all operators of a set whose classes have their names.
     *
     * @param operators the operators, of the main domain
     * @param kernels how their steps are prepared
     * @return the set
     */
    public static KernelSet of(OpSet operators, KernelLowering<Op> kernels) {
        return part(type -> {
            boolean known = operators
                    .find("", type.getSimpleName())
                    .filter(definition -> definition.type() == type)
                    .isPresent();
            return known ? kernels : null;
        });
    }

    private static KernelSet part(Function<Class<?>, KernelLowering<?>> kernels) {
        return new KernelSet(List.of(kernels));
    }

    /**
     * Adds the kernels of an operator, replacing those it had.
     *
     * @param <O> the operator's class
     * @param type the operator's class
     * @param kernels how its steps are prepared
     * @return the larger set
     */
    public <O extends Op> KernelSet with(Class<O> type, KernelLowering<? super O> kernels) {
        return plus(part(asked -> asked == type ? kernels : null));
    }

    /**
     * The union of two sets; where both have kernels for an operator, the other's hold.
     *
     * @param other another set
     * @return the union
     */
    public KernelSet plus(KernelSet other) {
        if (other.parts.isEmpty()) {
            return this;
        }
        List<Function<Class<?>, KernelLowering<?>>> all = new ArrayList<>(parts);
        all.addAll(other.parts);
        return new KernelSet(all);
    }

    /**
     * Whether an operator has kernels at all.
     *
     * @param op the operator
     * @return true if steps of it can be prepared for at least some operands
     */
    public boolean has(Op op) {
        return has(op.getClass());
    }

    /**
     * Whether an operator has kernels at all.
     *
     * @param type the operator's class
     * @return true if steps of it can be prepared for at least some operands
     */
    public boolean has(Class<? extends Op> type) {
        return find(type) != null;
    }

    /**
     * Prepares a step.
     *
     * @param op the operator
     * @param step the operands and the machine
     * @return the kernel, or null if the operator runs through its reference
     */
    public Kernel prepare(Op op, KernelRequest step) {
        KernelLowering<Op> kernels = kernels(op);
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
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        KernelLowering<Op> kernels = kernels(op);
        return kernels == null ? Layout.ROW_MAJOR : kernels.constantLayout(op, input, step);
    }

    @SuppressWarnings("unchecked")
    private KernelLowering<Op> kernels(Op op) {
        return (KernelLowering<Op>) find(op.getClass());
    }

    private KernelLowering<?> find(Class<?> type) {
        KernelLowering<?> kernels = found.get(type);
        if (kernels == null) {
            for (Function<Class<?>, KernelLowering<?>> part : parts) {
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

package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.op.Op;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Clip;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Kernels of the element-wise operators. Each operator has a table of its own, which is built at the operator's first
 * step. The ways to build them are in groups, each of which is made when a look-up reaches it. All tables share one
 * kernel and differ in the loop that it runs over a tile. Element types without a line in the table, such as float16,
 * run through the reference.
 */
public final class ElementwiseKernels {
    /** The number of operands of Clip, those that may be left out included. */
    static final int CLIP_OPERANDS = 3;

    /** Those that most models have come first. */
    private static final List<Group> GROUPS = List.of(
            new Group(BinaryTables::addTo),
            new Group(CastTables::addTo),
            new Group(UnaryTables::addArithmetic),
            new Group(UnaryTables::addActivations),
            new Group(LogicTables::addTo),
            new Group(UnaryTables::addScalar));

    private static final Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> TABLES = new ConcurrentHashMap<>();

    /** The operators of the family: those of package {@code dev.tenon.op.math}. */
    static final KernelSet SET = KernelSet.of(ElementwiseKernels::has, ElementwiseKernels::prepare);

    /** Ways to build the tables of some operators. */
    private static final class Group {
        private final Consumer<Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>>> lines;
        private Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>> builders;

        Group(Consumer<Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>>> lines) {
            this.lines = lines;
        }

        synchronized Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>> builders() {
            if (builders == null) {
                Map<Class<? extends Op>, Supplier<ElementwiseTableBuilder>> made = new HashMap<>();
                lines.accept(made);
                builders = Map.copyOf(made);
            }
            return builders;
        }
    }

    private ElementwiseKernels() {}

    private static Supplier<ElementwiseTableBuilder> builder(Class<? extends Op> operator) {
        for (Group group : GROUPS) {
            Supplier<ElementwiseTableBuilder> builder = group.builders().get(operator);
            if (builder != null) {
                return builder;
            }
        }
        return null;
    }

    /** Whether an operator is in the family. */
    static boolean has(Class<? extends Op> operator) {
        return builder(operator) != null;
    }

    /**
     * The operators of the family.
     *
     * @return their classes, an unmodifiable set
     */
    public static Set<Class<? extends Op>> operators() {
        Set<Class<? extends Op>> all = new HashSet<>();
        for (Group group : GROUPS) {
            all.addAll(group.builders().keySet());
        }
        return Collections.unmodifiableSet(all);
    }

    /**
     * The kernel table of an operator of the family.
     *
     * @param operator the operator's class
     * @return the table, or null if the operator is not one of {@link #operators}
     */
    public static KernelTable<ElementwiseProblem> table(Class<? extends Op> operator) {
        Supplier<ElementwiseTableBuilder> builder = builder(operator);
        return builder == null
                ? null
                : TABLES.computeIfAbsent(operator, type -> builder.get().build());
    }

    /**
     * Selects and prepares the kernel of an operator.
     *
     * @param problem the operator and its operands
     * @param capabilities what the machine can do
     * @return the kernel, or null if the operator is not in the family or has no loop for these types
     */
    static Kernel prepare(ElementwiseProblem problem, Capabilities capabilities) {
        KernelTable<ElementwiseProblem> table = table(problem.op().getClass());
        return table == null ? null : table.prepare(problem, capabilities);
    }

    private static Kernel prepare(Op op, KernelRequest step) {
        TensorType output = step.outputs().get(0);
        if (!step.isRowMajor() || output == null) {
            return null;
        }
        return prepare(
                new ElementwiseProblem(op, operands(op, step.inputs()), output, step.inputCount()),
                step.capabilities());
    }

    /** The operands whose elements are read: the first one of CastLike, always three of Clip. */
    private static List<TensorType> operands(Op op, List<TensorType> inputs) {
        if (op instanceof CastLike) {
            return inputs.subList(0, 1);
        }
        List<TensorType> all = new ArrayList<>(inputs);
        while (op instanceof Clip && all.size() < CLIP_OPERANDS) {
            all.add(null);
        }
        return all;
    }
}

package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.op.Domains;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.catalog.MathOperators;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Clip;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Kernels of the element-wise operators. Each operator has a table of its own, which is built when the operator is first
 * looked up. All tables share one kernel and differ in the loop that it runs over a tile. Element types without a line in
 * the table, such as float16, run through the reference.
 */
public final class ElementwiseKernels {
    /** The number of operands of Clip, those that may be left out included. */
    static final int CLIP_OPERANDS = 3;

    private static final Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> TABLES = new ConcurrentHashMap<>();

    /** The operators of the family: those of package {@code dev.tenon.op.math}. */
    static final KernelSet SET = KernelSet.of(ElementwiseKernels::has, ElementwiseKernels::prepare);

    private ElementwiseKernels() {}

    private static ElementwiseTableBuilder builder(String operator) {
        ElementwiseTableBuilder builder = BinaryTables.of(operator);
        builder = builder == null ? CastTables.of(operator) : builder;
        builder = builder == null ? UnaryTables.arithmetic(operator) : builder;
        builder = builder == null ? UnaryTables.activation(operator) : builder;
        builder = builder == null ? LogicTables.of(operator) : builder;
        return builder == null ? UnaryTables.scalar(operator) : builder;
    }

    /** Whether an operator is in the family. */
    static boolean has(Class<? extends Op> operator) {
        return table(operator) != null;
    }

    /**
     * The operators of the family.
     *
     * @return their classes, an unmodifiable set
     */
    public static Set<Class<? extends Op>> operators() {
        Set<Class<? extends Op>> all = new HashSet<>();
        for (OpDefinition<?> entry : MathOperators.set().definitions()) {
            if (has(entry.type())) {
                all.add(entry.type());
            }
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
        KernelTable<ElementwiseProblem> table = TABLES.get(operator);
        if (table == null && isStandard(operator)) {
            ElementwiseTableBuilder builder = builder(operator.getSimpleName());
            table = builder == null ? null : TABLES.computeIfAbsent(operator, type -> builder.build());
        }
        return table;
    }

    /** Whether a class is that of an element-wise operator of the standard, and not one of a caller with the same name. */
    private static boolean isStandard(Class<? extends Op> operator) {
        OpDefinition<?> entry =
                MathOperators.set().find(Domains.MAIN, operator.getSimpleName()).orElse(null);
        return entry != null && entry.type() == operator;
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

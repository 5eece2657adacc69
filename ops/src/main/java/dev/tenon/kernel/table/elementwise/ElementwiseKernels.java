package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.op.Domains;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.catalog.MathOperators;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Clip;
import dev.tenon.tensor.Shape;
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
public final class ElementwiseKernels implements KernelFamily<ElementwiseProblem> {
    /** The family. */
    public static final ElementwiseKernels FAMILY = new ElementwiseKernels();

    /** The number of operands of Clip, those that may be left out included. */
    static final int CLIP_OPERANDS = 3;

    private static final Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> TABLES = new ConcurrentHashMap<>();

    private ElementwiseKernels() {}

    private static ElementwiseTableBuilder builder(String operator) {
        ElementwiseTableBuilder builder = BinaryTables.of(operator);
        builder = builder == null ? CastTables.of(operator) : builder;
        builder = builder == null ? UnaryTables.arithmetic(operator) : builder;
        builder = builder == null ? UnaryTables.activation(operator) : builder;
        builder = builder == null ? LogicTables.of(operator) : builder;
        return builder == null ? UnaryTables.scalar(operator) : builder;
    }

    /**
     * Whether an operator is in the family.
     *
     * @param operator the operator's class
     * @return whether it has a table
     */
    public static boolean has(Class<? extends Op> operator) {
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
     * Chooses and prepares the kernel of an operator.
     *
     * @param problem the operator and its operands
     * @param capabilities what the machine can do
     * @return the kernel, or null if the operator is not in the family or has no loop for these types
     */
    public static Kernel prepare(ElementwiseProblem problem, Capabilities capabilities) {
        KernelTable<ElementwiseProblem> table = table(problem.op().getClass());
        return table == null ? null : table.prepare(problem, capabilities);
    }

    @Override
    public KernelTable<ElementwiseProblem> table(ElementwiseProblem problem) {
        return table(problem.op().getClass());
    }

    @Override
    public ProblemOrReason<ElementwiseProblem> problem(Op op, KernelRequest step) {
        TensorType output = step.outputs().get(0);
        if (!step.isRowMajor() || output == null) {
            return ProblemOrReason.none("an operand is packed, or nothing reads the result");
        }
        return ProblemOrReason.of(new ElementwiseProblem(op, operands(op, step.inputs()), output, step.inputCount()));
    }

    /** Whether there is a loop for the element types, for vectors or not. */
    @Override
    public boolean isFusible(Op op) {
        return true;
    }

    @Override
    public String reasonAgainst(Op op, KernelRequest step) {
        List<TensorType> types = new ArrayList<>();
        for (TensorType type : operands(op, step.inputs())) {
            types.add(type == null ? null : new TensorType(type.dtype(), Shape.of(1)));
        }
        TensorType output = new TensorType(step.outputs().getFirst().dtype(), Shape.of(1));
        ElementwiseProblem problem = new ElementwiseProblem(op, types, output, types.size());
        return table(problem).choose(problem, Capabilities.SCALAR).choice() == null
                ? "there is no loop for these element types"
                : null;
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

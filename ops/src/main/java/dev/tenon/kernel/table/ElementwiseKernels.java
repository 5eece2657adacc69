package dev.tenon.kernel.table;

import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.op.catalog.MathOperators;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Kernels of the element-wise operators. Each operator has a table of its own, so that a choice looks at few lines, and
 * made at the operator's first step, so that a program pays for those alone that it uses. All are driven by one kernel
 * and differ in their loops. What no table has, small floats and rare pairs of types among them, runs through the
 * reference.
 */
public final class ElementwiseKernels {
    private static final Map<String, KernelTable<ElementwiseProblem>> TABLES = new ConcurrentHashMap<>();

    /** The operators of the family: all of {@link MathOperators}. */
    public static final KernelSet SET = KernelSet.of(
            MathOperators.set(),
            (op, step) -> ElementwiseTable.prepare(table(op.schema().name()), op, step));

    private ElementwiseKernels() {}

    /**
     * The table of an operator of the family.
     *
     * @param op the operator's name
     * @return the table
     * @throws IllegalArgumentException if the family has no such operator
     */
    public static KernelTable<ElementwiseProblem> table(String op) {
        return TABLES.computeIfAbsent(op, ElementwiseKernels::build);
    }

    private static KernelTable<ElementwiseProblem> build(String op) {
        ElementwiseTable table = UnaryKernels.table(op);
        table = table == null ? BinaryKernels.table(op) : table;
        table = table == null ? LogicKernels.table(op) : table;
        table = table == null ? CastKernels.table(op) : table;
        if (table == null) {
            throw new IllegalArgumentException("no element-wise operator '" + op + "'");
        }
        return table.build();
    }
}

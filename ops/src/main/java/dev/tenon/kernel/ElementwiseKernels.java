package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Kernels of the element-wise operators. Each operator has a table of its own, so that a choice looks at few lines; all
 * are driven by one kernel and differ in their loops. What no table has, small floats and rare pairs of types among them,
 * runs through the reference.
 */
public final class ElementwiseKernels {
    private static final Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> TABLES = collect();

    /** The operators of the family. */
    public static final KernelSet SET = set();

    private ElementwiseKernels() {}

    /**
     * The table of each operator of the family.
     *
     * @return an unmodifiable map
     */
    public static Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables() {
        return TABLES;
    }

    private static Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> collect() {
        Map<Class<? extends Op>, KernelTable<ElementwiseProblem>> tables = new LinkedHashMap<>();
        UnaryKernels.addTo(tables);
        BinaryKernels.addTo(tables);
        LogicKernels.addTo(tables);
        CastKernels.addTo(tables);
        return Collections.unmodifiableMap(tables);
    }

    private static KernelSet set() {
        KernelSet set = KernelSet.empty();
        for (Map.Entry<Class<? extends Op>, KernelTable<ElementwiseProblem>> entry : TABLES.entrySet()) {
            KernelTable<ElementwiseProblem> table = entry.getValue();
            OpKernels<Op> kernels = (op, step) -> ElementwiseTable.prepare(table, op, step);
            set = set.with(entry.getKey(), kernels);
        }
        return set;
    }
}

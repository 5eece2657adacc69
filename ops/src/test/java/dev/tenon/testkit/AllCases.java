package dev.tenon.testkit;

import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.catalog.TensorOperators;
import dev.tenon.op.fused.FusedOperators;
import dev.tenon.op.gradient.GradientOperators;
import java.util.ArrayList;
import java.util.List;

/** The cases of every operator of this module, including the operators that the optimiser and gradients make. */
public final class AllCases {
    private static final OpSet OPERATORS =
            GradientOperators.set().plus(FusedOperators.set()).plus(TensorOperators.set());

    private AllCases() {}

    /**
     * The operators that have cases.
     *
     * @return all operators of this module
     */
    public static OpSet operators() {
        return OPERATORS;
    }

    /**
     * The cases of one operator.
     *
     * @param definition its entry
     * @return its cases
     */
    public static List<OpCase> of(OpDefinition<?> definition) {
        String name = definition.type().getName() + "Cases";
        try {
            OpCases cases = Class.forName(name)
                    .asSubclass(OpCases.class)
                    .getDeclaredConstructor()
                    .newInstance();
            List<OpCase> list = cases.cases();
            if (list.isEmpty()) {
                throw new AssertionError(name + " has no case");
            }
            return list;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("operator " + definition.schema() + " needs a class " + name, e);
        }
    }

    /**
     * The cases of all operators.
     *
     * @return all cases
     */
    public static List<OpCase> all() {
        List<OpCase> all = new ArrayList<>();
        for (OpDefinition<?> d : OPERATORS.definitions()) {
            all.addAll(of(d));
        }
        return all;
    }
}

package dev.tenon.op.gradient;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;

/** Operators that only gradients of others consist of. */
public final class GradientOperators {
    private static final OpSet SET = OpSet.byName(Domains.TENON, GradientOperators::make, "GatherGradient");

    private GradientOperators() {}

    /**
     * All operators of this package.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "GatherGradient" -> op(GatherGradient.SCHEMA, GatherGradient.class, GatherGradient::of);
            default -> null;
        };
    }
}

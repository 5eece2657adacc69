package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A value that fulfils a condition, whatever computes it. */
final class LeafPattern extends Pattern {
    private final String name;
    private final Predicate<Value> condition;

    LeafPattern(String name, Predicate<Value> condition) {
        this.name = name;
        this.condition = condition;
    }

    @Override
    boolean match(Value v, Match m, BooleanSupplier rest) {
        if (!condition.test(v)) {
            return false;
        }
        int mark = m.mark();
        if (m.bind(name, v, null) && rest.getAsBoolean()) {
            return true;
        }
        m.reset(mark);
        return false;
    }

    @Override
    List<Class<? extends Op>> roots() {
        return null;
    }
}

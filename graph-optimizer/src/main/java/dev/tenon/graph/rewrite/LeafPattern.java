package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Matches a value that fulfils a condition, whatever computes it. */
final class LeafPattern extends Pattern {
    private final String name;
    private final Predicate<Value> condition;
    private final boolean number;

    LeafPattern(String name, Predicate<Value> condition) {
        this(name, condition, false);
    }

    private LeafPattern(String name, Predicate<Value> condition, boolean number) {
        this.name = name;
        this.condition = condition;
        this.number = number;
    }

    /** Matches a constant of one number that adds no dimensions to a result of unknown rank. */
    static LeafPattern number(Predicate<Tensor> condition) {
        return new LeafPattern(null, v -> v != null && v.isConstant() && condition.test(v.constant()), true);
    }

    @Override
    boolean match(Value v, Match m, BooleanSupplier rest) {
        if (!condition.test(v) || number && mayWiden(v, m.rootValue())) {
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
    boolean rejects(Value v) {
        return !condition.test(v);
    }

    private static boolean mayWiden(Value number, Value result) {
        return number.constant().rank() > 0
                && result.tensorType() != null
                && !result.tensorType().shape().hasRank();
    }

    @Override
    Set<Class<? extends Op>> roots() {
        return Set.of();
    }

    @Override
    boolean requires(Set<Class<? extends Op>> operators) {
        return false;
    }
}

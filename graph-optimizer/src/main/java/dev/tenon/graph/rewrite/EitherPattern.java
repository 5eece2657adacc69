package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** One of several patterns. */
final class EitherPattern extends Pattern {
    private final List<Pattern> alternatives;

    EitherPattern(List<Pattern> alternatives) {
        this.alternatives = alternatives;
    }

    @Override
    boolean match(Value v, Match m, BooleanSupplier rest) {
        for (Pattern p : alternatives) {
            if (p.match(v, m, rest)) {
                return true;
            }
        }
        return false;
    }

    @Override
    List<Class<? extends Op>> roots() {
        List<Class<? extends Op>> roots = new ArrayList<>();
        for (Pattern p : alternatives) {
            List<Class<? extends Op>> its = p.roots();
            if (its == null) {
                return null;
            }
            roots.addAll(its);
        }
        return roots;
    }

    @Override
    boolean needs(Set<String> operators) {
        return alternatives.stream().allMatch(p -> p.needs(operators));
    }
}

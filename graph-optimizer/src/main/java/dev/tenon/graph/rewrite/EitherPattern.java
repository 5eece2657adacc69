package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Matches what one of several patterns matches. */
final class EitherPattern extends Pattern {
    private final List<Pattern> alternatives;
    private final Set<Class<? extends Op>> roots;

    EitherPattern(List<Pattern> alternatives) {
        this.alternatives = alternatives;
        this.roots = roots(alternatives);
    }

    private static Set<Class<? extends Op>> roots(List<Pattern> alternatives) {
        Set<Class<? extends Op>> all = new HashSet<>();
        for (Pattern p : alternatives) {
            if (p.roots().isEmpty()) {
                return Set.of();
            }
            all.addAll(p.roots());
        }
        return Set.copyOf(all);
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
    boolean rejects(Value v) {
        for (Pattern alternative : alternatives) {
            if (!alternative.rejects(v)) {
                return false;
            }
        }
        return true;
    }

    @Override
    Set<Class<? extends Op>> roots() {
        return roots;
    }

    @Override
    boolean requires(Set<Class<? extends Op>> operators) {
        return alternatives.stream().allMatch(p -> p.requires(operators));
    }
}

package dev.tenon.graph.rewrite;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Matches a sum or product of some terms and a constant, in any order and association. */
final class AssociativePattern extends Pattern {
    private static final int MAX_DEPTH = 8;
    private static final Set<Class<? extends Op>> SUMS = Set.of(Add.class, Sub.class);
    private static final Set<Class<? extends Op>> PRODUCTS = Set.of(Mul.class, Div.class);

    private final boolean product;
    private final double constant;
    private final List<Pattern> terms;

    /** The terms of a tree, and its constant. */
    private final class Terms {
        private final List<Value> leaves = new ArrayList<>();
        private double constant = product ? 1 : 0;
        private int rank;

        private void collect(Value v, Match m, int depth) {
            Node node = v.producer();
            boolean inner = depth == 0 || depth < MAX_DEPTH && node != null && m.uses(v) == 1;
            if (v.isConstant() && Constants.isUniform(v.constant())) {
                accept(v.constant(), false);
            } else if (inner && node.op().getClass() == (product ? Mul.class : Add.class)) {
                collect(node.input(0), m, depth + 1);
                collect(node.input(1), m, depth + 1);
            } else if (inner && node.op().getClass() == (product ? Div.class : Sub.class) && byNumber(node)) {
                collect(node.input(0), m, depth + 1);
                accept(node.input(1).constant(), true);
            } else {
                leaves.add(v);
            }
        }

        private boolean byNumber(Node node) {
            Value by = node.input(1);
            return by.isConstant() && Constants.isUniform(by.constant());
        }

        private void accept(Tensor t, boolean inverse) {
            double number = Constants.number(t);
            rank = Math.max(rank, t.rank());
            double c = inverse ? (product ? 1 / number : -number) : number;
            constant = product ? constant * c : constant + c;
        }
    }

    AssociativePattern(boolean product, double constant, List<Pattern> terms) {
        this.product = product;
        this.constant = constant;
        this.terms = terms;
    }

    @Override
    Set<Class<? extends Op>> roots() {
        return product ? PRODUCTS : SUMS;
    }

    @Override
    boolean requires(Set<Class<? extends Op>> operators) {
        return operators.containsAll(roots()) || terms.stream().anyMatch(p -> p.requires(operators));
    }

    @Override
    boolean match(Value v, Match m, BooleanSupplier rest) {
        if (rejects(v)) {
            return false;
        }
        Terms found = new Terms();
        found.collect(v, m, 0);
        // If the rank of the result is not known, it may be that of the constant.
        boolean widens = found.rank > 0 && !v.tensorType().shape().hasRank();
        if (found.leaves.size() != terms.size()
                || widens
                || !Constants.isNear(found.constant, constant, v.tensorType().dtype())) {
            return false;
        }
        int mark = m.mark();
        if (v != m.rootValue()) {
            m.requireOnce(v);
        }
        if (assign(0, found.leaves, new boolean[terms.size()], m, rest)) {
            return true;
        }
        m.reset(mark);
        return false;
    }

    @Override
    boolean rejects(Value v) {
        return v == null
                || v.producer() == null
                || v.tensorType() == null
                || !roots().contains(v.producer().op().getClass());
    }

    private boolean assign(int term, List<Value> leaves, boolean[] taken, Match m, BooleanSupplier rest) {
        if (term == terms.size()) {
            return rest.getAsBoolean();
        }
        for (int i = 0; i < taken.length; i++) {
            if (taken[i]) {
                continue;
            }
            taken[i] = true;
            if (terms.get(term).match(leaves.get(i), m, () -> assign(term + 1, leaves, taken, m, rest))) {
                return true;
            }
            taken[i] = false;
        }
        return false;
    }
}

package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** For each operator the way to its gradient, or the reason why it has none. Looked up by the operator's class. */
final class GradientTable {
    /** Gives the gradients of a node's operands. */
    @FunctionalInterface
    interface Rule<O extends Op> {
        void apply(O op, NodeGradient n);
    }

    /** The derivative of an element of the result by the element of the operand. */
    @FunctionalInterface
    interface Slope<O extends Op> {
        Value of(O op, NodeGradient n);
    }

    /** Computes a node by operators that have rules. */
    @FunctionalInterface
    interface Expansion<O extends Op> {
        List<Value> apply(O op, NodeFormulas n);
    }

    /** A line of the table. */
    sealed interface Line {}

    /** A rule. */
    record Derived(Rule<Op> rule) implements Line {}

    /** The operator is computed by others wherever a gradient passes. */
    record Expanded(Expansion<Op> expansion) implements Line {}

    /** The derivative is 0 wherever it exists, or the result is no real number. */
    record Constant(String reason) implements Line {}

    /** There is no rule. */
    record Missing(String reason) implements Line {}

    private static final GradientTable STANDARD = new GradientTable();

    static {
        ElementwiseGradients.addTo(STANDARD);
        ActivationGradients.addTo(STANDARD);
        ProductGradients.addTo(STANDARD);
        ConvolutionGradients.addTo(STANDARD);
        PoolGradients.addTo(STANDARD);
        NormalizationGradients.addTo(STANDARD);
        ReductionGradients.addTo(STANDARD);
        MoveGradients.addTo(STANDARD);
        IndexGradients.addTo(STANDARD);
        QuantizationGradients.addTo(STANDARD);
        AttentionGradients.addTo(STANDARD);
        LossGradients.addTo(STANDARD);
        NoGradients.addTo(STANDARD);
    }

    private final Map<Class<? extends Op>, Line> lines = new HashMap<>();
    private final Map<String, Missing> packages = new HashMap<>();

    /** The table of the operators that every model may use. */
    static GradientTable standard() {
        return STANDARD;
    }

    @SuppressWarnings("unchecked")
    <O extends Op> void rule(Class<O> type, Rule<? super O> rule) {
        put(type, new Derived((Rule<Op>) rule));
    }

    /** A rule of a function of one number. */
    <O extends Op> void slope(Class<O> type, Slope<? super O> slope) {
        this.<O>rule(type, (op, n) -> n.give(0, () -> n.mul(n.dy(), slope.of(op, n))));
    }

    @SuppressWarnings("unchecked")
    <O extends Op> void expand(Class<O> type, Expansion<? super O> expansion) {
        put(type, new Expanded((Expansion<Op>) expansion));
    }

    @SafeVarargs
    final void constant(String reason, Class<? extends Op>... types) {
        for (Class<? extends Op> type : types) {
            put(type, new Constant(reason));
        }
    }

    @SafeVarargs
    final void missing(String reason, Class<? extends Op>... types) {
        for (Class<? extends Op> type : types) {
            put(type, new Missing(reason));
        }
    }

    /** The operators of a package that have no line of their own. */
    void missing(String reason, String packageName) {
        packages.put(packageName, new Missing(reason));
    }

    private void put(Class<? extends Op> type, Line line) {
        if (lines.put(type, line) != null) {
            throw new IllegalStateException("two lines for " + type.getSimpleName());
        }
    }

    /** The line of an operator; empty if the table does not know it. */
    Optional<Line> line(Class<? extends Op> type) {
        Line line = lines.get(type);
        return Optional.ofNullable(line == null ? packages.get(type.getPackageName()) : line);
    }
}

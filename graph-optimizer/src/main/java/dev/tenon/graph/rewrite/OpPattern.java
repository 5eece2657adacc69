package dev.tenon.graph.rewrite;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Or;
import dev.tenon.op.math.Xor;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Matches an output of an operator: the first output, unless {@link #output} is called. The node must have exactly the
 * operands that there are patterns for, unless {@link #open} is called. Each method gives a new pattern.
 */
public final class OpPattern extends Pattern {
    private static final Set<Class<? extends Op>> COMMUTATIVE =
            Set.of(Add.class, Mul.class, And.class, Or.class, Xor.class, Equal.class, Max.class, Min.class);

    private final Set<Class<? extends Op>> types;
    private final List<Pattern> operands;
    private final String name;
    private final boolean once;
    private final boolean open;
    private final int output;
    private final Predicate<Node> condition;

    OpPattern(Set<Class<? extends Op>> types, List<Pattern> operands) {
        this(types, operands, null, false, false, 0, n -> true);
    }

    private OpPattern(
            Set<Class<? extends Op>> types,
            List<Pattern> operands,
            String name,
            boolean once,
            boolean open,
            int output,
            Predicate<Node> condition) {
        this.types = types;
        this.operands = operands;
        this.name = name;
        this.once = once;
        this.open = open;
        this.output = output;
        this.condition = condition;
    }

    /**
     * Binds the value and its node to a name.
     *
     * @param its the name
     * @return the pattern
     */
    public OpPattern as(String its) {
        return new OpPattern(types, operands, its, once, open, output, condition);
    }

    /**
     * Requires that only matched nodes use the value, so that its node goes away with the rewrite.
     *
     * @return the pattern
     */
    public OpPattern once() {
        return new OpPattern(types, operands, name, true, open, output, condition);
    }

    /**
     * Allows more operands than there are patterns for.
     *
     * @return the pattern
     */
    public OpPattern open() {
        return new OpPattern(types, operands, name, once, true, output, condition);
    }

    /**
     * Looks for another output than the first one. The root of a rule is always a first output.
     *
     * @param index the index of the output
     * @return the pattern
     */
    public OpPattern output(int index) {
        return new OpPattern(types, operands, name, once, open, index, condition);
    }

    /**
     * Adds a condition on the node, which is tested when its operands match.
     *
     * @param more the condition
     * @return the pattern
     */
    public OpPattern where(Predicate<Node> more) {
        return new OpPattern(types, operands, name, once, open, output, condition.and(more));
    }

    /**
     * Adds a condition on the operator, which is tested when its operands match.
     *
     * @param <O> the operator's class
     * @param type the operator's class
     * @param more the condition
     * @return the pattern
     */
    public <O extends Op> OpPattern where(Class<O> type, Predicate<O> more) {
        return where(n -> type.isInstance(n.op()) && more.test(type.cast(n.op())));
    }

    @Override
    Set<Class<? extends Op>> roots() {
        return types;
    }

    @Override
    boolean requires(Set<Class<? extends Op>> operators) {
        return operators.containsAll(types) || operands.stream().anyMatch(p -> p.requires(operators));
    }

    @Override
    boolean match(Value v, Match m, BooleanSupplier rest) {
        if (isOther(v)) {
            return false;
        }
        Node node = v.producer();
        int mark = m.mark();
        if (m.bind(name, v, node)) {
            if (once) {
                m.requireOnce(v);
            }
            if (matchOperands(0, node, false, m, rest)) {
                return true;
            }
            if (commutes(node) && matchOperands(0, node, true, m, rest)) {
                return true;
            }
        }
        m.reset(mark);
        return false;
    }

    @Override
    boolean rejects(Value v) {
        if (isOther(v)) {
            return true;
        }
        Node node = v.producer();
        return rejectsOperands(node, false) && !(commutes(node) && !rejectsOperands(node, true));
    }

    private boolean rejectsOperands(Node node, boolean swapped) {
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).rejects(node.input(swapped ? 1 - i : i))) {
                return true;
            }
        }
        return false;
    }

    /** Whether another operator computes a value, or it is another output, or there are other operands. */
    private boolean isOther(Value v) {
        return v == null
                || v.producer() == null
                || v.index() != output
                || !types.contains(v.producer().op().getClass())
                || !fits(v.producer());
    }

    private boolean commutes(Node node) {
        return operands.size() == 2 && COMMUTATIVE.contains(node.op().getClass());
    }

    private boolean fits(Node node) {
        int count = node.inputs().size();
        while (count > operands.size() && node.input(count - 1) == null) {
            count--;
        }
        return open || count <= operands.size();
    }

    private boolean matchOperands(int i, Node node, boolean swapped, Match m, BooleanSupplier rest) {
        if (i == operands.size()) {
            return condition.test(node) && rest.getAsBoolean();
        }
        Value v = node.input(swapped ? 1 - i : i);
        return operands.get(i).match(v, m, () -> matchOperands(i + 1, node, swapped, m, rest));
    }
}

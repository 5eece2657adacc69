package dev.tenon.graph.rewrite;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * One traversal of a graph, from inputs to outputs, that applies rules to each node.
 *
 * <p>Each node is copied into a draft and rewritten there before anything uses it, so that no rewrite changes the
 * operands of a node that exists. Replaced nodes stay in the draft as dead nodes, which the finished graph leaves out.
 * Uses are counted as if the nodes of the source that are not copied yet used their operands already.
 */
final class RewriteTraversal {
    private static final int MAX_DEPTH = 64;

    /** The operations that matching the rules at one node counts for. */
    private static final long WORK_PER_NODE = 1000;

    private final Graph source;
    private final RuleSet rules;
    private final RewriteTrace trace;
    private final Budget budget;
    private final GraphBuilder draft;
    private final List<Node> drafted = new ArrayList<>();
    private final Map<Value, Value> copies = new IdentityHashMap<>();
    private final UseCounts uses = new UseCounts();
    private final Map<Value, Integer> sourceUses = new IdentityHashMap<>();
    private final Map<Value, String> names = new IdentityHashMap<>();
    private boolean changed;
    private int depth;

    /** The number of rewrites that are left. */
    static final class Budget {
        private long left;

        Budget(long left) {
            this.left = left;
        }

        boolean isSpent() {
            return left <= 0;
        }
    }

    RewriteTraversal(Graph source, RuleSet rules, RewriteTrace trace, Budget budget) {
        this.source = source;
        this.rules = rules;
        this.trace = trace;
        this.budget = budget;
        this.draft = new GraphBuilder(source.name());
    }

    /** The graph after this traversal, the same object if no rule fired. */
    Graph run() {
        Set<Node> live = UseCounts.live(source.nodes(), source.outputs(), sourceUses);
        rules.prepare(operators(live));
        if (!mayChange(live)) {
            return source;
        }
        for (Value v : source.inputs()) {
            define(v, draft.input(v.name(), v.operand()));
        }
        for (Node node : source.nodes()) {
            if (live.contains(node)) {
                WorkBudget.spend(WORK_PER_NODE);
                copy(node);
            }
        }
        return changed ? finish() : source;
    }

    /** All operators, since rules that met them one by one would be indexed anew for each. */
    private static Set<Class<? extends Op>> operators(Set<Node> nodes) {
        Set<Class<? extends Op>> operators = new HashSet<>();
        for (Node node : nodes) {
            operators.add(node.op().getClass());
        }
        return operators;
    }

    /** Whether a rule matches the source as it is. If none does, nothing needs to be copied. */
    private boolean mayChange(Set<Node> live) {
        for (Node node : source.nodes()) {
            WorkBudget.spend(WORK_PER_NODE);
            if (!live.contains(node)) {
                continue;
            }
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    RewriteTraversal inner = new RewriteTraversal(body, rules, trace, budget);
                    if (inner.mayChange(UseCounts.live(body.nodes(), body.outputs(), inner.sourceUses))) {
                        return true;
                    }
                }
            }
            for (Rule rule : rules.startingAt(node.op())) {
                if (match(rule, node, v -> sourceUses.getOrDefault(v, 0)) != null) {
                    return true;
                }
            }
        }
        return false;
    }

    private void define(Value v, Value copy) {
        copies.put(v, copy);
        uses.add(copy, sourceUses.getOrDefault(v, 0));
    }

    /** The value of the draft for a value of the source, null for null. */
    private Value copyOf(Value v) {
        if (v == null) {
            return null;
        }
        Value copy = copies.get(v);
        if (copy == null) {
            copy = draft.constant(draft.unique(v.name()), v.constant());
            names.put(copy, v.name());
            define(v, copy);
        }
        return copy;
    }

    /** Copies a node into the draft and applies rules to it. */
    private void copy(Node node) {
        List<Value> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(copyOf(v));
        }
        List<String> resultNames = new ArrayList<>();
        for (Value v : node.outputs()) {
            resultNames.add(v == null ? null : draft.unique(v.name()));
        }
        Node copy = drafted(
                node.op() instanceof GraphOp
                        ? draft.add(bodiesRewritten(node.op()), node.name(), operands, resultNames)
                        : draft.addLike(node, operands, resultNames));
        for (int i = 0; i < resultNames.size(); i++) {
            Value v = node.outputs().get(i);
            if (v != null) {
                names.put(copy.outputs().get(i), v.name());
                define(v, copy.outputs().get(i));
            }
        }
        List<Value> results = rewritten(copy);
        for (int i = 0; i < Math.min(resultNames.size(), results.size()); i++) {
            Value v = node.outputs().get(i);
            Value result = results.get(i);
            if (v != null && result != null && result != copy.outputs().get(i)) {
                replace(v, copy.outputs().get(i), result);
            }
        }
        if (!results.equals(copy.outputs())) {
            uses.release(copy);
        }
        uses.releaseIdle();
    }

    /** Lets a replacement take the place of the copy of a value, and its name if it has none. */
    private void replace(Value v, Value copy, Value replacement) {
        copies.put(v, replacement);
        uses.move(copy, replacement, sourceUses.getOrDefault(v, 0));
        names.putIfAbsent(replacement, v.name());
    }

    /** An operator with rules applied to its bodies. */
    private Op bodiesRewritten(Op op) {
        if (!(op instanceof GraphOp control)) {
            return op;
        }
        List<Graph> bodies = new ArrayList<>();
        boolean any = false;
        for (Graph body : control.bodies()) {
            Graph after = new RewriteTraversal(body, rules, trace, budget).run();
            any |= after != body;
            bodies.add(after);
        }
        changed |= any;
        return any ? control.withBodies(bodies) : op;
    }

    private Node drafted(List<Value> outputs) {
        Node node = null;
        for (Value v : outputs) {
            node = v == null ? node : v.producer();
        }
        drafted.add(node);
        return node;
    }

    /** Adds a constant of a replacement. */
    Value constant(Tensor tensor) {
        return draft.constant(tensor);
    }

    /** Adds a node of a replacement and applies rules to it. */
    List<Value> emit(Op op, String nodeName, List<Value> operands, boolean[] absent) {
        List<String> resultNames = new ArrayList<>();
        for (boolean without : absent) {
            resultNames.add(without ? null : draft.unique(op.schema().name()));
            if (!without && absent.length > 1) {
                resultNames.set(resultNames.size() - 1, draft.unique(op.schema().name() + "_" + resultNames.size()));
            }
        }
        Node node = drafted(draft.add(op, nodeName, operands, resultNames));
        for (Value v : operands) {
            if (v != null) {
                uses.add(v, 1);
            }
        }
        List<Value> results = rewritten(node);
        if (!results.equals(node.outputs())) {
            uses.release(node);
        }
        return results;
    }

    /** The outputs of a node of the draft, or the values that rules put in their place. */
    private List<Value> rewritten(Node node) {
        if (depth >= MAX_DEPTH) {
            return node.outputs();
        }
        for (Rule rule : rules.startingAt(node.op())) {
            if (budget.isSpent()) {
                return node.outputs();
            }
            depth++;
            List<Value> replacement = apply(rule, node);
            depth--;
            if (replacement != null) {
                return replacement;
            }
        }
        return node.outputs();
    }

    /** The match of a rule that its guard does not refuse, or null. */
    private Match match(Rule rule, Node node, ToIntFunction<Value> counts) {
        if (node.output() == null || rule.pattern().rejects(node.output())) {
            return null;
        }
        Match match = new Match(node.output(), node, counts);
        String[] reason = new String[1];
        boolean found = rule.pattern().match(node.output(), match, () -> {
            String against = match.usedElsewhere();
            against = against != null ? against : rule.guard().reasonAgainst(match);
            reason[0] = reason[0] == null ? against : reason[0];
            return against == null;
        });
        if (!found && reason[0] != null) {
            trace.refused(rule.name(), source.name(), node, reason[0]);
        }
        return found ? match : null;
    }

    private List<Value> apply(Rule rule, Node node) {
        Match match = match(rule, node, uses::of);
        if (match == null) {
            return null;
        }
        int first = drafted.size();
        String reason;
        try {
            List<Value> replacement = rule.replacement().build(match, new Emitter(this, node.name()));
            reason = misfit(node, replacement);
            if (reason == null) {
                budget.left--;
                changed = true;
                trace.fired(rule.name(), source.name(), node);
                return replacement;
            }
        } catch (TenonException e) {
            WorkBudget.check();
            reason = e.getMessage();
        }
        for (int i = drafted.size() - 1; i >= first; i--) {
            for (Value v : drafted.get(i).outputs()) {
                if (v != null) {
                    uses.add(v, 0);
                }
            }
        }
        trace.refused(rule.name(), source.name(), node, reason);
        return null;
    }

    /** Why a replacement can't take the place of the outputs of a node, or null. */
    private String misfit(Node node, List<Value> replacement) {
        for (int i = 0; i < node.outputs().size(); i++) {
            Value before = node.outputs().get(i);
            Value after = i < replacement.size() ? replacement.get(i) : null;
            if (before == null || after == null && uses.of(before) == 0) {
                continue;
            }
            if (after == null) {
                return "%" + before.name() + " is used";
            }
            if (!fits(before.type(), after.type())) {
                return "the result would be " + after.type() + " instead of " + before.type();
            }
        }
        return null;
    }

    /** Whether a value of one type may replace a value of another type: known dimensions stay known. */
    private static boolean fits(ValueType before, ValueType after) {
        if (!(before instanceof TensorType b) || !(after instanceof TensorType a)) {
            return before.equals(after);
        }
        if (a.dtype() != b.dtype() || b.shape().hasRank() && !a.shape().hasRank()) {
            return false;
        }
        return !b.shape().hasRank() || fits(b.shape(), a.shape());
    }

    private static boolean fits(Shape before, Shape after) {
        boolean fits = before.rank() == after.rank();
        for (int i = 0; fits && i < before.rank(); i++) {
            Dim d = before.dim(i);
            fits = !d.isKnown() || d.equals(after.dim(i));
        }
        return fits;
    }

    /** The graph of the nodes of the draft on which an output depends. */
    private Graph finish() {
        List<Value> outputs = new ArrayList<>();
        for (Value v : source.outputs()) {
            outputs.add(copyOf(v));
        }
        Set<Node> live = UseCounts.live(drafted, outputs, new IdentityHashMap<>());
        GraphBuilder builder = new GraphBuilder(source.name());
        Map<Value, Value> finished = new HashMap<>();
        for (Value v : source.inputs()) {
            finished.put(copies.get(v), builder.input(v.name(), v.operand()));
        }
        for (Node node : drafted) {
            if (!live.contains(node)) {
                continue;
            }
            List<Value> operands = new ArrayList<>();
            for (Value v : node.inputs()) {
                operands.add(v == null ? null : finished(v, finished, builder));
            }
            List<String> results = resultNames(node, builder);
            List<Value> copy = builder.addLike(node, operands, results);
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) != null) {
                    finished.put(node.outputs().get(i), copy.get(i));
                }
            }
        }
        for (int i = 0; i < outputs.size(); i++) {
            builder.output(source.outputNames().get(i), finished(outputs.get(i), finished, builder));
        }
        Graph result = builder.build();
        trace.copied(source, result, v -> finished.get(copies.get(v)));
        return result;
    }

    /** A name that is free for each output of a node, null for those left out. */
    private List<String> resultNames(Node node, GraphBuilder builder) {
        List<String> results = new ArrayList<>(node.outputs().size());
        Set<String> own = HashSet.newHashSet(node.outputs().size());
        for (Value v : node.outputs()) {
            String name = v == null ? null : builder.unique(names.getOrDefault(v, v.name()));
            while (name != null && !own.add(name)) {
                name = builder.unique(name + "_");
            }
            results.add(name);
        }
        return results;
    }

    private Value finished(Value v, Map<Value, Value> finished, GraphBuilder builder) {
        Value copy = finished.get(v);
        if (copy == null) {
            copy = builder.constant(builder.unique(names.getOrDefault(v, v.name())), v.constant());
            finished.put(v, copy);
        }
        return copy;
    }
}

package dev.tenon.graph.rewrite;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.TenonException;
import dev.tenon.graph.ElementMap;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One traversal of a graph, from inputs to outputs, that applies rules to each node.
 *
 * <p>Each node is copied into a draft and rewritten there before anything uses it, so that no rewrite changes the
 * operands of a node that exists. Replaced nodes stay in the draft as dead nodes, which the finished graph leaves out.
 * Uses are counted as if the nodes of the source that are not copied yet used their operands already.
 */
final class RewriteTraversal {
    private static final int MAX_DEPTH = 64;

    private final Graph source;
    private final RuleSet rules;
    private final RewriteTrace trace;
    private final Target target;
    private final Budget budget;
    private final RuleMatching matching;
    private final GraphBuilder draft;
    /** The values of the draft for those of the source. */
    private final ElementMap<Value, Value> copies;
    /** The names that values of the draft get in the end. */
    private final ElementMap<Value, String> names;

    private final UseCounts uses;
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

    RewriteTraversal(Graph source, RuleSet rules, RewriteTrace trace, Target target, Budget budget) {
        this.source = source;
        this.rules = rules;
        this.trace = trace;
        this.target = target;
        this.budget = budget;
        this.matching = new RuleMatching(source.name(), trace, target);
        this.draft = new GraphBuilder(source.name());
        int values = source.valueCount();
        this.copies = new ElementMap<>(values);
        this.names = new ElementMap<>(values);
        this.uses = new UseCounts(values, source.nodes().size());
    }

    /** A graph after a traversal, the same object if no rule fired. */
    static Graph rewritten(Graph source, RuleSet rules, RewriteTrace trace, Target target, Budget budget) {
        // All at once, since rules that met operators one by one would be indexed anew for each.
        rules.prepare(source.uses().operators());
        // If no rule matches the source as it is, nothing needs to be copied.
        return RuleMatching.anyIn(source, rules, trace, target)
                ? new RewriteTraversal(source, rules, trace, target, budget).run()
                : source;
    }

    private Graph run() {
        for (Value v : source.inputs()) {
            define(v, draft.input(v.name(), v.operand()));
        }
        for (Node node : source.nodes()) {
            if (source.uses().isLive(node)) {
                WorkBudget.spend(RuleMatching.WORK_PER_NODE);
                copy(node);
            }
        }
        return changed ? finish() : source;
    }

    private void define(Value v, Value copy) {
        copies.put(v, copy);
        uses.add(copy, source.uses().liveCount(v));
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
        if (node.op() instanceof GraphOp) {
            draft.add(bodiesRewritten(node.op()), node.name(), operands, resultNames);
        } else {
            draft.addLike(node, operands, resultNames);
        }
        Node copy = draft.nodes().getLast();
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
        uses.move(copy, replacement, source.uses().liveCount(v));
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
            Graph after = rewritten(body, rules, trace, target, budget);
            any |= after != body;
            bodies.add(after);
        }
        changed |= any;
        return any ? control.withBodies(bodies) : op;
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
        draft.add(op, nodeName, operands, resultNames);
        Node node = draft.nodes().getLast();
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

    private List<Value> apply(Rule rule, Node node) {
        Match match = matching.match(rule, node, uses::of);
        if (match == null) {
            return null;
        }
        int first = draft.nodes().size();
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
        for (int i = draft.nodes().size() - 1; i >= first; i--) {
            for (Value v : draft.nodes().get(i).outputs()) {
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
        for (int i = 0; i < source.outputs().size(); i++) {
            draft.output(source.outputNames().get(i), copyOf(source.outputs().get(i)));
        }
        Graph drafted = draft.build();
        GraphBuilder builder = new GraphBuilder(source.name());
        ElementMap<Value, Value> finished = new ElementMap<>(drafted.valueCount());
        for (Value v : source.inputs()) {
            finished.put(copies.get(v), builder.input(v.name(), v.operand()));
        }
        for (Node node : drafted.nodes()) {
            if (!drafted.uses().isLive(node)) {
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
        for (int i = 0; i < drafted.outputs().size(); i++) {
            builder.output(
                    drafted.outputNames().get(i), finished(drafted.outputs().get(i), finished, builder));
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

    private Value finished(Value v, ElementMap<Value, Value> finished, GraphBuilder builder) {
        Value copy = finished.get(v);
        if (copy == null) {
            copy = builder.constant(builder.unique(names.getOrDefault(v, v.name())), v.constant());
            finished.put(v, copy);
        }
        return copy;
    }
}

package dev.tenon.graph;

import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a graph of the drafts that a {@link GraphEditor} has collected. */
final class EditedGraph {
    private final Graph graph;
    private final List<DraftNode> drafts;
    private final List<NewValue> newConstants;
    private final Map<Value, Tensor> replacedConstants;
    private final Map<String, ValueRef> outputs;

    private final GraphBuilder builder;
    private final Map<ValueRef, Value> built = new IdentityHashMap<>();

    /**
     * The edits that an editor has collected.
     *
     * @param graph the graph as it was given
     * @param drafts the nodes of that graph in their order, then the new ones
     * @param newConstants the constants that were added
     * @param replacedConstants the new values of constants of the graph
     * @param outputs the outputs by their names, in order
     */
    EditedGraph(
            Graph graph,
            List<DraftNode> drafts,
            List<NewValue> newConstants,
            Map<Value, Tensor> replacedConstants,
            Map<String, ValueRef> outputs) {
        this.graph = graph;
        this.drafts = drafts;
        this.newConstants = newConstants;
        this.replacedConstants = replacedConstants;
        this.outputs = outputs;
        this.builder = new GraphBuilder(graph.name());
    }

    Graph build() {
        List<DraftNode> order = order();
        for (Value v : graph.inputs()) {
            built.put(v, builder.input(v.name(), v.operand()));
        }
        constants(order);
        order.forEach(this::node);
        outputs.forEach((name, v) -> builder.output(name, built(v, "output '" + name + "'")));
        return builder.build();
    }

    private void constants(List<DraftNode> nodes) {
        Set<ValueRef> used = Collections.newSetFromMap(new IdentityHashMap<>());
        nodes.forEach(draft -> used.addAll(draft.operands()));
        used.addAll(outputs.values());
        for (Value v : graph.constants()) {
            if (used.contains(v)) {
                built.put(v, builder.constant(v.name(), replacedConstants.getOrDefault(v, v.constant())));
            }
        }
        for (NewValue v : newConstants) {
            if (used.contains(v)) {
                built.put(v, builder.constant(v.name(), v.constant()));
            }
        }
    }

    private void node(DraftNode draft) {
        List<Value> operands = new ArrayList<>();
        for (ValueRef v : draft.operands()) {
            operands.add(v == null ? null : built(v, draft.toString()));
        }
        List<String> names = new ArrayList<>();
        for (ValueRef v : draft.results()) {
            names.add(v == null ? null : v.name());
        }
        List<Value> results = draft.hasSourceOperator()
                ? builder.addLike(draft.source(), operands, names)
                : builder.add(draft.op(), draft.name(), operands, names);
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) != null) {
                built.put(draft.results().get(i), results.get(i));
            }
        }
    }

    private Value built(ValueRef v, String user) {
        Value value = built.get(v);
        if (value == null) {
            throw new InvalidGraphException(
                    user,
                    "%" + v.name() + ", whose node was removed",
                    "values that are there",
                    "replace the uses of %" + v.name() + " before its node is removed");
        }
        return value;
    }

    /** The nodes that are left, each after those that it depends on, and in the order of the drafts apart from that. */
    private List<DraftNode> order() {
        Map<ValueRef, DraftNode> producers = new IdentityHashMap<>();
        for (DraftNode draft : drafts) {
            if (!draft.isRemoved()) {
                draft.results().forEach(v -> producers.put(v, draft));
            }
        }
        List<DraftNode> order = new ArrayList<>();
        Set<DraftNode> done = Collections.newSetFromMap(new IdentityHashMap<>());
        for (DraftNode draft : drafts) {
            if (!draft.isRemoved()) {
                visit(draft, producers, done, order);
            }
        }
        return order;
    }

    /** Adds a node to an order after all that it depends on. Keeps its own stack, since chains may be long. */
    private static void visit(
            DraftNode last, Map<ValueRef, DraftNode> producers, Set<DraftNode> done, List<DraftNode> order) {
        List<DraftNode> path = new ArrayList<>(List.of(last));
        Set<DraftNode> onPath = Collections.newSetFromMap(new IdentityHashMap<>());
        while (!path.isEmpty()) {
            DraftNode draft = path.getLast();
            onPath.add(draft);
            DraftNode next = done.contains(draft) ? null : firstOpen(draft, producers, done);
            if (next == null) {
                path.removeLast();
                onPath.remove(draft);
                if (done.add(draft)) {
                    order.add(draft);
                }
            } else if (onPath.contains(next)) {
                throw new InvalidGraphException(
                        next.toString(), "a node that depends on itself", "graphs without cycles", null);
            } else {
                path.add(next);
            }
        }
    }

    /** A node that another one depends on directly and that is not in the order yet; null if there is none. */
    private static DraftNode firstOpen(DraftNode draft, Map<ValueRef, DraftNode> producers, Set<DraftNode> done) {
        for (ValueRef v : draft.operands()) {
            DraftNode producer = v == null ? null : producers.get(v);
            if (producer != null && !done.contains(producer)) {
                return producer;
            }
        }
        return null;
    }
}

package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Drops nodes and constants that no output depends on. Inputs stay. */
public final class DeadValues implements Pass {
    /** The pass. */
    public DeadValues() {}

    @Override
    public String name() {
        return "dead-values";
    }

    @Override
    public Graph apply(Graph graph) {
        Set<Value> live = Collections.newSetFromMap(new IdentityHashMap<>());
        live.addAll(graph.outputs());
        List<Node> nodes = graph.nodes();
        Set<Node> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (node.outputs().stream().anyMatch(v -> v != null && live.contains(v))) {
                kept.add(node);
                live.addAll(node.inputs());
            }
        }
        if (kept.size() == nodes.size() && live.containsAll(graph.constants())) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        for (Node node : nodes) {
            if (kept.contains(node)) {
                copy.copy(node);
            }
        }
        return copy.build();
    }
}

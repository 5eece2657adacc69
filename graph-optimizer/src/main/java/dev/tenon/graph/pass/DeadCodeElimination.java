package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Drops nodes and constants on which no output depends, in bodies of control operators too. Inputs stay. */
public final class DeadCodeElimination implements Pass {
    private static final String NAME = "dead-code-elimination";

    /** The pass. */
    public DeadCodeElimination() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        Set<Value> live = Collections.newSetFromMap(new IdentityHashMap<>());
        live.addAll(graph.outputs());
        List<Node> nodes = graph.nodes();
        Set<Node> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (isLive(node, live)) {
                kept.add(node);
                live.addAll(node.inputs());
            }
        }
        boolean changed = kept.size() < nodes.size() || !live.containsAll(graph.constants());
        if (!changed && !Bodies.hasAny(graph)) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        for (Node node : nodes) {
            if (kept.contains(node)) {
                Op op = Bodies.apply(this, node, trace);
                changed |= !op.equals(node.op());
                copy.copy(node, op);
            } else {
                trace.fired(NAME, graph.name(), node);
            }
        }
        for (Value v : graph.constants()) {
            if (!live.contains(v)) {
                trace.fired(NAME, graph.name(), v);
            }
        }
        return changed ? copy.build(trace) : graph;
    }

    private static boolean isLive(Node node, Set<Value> live) {
        for (Value v : node.outputs()) {
            if (v != null && live.contains(v)) {
                return true;
            }
        }
        return false;
    }
}

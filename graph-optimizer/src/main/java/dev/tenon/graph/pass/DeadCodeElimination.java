package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphUses;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;

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
        GraphUses uses = graph.uses();
        Bodies bodies = Bodies.after(this, graph, trace);
        boolean dead = uses.liveNodes() < graph.nodes().size() || hasDeadConstant(graph);
        if (!dead && !bodies.haveChanged()) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        for (Node node : graph.nodes()) {
            if (uses.isLive(node)) {
                copy.copy(node, bodies.op(node));
            } else {
                trace.fired(NAME, graph.name(), node);
            }
        }
        for (Value v : graph.constants()) {
            if (uses.liveCount(v) == 0) {
                trace.fired(NAME, graph.name(), v);
            }
        }
        return copy.build(trace);
    }

    private static boolean hasDeadConstant(Graph graph) {
        for (Value v : graph.constants()) {
            if (graph.uses().liveCount(v) == 0) {
                return true;
            }
        }
        return false;
    }
}

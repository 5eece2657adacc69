package dev.tenon.graph.pass;

import dev.tenon.graph.ElementMap;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.List;

/**
 * The bodies of the control operators of a graph, to which a pass was applied. A pass does this first: if no body has changed, it
 * need not copy the graph for their sake.
 */
final class Bodies {
    private final ElementMap<Node, Op> changed = new ElementMap<>(0);
    private boolean haveChanged;

    private Bodies() {}

    /** Applies a pass to all bodies of a graph. */
    static Bodies after(Pass pass, Graph graph, RewriteTrace trace) {
        Bodies bodies = new Bodies();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                bodies.apply(pass, node, control, trace);
            }
        }
        return bodies;
    }

    private void apply(Pass pass, Node node, GraphOp control, RewriteTrace trace) {
        boolean any = false;
        List<Graph> after = new ArrayList<>();
        for (Graph body : control.bodies()) {
            Graph its = pass.apply(body, trace);
            any |= its != body;
            after.add(its);
        }
        if (any) {
            changed.put(node, control.withBodies(after));
            haveChanged = true;
        }
    }

    /** Whether any body has changed. */
    boolean haveChanged() {
        return haveChanged;
    }

    /** The operator of a node of the graph, with its bodies after the pass. */
    Op op(Node node) {
        return changed.getOrDefault(node, node.op());
    }
}

package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.List;

/** Applies passes to the bodies of control operators. */
final class Bodies {
    private Bodies() {}

    /** Whether there are control operators. */
    static boolean hasAny(Graph graph) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp) {
                return true;
            }
        }
        return false;
    }

    /** The operator of a node with a pass applied to its bodies; an equal operator if no body changed. */
    static Op apply(Pass pass, Node node, RewriteTrace trace) {
        if (!(node.op() instanceof GraphOp control)) {
            return node.op();
        }
        boolean changed = false;
        List<Graph> bodies = new ArrayList<>();
        for (Graph body : control.bodies()) {
            Graph after = pass.apply(body, trace);
            changed |= after != body;
            bodies.add(after);
        }
        return changed ? control.withBodies(bodies) : control;
    }
}

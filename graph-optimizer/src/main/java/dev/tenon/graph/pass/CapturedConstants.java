package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Moves constants that bodies of control operators capture into the bodies. They are folded and packed there like any
 * other constant, and are not passed as operands at every call.
 */
public final class CapturedConstants implements Pass {
    private static final String NAME = "captured-constants";

    /** The pass. */
    public CapturedConstants() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        Bodies bodies = Bodies.after(this, graph, trace);
        if (!bodies.haveChanged() && graph.nodes().stream().noneMatch(CapturedConstants::capturesConstants)) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        for (Node node : graph.nodes()) {
            if (capturesConstants(node)) {
                trace.fired(NAME, graph.name(), node);
                sink(copy, (GraphOp) bodies.op(node), node, trace);
            } else {
                copy.copy(node, bodies.op(node));
            }
        }
        return copy.build(trace);
    }

    private static boolean capturesConstants(Node node) {
        if (!(node.op() instanceof GraphOp control)) {
            return false;
        }
        int first = node.inputs().size() - control.captured();
        return node.inputs().subList(first, node.inputs().size()).stream().anyMatch(Value::isConstant);
    }

    private static void sink(GraphCopy copy, GraphOp control, Node node, RewriteTrace trace) {
        int first = node.inputs().size() - control.captured();
        List<Value> operands = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            Value v = node.input(i);
            if (i < first || !v.isConstant()) {
                operands.add(copy.of(v));
            }
        }
        List<Graph> bodies = new ArrayList<>();
        for (Graph body : control.bodies()) {
            int formal = body.inputs().size() - control.captured();
            Map<Value, Tensor> known = new IdentityHashMap<>();
            for (int i = 0; i < control.captured(); i++) {
                known.put(body.inputs().get(formal + i), node.input(first + i).constant());
            }
            GraphCopy inside = new GraphCopy(body, known);
            body.nodes().forEach(inside::copy);
            bodies.add(inside.build(trace));
        }
        copy.copy(node, control.withBodies(bodies), operands);
    }
}

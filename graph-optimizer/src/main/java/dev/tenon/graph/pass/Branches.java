package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts the branch that is taken in the place of an {@link If} of which the condition is known, in bodies of control
 * operators too.
 */
public final class Branches implements Pass {
    /** The pass. */
    public Branches() {}

    @Override
    public String name() {
        return "branches";
    }

    @Override
    public Graph apply(Graph graph) {
        if (graph.nodes().stream().allMatch(node -> Bodies.of(node).isEmpty())) {
            return graph;
        }
        boolean changed = false;
        GraphCopy copy = new GraphCopy(graph);
        Set<String> names = null;
        for (Node node : graph.nodes()) {
            Graph branch = taken(node);
            if (branch == null) {
                Op op = Bodies.apply(this, node);
                changed |= !op.equals(node.op());
                copy.copy(node, op);
                continue;
            }
            changed = true;
            if (names == null) {
                names = namesOf(graph);
            }
            inline(copy, node, branch, names);
        }
        return changed ? copy.build() : graph;
    }

    /** The branch that a node takes whatever the inputs are; null if that is not known, or an error of the run. */
    private static Graph taken(Node node) {
        if (!(node.op() instanceof If choice) || !node.input(0).isConstant()) {
            return null;
        }
        Tensor condition = node.input(0).constant();
        if (condition.dtype() != DType.BOOL || condition.size() != 1) {
            return null;
        }
        return condition.getBoolean(0) ? choice.thenBranch() : choice.elseBranch();
    }

    private static Set<String> namesOf(Graph graph) {
        Set<String> names = new HashSet<>();
        graph.inputs().forEach(v -> names.add(v.name()));
        graph.constants().forEach(v -> names.add(v.name()));
        for (Node node : graph.nodes()) {
            for (Value v : node.outputs()) {
                if (v != null) {
                    names.add(v.name());
                }
            }
        }
        return names;
    }

    private static void inline(GraphCopy copy, Node node, Graph branch, Set<String> names) {
        Map<Value, Value> inside = new IdentityHashMap<>();
        for (int i = 0; i < branch.inputs().size(); i++) {
            inside.put(branch.inputs().get(i), copy.of(node.input(1 + i)));
        }
        for (Value v : branch.constants()) {
            inside.put(v, copy.builder().constant(free(copy, names, v.name()), v.constant()));
        }
        for (Node each : branch.nodes()) {
            List<Value> operands = new ArrayList<>();
            for (Value v : each.inputs()) {
                operands.add(v == null ? null : inside.get(v));
            }
            List<String> results = new ArrayList<>();
            for (Value v : each.outputs()) {
                results.add(v == null ? null : free(copy, names, v.name()));
            }
            List<Value> made = copy.builder().add(each.op(), each.name(), operands, results);
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) != null) {
                    inside.put(each.outputs().get(i), made.get(i));
                }
            }
        }
        for (int i = 0; i < node.outputs().size(); i++) {
            if (node.outputs().get(i) != null) {
                copy.replace(node.outputs().get(i), inside.get(branch.outputs().get(i)));
            }
        }
    }

    /** A name that neither the copy has nor the rest of the source will need. */
    private static String free(GraphCopy copy, Set<String> names, String name) {
        String candidate = copy.builder().unique(name);
        for (int i = 1; !names.add(candidate); i++) {
            candidate = copy.builder().unique(name + "." + i);
        }
        return candidate;
    }
}

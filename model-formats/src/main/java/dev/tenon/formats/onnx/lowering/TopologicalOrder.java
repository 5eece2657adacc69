package dev.tenon.formats.onnx.lowering;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Sorts the nodes of a graph so that each node follows the nodes whose outputs it uses. The standard asks for this
 * order, but not every exporter keeps it. Remembers the free names of graphs. Confined to one thread.
 */
final class TopologicalOrder {
    private final Map<GraphProto, Set<String>> free = new IdentityHashMap<>();

    /**
     * Sorts nodes. Nodes that are in order stay as they are.
     *
     * @param nodes the nodes
     * @param known whether a name is defined before the first node
     * @return the sorted nodes
     * @throws MalformedModelException if a node depends on its own output
     */
    List<NodeProto> sorted(List<NodeProto> nodes, Predicate<String> known) {
        Map<String, Integer> producers = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            for (String output : nodes.get(i).outputs()) {
                if (!output.isEmpty()) {
                    producers.putIfAbsent(output, i);
                }
            }
        }
        List<Set<String>> uses = new ArrayList<>();
        boolean ordered = true;
        for (int i = 0; i < nodes.size(); i++) {
            Set<String> names = uses(nodes.get(i));
            uses.add(names);
            for (String name : names) {
                ordered &= known.test(name) || producers.getOrDefault(name, -1) < i;
            }
        }
        return ordered ? nodes : sort(nodes, uses, producers, known);
    }

    private static List<NodeProto> sort(
            List<NodeProto> nodes, List<Set<String>> uses, Map<String, Integer> producers, Predicate<String> known) {
        int[] missing = new int[nodes.size()];
        List<List<Integer>> users = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            users.add(new ArrayList<>());
        }
        for (int i = 0; i < nodes.size(); i++) {
            for (String name : uses.get(i)) {
                Integer producer = known.test(name) ? null : producers.get(name);
                if (producer != null) {
                    missing[i]++;
                    users.get(producer).add(i);
                }
            }
        }
        ArrayDeque<Integer> ready = new ArrayDeque<>();
        for (int i = 0; i < nodes.size(); i++) {
            if (missing[i] == 0) {
                ready.add(i);
            }
        }
        List<NodeProto> order = new ArrayList<>();
        while (!ready.isEmpty()) {
            int i = ready.poll();
            order.add(nodes.get(i));
            for (int user : users.get(i)) {
                if (--missing[user] == 0) {
                    ready.add(user);
                }
            }
        }
        if (order.size() < nodes.size()) {
            for (int i = 0; i < nodes.size(); i++) {
                if (missing[i] > 0) {
                    throw new MalformedModelException(
                            "node '" + nodes.get(i).name() + "' ("
                                    + nodes.get(i).opType() + ")",
                            "it depends on its own output",
                            "a graph without cycles",
                            null);
                }
            }
        }
        return order;
    }

    private Set<String> uses(NodeProto node) {
        Set<String> names = new LinkedHashSet<>();
        for (String input : node.inputs()) {
            if (!input.isEmpty()) {
                names.add(input);
            }
        }
        for (AttributeProto a : node.attributes()) {
            if (a.value() instanceof AttributeValue.GraphValue g) {
                names.addAll(freeNames(g.graph()));
            }
        }
        return names;
    }

    /** The free names of a graph: those that it uses and does not define, in the order of their first use. */
    Set<String> freeNames(GraphProto graph) {
        Set<String> known = free.get(graph);
        if (known == null) {
            known = findFreeNames(graph);
            free.put(graph, known);
        }
        return known;
    }

    private Set<String> findFreeNames(GraphProto graph) {
        Set<String> defined = new HashSet<>();
        graph.inputs().forEach(v -> defined.add(v.name()));
        graph.initializers().forEach(t -> defined.add(t.name()));
        graph.sparseInitializers().forEach(t -> defined.add(t.values().name()));
        graph.nodes().forEach(n -> defined.addAll(n.outputs()));
        defined.add("");
        Set<String> names = new LinkedHashSet<>();
        for (NodeProto node : graph.nodes()) {
            names.addAll(uses(node));
        }
        graph.outputs().forEach(v -> names.add(v.name()));
        names.removeIf(defined::contains);
        return names;
    }
}

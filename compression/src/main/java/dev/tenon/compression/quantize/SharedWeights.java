package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import java.util.List;
import java.util.Map;

/** Weights that several nodes use. They are stored as integers once, if all these nodes are layers that can take them. */
final class SharedWeights {
    private SharedWeights() {}

    /**
     * Leaves out layers whose weights are used in float, too.
     *
     * @param graph the graph
     * @param candidates the layers, by their nodes; those that must stay in float are removed
     * @param reasons receives the reason, by the names of layers
     */
    static void exclude(Graph graph, Map<Node, LinearLayer> candidates, Map<String, String> reasons) {
        GraphIndex index = new GraphIndex(graph);
        List<LinearLayer> shared =
                candidates.values().stream().filter(LinearLayer::isShared).toList();
        List<LinearLayer> unfit =
                shared.stream().filter(layer -> !fits(layer, candidates, index)).toList();
        for (LinearLayer layer : unfit) {
            candidates.remove(layer.node());
            reasons.put(layer.name(), "its weights are used in float as well");
        }
    }

    private static boolean fits(LinearLayer layer, Map<Node, LinearLayer> candidates, GraphIndex index) {
        return !index.isOutput(layer.weight())
                && index.consumers(layer.weight()).stream().allMatch(user -> {
                    LinearLayer other = candidates.get(user);
                    return other != null
                            && other.weight() == layer.weight()
                            && other.outputAxis() == layer.outputAxis()
                            && other.groups() == layer.groups()
                            && other.input() != layer.weight();
                });
    }
}

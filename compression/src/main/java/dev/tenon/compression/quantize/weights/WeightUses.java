package dev.tenon.compression.quantize.weights;

import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of a graph that can be quantised, with the nodes that use them. A weight that another node uses as well
 * stays as it is: it would be stored twice.
 */
final class WeightUses {
    /** The layers that use each weight along an axis, in the order of the graph. */
    private final Map<Use, List<LinearLayer>> layers = new LinkedHashMap<>();

    /** The nodes that gather rows of each table, in the order of the graph. */
    private final Map<Value, List<Node>> gathers = new LinkedHashMap<>();

    /** A weight, and the axis of its outputs. */
    private record Use(Value weight, int axis) {
        static Use of(LinearLayer layer) {
            return new Use(layer.weight(), layer.outputAxis());
        }
    }

    private WeightUses() {}

    /**
     * Finds the weights, and reports the layers that are left as they are.
     *
     * @param graph the graph
     * @param filter the nodes that may be changed
     * @param isConvolution whether weights of convolutions can be quantised
     * @param technique the technique, for reports
     * @param context receives the reports
     * @return the weights
     */
    static WeightUses of(
            Graph graph, LayerFilter filter, boolean isConvolution, String technique, StepContext context) {
        WeightUses uses = new WeightUses();
        Set<Node> angles = angles(graph);
        GraphIndex index = new GraphIndex(graph);
        Map<Value, Integer> accepted = new LinkedHashMap<>();
        List<LinearLayer> all = LinearLayer.of(graph);
        for (LinearLayer layer : all) {
            String reason = reason(layer, filter, isConvolution);
            if (reason == null) {
                accepted.merge(layer.weight(), 1, Integer::sum);
            } else {
                context.report(LayerReport.kept(layer.name(), technique, reason));
            }
        }
        for (Node node : graph.nodes()) {
            if (isTable(node) && filter.accepts(node) && angles.contains(node)) {
                context.report(LayerReport.kept(LinearLayer.name(node), technique, "a table of angles of positions"));
            } else if (isTable(node) && filter.accepts(node)) {
                accepted.merge(node.input(0), 1, Integer::sum);
            }
        }
        accepted.keySet()
                .removeIf(weight ->
                        index.isOutput(weight) || index.consumers(weight).size() > accepted.get(weight));
        for (LinearLayer layer : all) {
            if (reason(layer, filter, isConvolution) != null) {
                continue;
            }
            if (accepted.containsKey(layer.weight())) {
                uses.layers
                        .computeIfAbsent(Use.of(layer), w -> new ArrayList<>())
                        .add(layer);
            } else {
                context.report(LayerReport.kept(layer.name(), technique, "something else uses its weights too"));
            }
        }
        for (Node node : graph.nodes()) {
            boolean isWeight = isTable(node) && filter.accepts(node) && !angles.contains(node);
            if (isWeight && accepted.containsKey(node.input(0))) {
                uses.gathers
                        .computeIfAbsent(node.input(0), w -> new ArrayList<>())
                        .add(node);
            }
        }
        return uses;
    }

    /** The nodes that compute angles by which heads are rotated: rounded ones would spoil the order of all tokens. */
    private static Set<Node> angles(Graph graph) {
        List<Value> open = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof RotaryEmbedding) {
                open.addAll(node.inputs().subList(1, 3));
            }
        }
        Set<Node> angles = Collections.newSetFromMap(new IdentityHashMap<>());
        while (!open.isEmpty()) {
            Value v = open.removeLast();
            if (v != null && v.producer() != null && angles.add(v.producer())) {
                open.addAll(v.producer().inputs());
            }
        }
        return angles;
    }

    private static String reason(LinearLayer layer, LayerFilter filter, boolean isConvolution) {
        if (!filter.accepts(layer.node())) {
            return "excluded";
        }
        if (layer.node().op() instanceof Conv && !isConvolution) {
            return "no operator has a convolution with weights in blocks";
        }
        return layer.node().op() instanceof Gemm gemm && gemm.transA() && !isConvolution
                ? "its first operand is transposed"
                : null;
    }

    /** Whether a node gathers rows of a constant float32 matrix. */
    private static boolean isTable(Node node) {
        if (!(node.op() instanceof Gather gather)) {
            return false;
        }
        Value table = node.input(0);
        return table.isConstant()
                && table.constant().dtype() == DType.FLOAT32
                && table.constant().rank() == 2
                && table.constant().size() > 0
                && (gather.axis() == 0 || gather.axis() == -2)
                && node.input(1).tensorType() != null
                && node.input(1).tensorType().shape().hasRank();
    }

    /** {@return the layers in groups that use one weight in the same way, in the order of the graph} */
    List<List<LinearLayer>> layers() {
        return List.copyOf(layers.values());
    }

    /** {@return the nodes that gather rows of each table, in the order of the graph} */
    Map<Value, List<Node>> gathers() {
        return gathers;
    }
}

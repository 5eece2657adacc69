package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.quantize.Operators.Kind;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.Conv;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes of a graph are quantised, and which values get a pair of QuantizeLinear and DequantizeLinear. The rules:
 *
 * <ul>
 *   <li>Products and convolutions are quantised. Their operands get a pair.
 *   <li>A convolution rounds its result, too, since ONNX Runtime has no integer convolution with a result in float. Relu, Clip
 *       and Min directly after it come first. Products leave their result in float unless all that use it are quantised.
 *   <li>Arithmetic and moves of numbers are quantised where the operands are integers already, and all that use the results
 *       are quantised. Elsewhere they would add an error and save nothing.
 *   <li>A move gives its result the scale of its operand.
 * </ul>
 */
final class Placement {
    private final Graph graph;
    private final GraphIndex index;
    private final Map<Node, Kind> quantized = new IdentityHashMap<>();
    private final Set<Value> paired = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * Decides for a graph.
     *
     * @param graph the graph
     * @param layers the layers that may be quantised, by their nodes
     * @param excluded the names of nodes that stay in float
     */
    Placement(Graph graph, Map<Node, LinearLayer> layers, Set<String> excluded) {
        this.graph = graph;
        this.index = new GraphIndex(graph);
        for (Node node : graph.nodes()) {
            Kind kind = Operators.kind(node, layers);
            if (kind != Kind.FLOAT && !excluded.contains(LinearLayer.name(node))) {
                quantized.put(node, kind);
            }
        }
        List<Node> misplaced;
        do {
            misplaced = graph.nodes().stream().filter(this::isOutOfPlace).toList();
            misplaced.forEach(quantized::remove);
        } while (!misplaced.isEmpty());
        for (Node node : graph.nodes()) {
            if (quantized.containsKey(node)) {
                paired.addAll(operands(node));
                node.outputs().stream()
                        .filter(v -> v != null && isAlwaysPaired(v))
                        .forEach(v -> paired.add(end(v)));
            }
        }
    }

    /** Whether a node must not be quantised as long as its neighbours are as they are. */
    private boolean isOutOfPlace(Node node) {
        Kind kind = quantized.get(node);
        if (kind != Kind.MOVE && kind != Kind.ARITHMETIC) {
            return false;
        }
        if (!operands(node).stream().allMatch(this::isInteger)) {
            return true;
        }
        for (Value v : node.outputs()) {
            if (v != null && !isUsedAsInteger(v)) {
                return true;
            }
        }
        return false;
    }

    /** Whether all that use a value are quantised. A bound counts as what uses its result. */
    private boolean isUsedAsInteger(Value v) {
        if (index.isOutput(v) || index.consumers(v).isEmpty()) {
            return false;
        }
        for (Node user : index.consumers(v)) {
            boolean isQuantized = Operators.isBound(user)
                    ? isUsedAsInteger(user.output())
                    : quantized.containsKey(user) && operands(user).contains(v);
            if (!isQuantized) {
                return false;
            }
        }
        return true;
    }

    /** Whether the node that computes a value, or that computes what bounds make into the value, rounds its result. */
    private boolean isInteger(Value v) {
        Value source = v;
        while (source.producer() != null
                && Operators.isBound(source.producer())
                && end(source.producer().input(0)) == end(v)) {
            source = source.producer().input(0);
        }
        return isAlwaysPaired(source);
    }

    /** Whether a value is the result of a quantised node that rounds it. */
    private boolean isAlwaysPaired(Value v) {
        Kind kind = v.producer() == null ? null : quantized.get(v.producer());
        return kind == Kind.MOVE
                || kind == Kind.ARITHMETIC
                || kind == Kind.LINEAR && v.producer().op() instanceof Conv;
    }

    /** The value after the bounds that follow a value directly and alone. */
    Value end(Value v) {
        Value end = v;
        while (index.consumers(end).size() == 1
                && !index.isOutput(end)
                && Operators.isBound(index.consumers(end).getFirst())) {
            end = index.consumers(end).getFirst().output();
        }
        return end;
    }

    /** The bounds that make a value, nearest to their source first, where nothing else uses the values between them. */
    List<Node> bounds(Value v) {
        List<Node> bounds = new ArrayList<>();
        Value at = v;
        while (at.producer() != null
                && Operators.isBound(at.producer())
                && index.consumers(at.producer().input(0)).size() == 1
                && !index.isOutput(at.producer().input(0))) {
            bounds.addFirst(at.producer());
            at = at.producer().input(0);
        }
        return bounds;
    }

    /** The computed operands that a quantised node takes as integers. */
    List<Value> operands(Node node) {
        return switch (quantized.get(node)) {
            case LINEAR, MOVE -> List.of(node.input(0));
            default -> node.inputs();
        };
    }

    /** {@return the index of the graph} */
    GraphIndex index() {
        return index;
    }

    /** How a node is quantised; null if it stays in float. */
    Kind kind(Node node) {
        return quantized.get(node);
    }

    /** Whether everything that uses a value gets it rounded: the node that computes it gives integers. */
    boolean isRounded(Value v) {
        return paired.contains(v) && isInteger(v);
    }

    /** The users of a value that take it as integers, in the order of the graph. */
    List<Node> users(Value v) {
        return index.consumers(v).stream()
                .filter(user -> quantized.containsKey(user) && operands(user).contains(v))
                .toList();
    }

    /** {@return the values that get a pair, in the order of the graph} */
    List<Value> paired() {
        List<Value> values = new ArrayList<>();
        graph.inputs().stream().filter(paired::contains).forEach(values::add);
        for (Node node : graph.nodes()) {
            node.outputs().stream().filter(v -> v != null && paired.contains(v)).forEach(values::add);
        }
        return values;
    }

    /** The value whose scale a paired value has: that before all quantised moves. */
    Value scaleSource(Value v) {
        Value source = v;
        while (source.producer() != null && quantized.get(source.producer()) == Kind.MOVE) {
            source = source.producer().input(0);
        }
        return source;
    }
}

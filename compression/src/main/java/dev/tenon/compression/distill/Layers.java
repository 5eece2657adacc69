package dev.tenon.compression.distill;

import dev.tenon.compression.CompressionException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Size;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The layers of a graph that follow one another. A cut is a value that all paths of data from an input to the first output pass; where
 * only a shape depends on a value, that is no path. Between two cuts is a segment. Layers are the longest run of equal groups of
 * segments.
 */
final class Layers {
    private static final int MOST_NAMED = 12;
    private static final int MOST_ELEMENTS = 16;

    /** The most segments of a layer. */
    private static final int MOST_PERIOD = 512;

    private final Graph graph;
    private final List<Value> cuts;
    private final List<Segment> segments;

    /**
     * The nodes between two cuts, on paths of data.
     *
     * @param nodes the nodes in order
     * @param text operators with their attributes, operands and types: equal for equal segments
     */
    private record Segment(List<Node> nodes, String text) {
        boolean hasWeights() {
            return nodes.stream()
                    .anyMatch(n -> n.op() instanceof MatMul || n.op() instanceof Gemm || n.op() instanceof Conv);
        }

        @Override
        public String toString() {
            return nodes.stream().map(n -> n.op().schema().name()).collect(Collectors.joining(" "));
        }
    }

    /**
     * Equal groups of segments that follow one another.
     *
     * @param start the first segment
     * @param period the segments of a group
     * @param groups how many groups there are
     */
    private record Run(int start, int period, int groups) {}

    /** The paths of data from an input to an output. */
    private static final class Paths {
        private final Graph graph;
        private final Value input;
        private final Set<Value> values = Collections.newSetFromMap(new IdentityHashMap<>());
        private final List<Node> nodes = new ArrayList<>();
        private final Map<Value, Integer> lastUse = new IdentityHashMap<>();
        private final List<Value> cuts = new ArrayList<>();
        private final List<Segment> segments = new ArrayList<>();

        Paths(Graph graph, Value input) {
            this.graph = graph;
            this.input = input;
            Set<Value> needed = needed();
            values.add(input);
            for (Node node : graph.nodes()) {
                boolean isOn = !isShape(node) && node.inputs().stream().anyMatch(this::has);
                if (isOn && node.outputs().stream().anyMatch(needed::contains)) {
                    node.inputs().stream().filter(this::has).forEach(v -> lastUse.put(v, nodes.size()));
                    node.outputs().stream()
                            .filter(v -> v != null && needed.contains(v))
                            .forEach(values::add);
                    nodes.add(node);
                }
            }
        }

        private boolean has(Value v) {
            return v != null && values.contains(v);
        }

        private static boolean isShape(Node node) {
            return node.op() instanceof Shape || node.op() instanceof Size;
        }

        private Set<Value> needed() {
            Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
            needed.add(graph.outputs().getFirst());
            for (Node node : graph.nodes().reversed()) {
                if (!isShape(node) && node.outputs().stream().anyMatch(needed::contains)) {
                    needed.addAll(node.inputs());
                }
            }
            return needed;
        }

        /** A value is a cut if, once it is made, no path needs a value that was made before it. */
        Paths divided() {
            cuts.add(input);
            int open = lastUse.getOrDefault(input, 0);
            int begin = 0;
            for (int i = 0; i < nodes.size(); i++) {
                List<Value> made =
                        nodes.get(i).outputs().stream().filter(this::has).toList();
                boolean isCut = open <= i && made.size() == 1;
                for (Value v : made) {
                    open = Math.max(open, lastUse.getOrDefault(v, 0));
                }
                if (isCut) {
                    segments.add(segment(nodes.subList(begin, i + 1), cuts.getLast()));
                    cuts.add(made.getFirst());
                    begin = i + 1;
                }
            }
            return this;
        }

        private Segment segment(List<Node> own, Value from) {
            Map<Value, String> names = new IdentityHashMap<>();
            names.put(from, "in");
            StringBuilder text = new StringBuilder(type(from));
            for (Node node : own) {
                text.append('\n')
                        .append(node.op().schema().name())
                        .append(node.op().attributes());
                for (Value v : node.inputs()) {
                    text.append(' ').append(v == null ? "none" : names.getOrDefault(v, side(v)));
                }
                for (Value v : node.outputs()) {
                    if (v != null) {
                        names.put(v, "v" + names.size());
                        text.append(' ').append(type(v));
                    }
                }
            }
            return new Segment(List.copyOf(own), text.toString());
        }

        /** A value that comes from beside the path: a constant by its type, one of whole numbers by its elements. */
        private static String side(Value v) {
            Tensor t = v.constant();
            return t != null && t.dtype() == DType.INT64 && t.size() <= MOST_ELEMENTS
                    ? t.rank() + Arrays.toString(t.toLongArray())
                    : (v.isConstant() ? "constant " : "side ") + type(v);
        }

        /** A type without the names of dimensions that are not known, of which each node makes its own. */
        private static String type(Value v) {
            if (!(v.type() instanceof TensorType t) || !t.shape().hasRank()) {
                return v.type().toString();
            }
            return t.dtype()
                    + t.shape().dims().stream()
                            .map(d -> d.isKnown() ? d.toString() : "?")
                            .collect(Collectors.joining(",", "[", "]"));
        }
    }

    Layers(Graph graph) {
        this.graph = graph;
        Paths most = null;
        for (Value input : graph.inputs()) {
            Paths paths = new Paths(graph, input).divided();
            most = most == null || paths.cuts.size() > most.cuts.size() ? paths : most;
        }
        this.cuts = most == null ? List.of() : most.cuts;
        this.segments = most == null ? List.of() : most.segments;
    }

    /** The graph with the first of each n layers. */
    Graph keepingEvery(int n) {
        Run run = longest();
        GraphEditor editor = new GraphEditor(graph);
        for (int layer = run.groups() - 1; layer > 0; layer--) {
            if (layer % n != 0) {
                int at = run.start() + layer * run.period();
                editor.replaceUses(cuts.get(at + run.period()), cuts.get(at));
            }
        }
        return new DeadCodeElimination().apply(editor.build());
    }

    /** The run with weights of the most nodes; of those the one with the smallest groups, and of those the last. */
    private Run longest() {
        Map<String, Integer> known = new HashMap<>();
        int[] kinds = new int[segments.size()];
        int[] nodes = new int[segments.size() + 1];
        int[] weighted = new int[segments.size() + 1];
        for (int i = 0; i < kinds.length; i++) {
            Segment segment = segments.get(i);
            kinds[i] = known.computeIfAbsent(segment.text(), text -> known.size());
            nodes[i + 1] = nodes[i] + segment.nodes().size();
            weighted[i + 1] = weighted[i] + (segment.hasWeights() ? 1 : 0);
        }
        Run best = null;
        int most = 0;
        for (int period = 1; period <= Math.min(MOST_PERIOD, segments.size() / 2); period++) {
            int equal = 0;
            for (int start = segments.size() - period - 1; start >= 0; start--) {
                equal = kinds[start] == kinds[start + period] ? equal + 1 : 0;
                int groups = equal / period + 1;
                int end = start + groups * period;
                if (groups > 1 && weighted[end] > weighted[start] && nodes[end] - nodes[start] > most) {
                    most = nodes[end] - nodes[start];
                    best = new Run(start, period, groups);
                }
            }
        }
        if (best == null) {
            throw new CompressionException(
                    "layers of graph '" + graph.name() + "'",
                    "no equal segments that follow one another, but " + segments.size() + ": "
                            + segments.subList(0, Math.min(MOST_NAMED, segments.size())),
                    "layers of the same operators and shapes",
                    "cut channels, or give a student of its own");
        }
        return best;
    }
}

package dev.tenon.compression.quantize;

import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.graph.pass.ConstantFolding;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.pass.Rewriting;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings a graph into the form that is quantised: constants are computed, and what can be folded into weights is folded, so
 * that no rounding lies between a layer and its normalisation.
 */
final class GraphPreparation {
    private static final Set<String> RULES = Set.of(
            "identity",
            "dropout",
            "view-none",
            "fold-batch-normalization",
            "fold-scale",
            "fold-divisor",
            "fold-shift",
            "fold-subtrahend",
            "fold-scale-biased",
            "fold-gemm-factors",
            "fold-pad",
            "fold-pad-product");

    private static final Set<Class<? extends Op>> AFFINE =
            Set.of(BatchNormalization.class, Mul.class, Div.class, Add.class, Sub.class);

    private GraphPreparation() {}

    /**
     * The graph with everything folded that can be. A layer that something is folded into keeps its name. A graph with bodies
     * stays as it is: bodies are not quantised, and would only grow.
     */
    static Graph apply(Graph graph) {
        if (graph.nodes().stream().anyMatch(node -> node.op() instanceof GraphOp)) {
            return graph;
        }
        Pipeline pipeline = new Pipeline(List.of(
                new ConstantFolding(),
                new DeadCodeElimination(),
                new Rewriting("folding", StandardRules.FLOATS.rules().where(rule -> RULES.contains(rule.name())))));
        return pipeline.simplify(named(graph), RewriteTrace.none());
    }

    /** Gives nodes that may be folded into a layer the name of the layer, since a folded layer takes their names. */
    private static Graph named(Graph graph) {
        GraphEditor editor = new GraphEditor(graph);
        Map<Value, ValueRef> renamed = new IdentityHashMap<>();
        for (Node node : graph.nodes()) {
            if (!(node.op() instanceof Conv || node.op() instanceof Gemm || node.op() instanceof MatMul)) {
                continue;
            }
            String name = LinearLayer.name(node);
            if (node.name().isEmpty()) {
                rename(editor, node, name, renamed);
            }
            Value v = node.output();
            while (v != null
                    && editor.index().consumers(v).size() == 1
                    && !editor.index().isOutput(v)) {
                Node next = editor.index().consumers(v).getFirst();
                if (!AFFINE.contains(next.op().getClass()) || next.outputs().size() != 1 || !hasConstant(next)) {
                    break;
                }
                rename(editor, next, name, renamed);
                v = next.output();
            }
        }
        return editor.build();
    }

    private static boolean hasConstant(Node node) {
        return node.inputs().stream().filter(v -> v != null && v.isConstant()).count()
                == node.inputs().size() - 1;
    }

    private static void rename(GraphEditor editor, Node node, String name, Map<Value, ValueRef> renamed) {
        List<ValueRef> operands = new ArrayList<>();
        node.inputs().forEach(v -> operands.add(renamed.getOrDefault(v, v)));
        List<NewValue> results = editor.add(node.op(), name, operands, List.of(""));
        editor.replaceNode(node, results);
        renamed.put(node.output(), results.getFirst());
    }

    /** The names of layers and products of a graph that a filter leaves out. */
    static Set<String> excluded(Graph graph, LayerFilter filter) {
        filter.check(graph);
        Set<String> names = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (!filter.accepts(node)) {
                names.add(LinearLayer.name(node));
            }
        }
        return names;
    }
}

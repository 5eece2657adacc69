package dev.tenon.compression.floats;

import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.math.Cast;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Stores weights in 16 bits. A Cast makes float32 of them before they are used, so the model computes in float32.
 * Constants of fewer than 32 elements stay as they are, and so do weights with finite numbers that the type does not
 * reach. Immutable.
 */
public final class StoredWeights implements Step {
    /** Smaller constants save less than the node costs that they need. */
    static final int LEAST = 32;

    private final DType type;
    private final LayerFilter filter;

    /** A step for a type of 16 bits. */
    StoredWeights(DType type) {
        this(type, LayerFilter.all());
    }

    private StoredWeights(DType type, LayerFilter filter) {
        this.type = type;
        this.filter = filter;
    }

    /**
     * Which nodes may have other weights. A weight that a node uses which is left out stays as it is.
     *
     * @param layers the filter; all if this is not called
     * @return the changed copy
     */
    public StoredWeights layers(LayerFilter layers) {
        return new StoredWeights(type, layers);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(filter.leaving(names)));
    }

    @Override
    public String name() {
        return type == DType.BFLOAT16 ? "bfloat16" : "float16-weights";
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        Graph graph = model.graph();
        filter.check(graph);
        context.progress(name(), 0);
        return model.withGraph(stored(graph, context));
    }

    /** Stores the weights of a graph and of the bodies of its operators. */
    private Graph stored(Graph graph, StepContext context) {
        GraphEditor editor = new GraphEditor(graph);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control && filter.accepts(node)) {
                for (int i = 0; i < control.bodies().size(); i++) {
                    editor.replaceBody(node, i, stored(control.bodies().get(i), context));
                }
            }
        }
        for (Value weight : graph.constants()) {
            List<Node> nodes = editor.index().consumers(weight);
            if (weight.constant().dtype() != DType.FLOAT32
                    || weight.constant().size() < LEAST
                    || nodes.isEmpty()
                    || editor.index().isOutput(weight)) {
                continue;
            }
            String reason = nodes.stream().allMatch(filter::accepts)
                    ? HalfTensor.overflows(weight.constant(), type) ? "a weight exceeds the range" : ""
                    : "excluded";
            for (Node node : nodes) {
                if (!reason.isEmpty()) {
                    context.report(LayerReport.kept(LinearLayer.name(node), name(), reason));
                }
            }
            if (reason.isEmpty()) {
                store(editor, weight, nodes, context);
            }
        }
        return editor.build();
    }

    private void store(GraphEditor editor, Value weight, List<Node> nodes, StepContext context) {
        HalfTensor half = HalfTensor.of(weight.constant(), type);
        String name = weight.name() + "_" + type.text();
        ValueRef stored = editor.index().findValue(name).isPresent()
                ? editor.constant(half.tensor())
                : editor.constant(name, half.tensor());
        ValueRef real = editor.add(new Cast(DType.FLOAT32), stored);
        editor.replaceUses(weight, real, nodes);
        for (Node node : new ArrayList<>(nodes)) {
            context.report(report(LinearLayer.name(node), name(), weight, half));
        }
    }

    /** The report of a layer whose weights have 16 bits. */
    static LayerReport report(String layer, String technique, Value weight, HalfTensor half) {
        long zeros = 0;
        for (long i = 0; i < half.tensor().size(); i++) {
            zeros += half.tensor().getFloat(i) == 0 ? 1 : 0;
        }
        return new LayerReport(
                layer,
                technique,
                Short.SIZE,
                (double) zeros / weight.constant().size(),
                OptionalDouble.of(half.decibels()),
                false,
                half.flushed() == 0 ? "" : half.flushed() + " weights became 0");
    }
}

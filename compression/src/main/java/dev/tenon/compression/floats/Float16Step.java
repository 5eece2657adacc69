package dev.tenon.compression.floats;

import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.math.Cast;
import dev.tenon.tensor.DType;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lets a model compute in float16. Inputs and outputs stay float32. Nodes stay float32 whose operators do not take
 * float16, or need exact numbers, or whose values may exceed 65504; the reports say why. With samples, values that
 * exceed it for a sample are found too. Between nodes of different types there is a Cast. Immutable.
 *
 * <p>The result is meant for runtimes and processors that compute in float16. Sessions of this library compute its nodes
 * in float32 and round to float16 only where the model asks for float16 outputs, so accuracy that they measure is at
 * least that of a processor that rounds after every node. {@link Float16#weights} gives the same bytes.
 */
public final class Float16Step implements Step {
    static final Float16Step STANDARD = new Float16Step(LayerFilter.all());

    private final LayerFilter filter;

    private Float16Step(LayerFilter filter) {
        this.filter = filter;
    }

    /**
     * Which nodes may compute in float16.
     *
     * @param layers the filter; all if this is not called
     * @return the changed copy
     */
    public Float16Step layers(LayerFilter layers) {
        return new Float16Step(layers);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(filter.leaving(names)));
    }

    @Override
    public String name() {
        return "float16";
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public Model apply(Model model, StepContext context) {
        Graph graph = model.graph();
        filter.check(graph);
        Set<String> beyond = Ranges.beyond(model, context);
        context.progress(name(), 0.5);
        return model.withGraph(converted(graph, beyond, context));
    }

    /** Converts a graph and the bodies of its operators, whose inputs and outputs stay. */
    private Graph converted(Graph graph, Set<String> beyond, StepContext context) {
        PrecisionPlan plan = new PrecisionPlan(graph, filter, beyond);
        Edit edit = new Edit(graph, plan, context);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control && filter.accepts(node)) {
                for (int i = 0; i < control.bodies().size(); i++) {
                    edit.editor.replaceBody(node, i, converted(control.bodies().get(i), Set.of(), context));
                }
                edit.store(node);
            }
        }
        return withoutUnused(edit.edited());
    }

    /** The change of one graph. */
    private static final class Edit {
        private final Graph graph;
        private final PrecisionPlan plan;
        private final StepContext context;
        private final GraphEditor editor;
        private final Map<Value, HalfTensor> halves = new IdentityHashMap<>();
        private final Map<Value, ValueRef> constants = new IdentityHashMap<>();
        private final Map<Value, ValueRef> casts = new IdentityHashMap<>();

        Edit(Graph graph, PrecisionPlan plan, StepContext context) {
            this.graph = graph;
            this.plan = plan;
            this.context = context;
            this.editor = new GraphEditor(graph);
        }

        Graph edited() {
            plan.retargeted().forEach(node -> editor.replaceOperator(node, new Cast(DType.FLOAT16)));
            for (Node node : graph.nodes()) {
                for (int i = 0; i < node.inputs().size(); i++) {
                    if (PrecisionPlan.isFloat32(node.input(i))) {
                        operand(node, i);
                    }
                }
                report(node);
            }
            for (int i = 0; i < graph.outputs().size(); i++) {
                if (plan.isHalf(graph.outputs().get(i))) {
                    editor.replaceOutput(
                            graph.outputNames().get(i), cast(graph.outputs().get(i)));
                }
            }
            return editor.build();
        }

        /** Lets a node get large constants as float16, through a Cast to float32. */
        void store(Node node) {
            for (int i = 0; i < node.inputs().size(); i++) {
                Value v = node.input(i);
                if (PrecisionPlan.isFloat32(v)
                        && v.isConstant()
                        && v.constant().size() >= StoredWeights.LEAST
                        && !HalfTensor.overflows(v.constant(), DType.FLOAT16)) {
                    ValueRef stored = constant(v);
                    editor.replaceOperand(
                            node, i, casts.computeIfAbsent(v, key -> editor.add(new Cast(DType.FLOAT32), stored)));
                }
            }
        }

        private void operand(Node node, int i) {
            Value v = node.input(i);
            PrecisionPlan.Wish wish = plan.wish(node, i);
            boolean isHalf = plan.isHalf(v);
            if (wish == PrecisionPlan.Wish.EITHER || isHalf == (wish == PrecisionPlan.Wish.HALF)) {
                return;
            }
            editor.replaceOperand(node, i, v.isConstant() ? constant(v) : cast(v));
        }

        private ValueRef constant(Value v) {
            return constants.computeIfAbsent(v, key -> {
                HalfTensor half = HalfTensor.of(v.constant(), DType.FLOAT16);
                halves.put(v, half);
                String name = v.name() + "_f16";
                return editor.index().findValue(name).isPresent()
                        ? editor.constant(half.tensor())
                        : editor.constant(name, half.tensor());
            });
        }

        /** A value in its other type. A value that a Cast has made of float16 goes back to that. */
        private ValueRef cast(Value v) {
            if (!plan.isHalf(v)
                    && v.producer() != null
                    && v.producer().op() instanceof Cast
                    && v.producer().input(0).tensorType().dtype() == DType.FLOAT16) {
                return v.producer().input(0);
            }
            return casts.computeIfAbsent(
                    v, key -> editor.add(new Cast(plan.isHalf(v) ? DType.FLOAT32 : DType.FLOAT16), v));
        }

        private void report(Node node) {
            String reason = plan.full().getOrDefault(node, "");
            if (!reason.isEmpty()) {
                context.report(LayerReport.kept(LinearLayer.name(node), "float16", reason));
                return;
            }
            for (Value v : node.inputs()) {
                HalfTensor half = v == null ? null : halves.get(v);
                if (half != null && v.constant().size() > 1 && !plan.full().containsKey(node)) {
                    context.report(StoredWeights.report(LinearLayer.name(node), "float16", v, half));
                }
            }
        }
    }

    /** A graph without Casts that nothing uses. */
    private static Graph withoutUnused(Graph graph) {
        GraphIndex index = new GraphIndex(graph);
        List<Node> unused = index.nodes(node -> node.op() instanceof Cast
                && index.consumers(node.output()).isEmpty()
                && !index.isOutput(node.output()));
        GraphEditor editor = new GraphEditor(graph);
        unused.forEach(editor::remove);
        return editor.build();
    }
}

package dev.tenon.graph.gradient;

import dev.tenon.graph.ElementMap;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Composite;
import dev.tenon.op.fused.Composition;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A copy of a graph, ready for gradients. It knows which values change with the wanted inputs, the active ones. Operators
 * that are expanded, and those that stand for several others, are replaced by operators with rules, if they are active and
 * the loss depends on them.
 */
final class ForwardPass {
    private final GradientTable table = GradientTable.standard();
    private final GraphCopy copy;
    private final String prefix;
    private final Set<Value> active = Collections.newSetFromMap(new IdentityHashMap<>());

    private ForwardPass(Graph source, List<Value> wanted) {
        this.copy = new GraphCopy(source);
        this.prefix = freePrefix(source);
        wanted.forEach(v -> active.add(copy.of(v)));
    }

    /**
     * Copies a graph.
     *
     * @param source the graph
     * @param loss the value that gradients start from
     * @param wanted inputs of the graph
     * @return the copy
     */
    static ForwardPass of(Graph source, Value loss, List<Value> wanted) {
        ForwardPass pass = new ForwardPass(source, wanted);
        ElementMap<Value, Boolean> needed = needed(source, loss);
        for (Node node : source.nodes()) {
            boolean leads = node.outputs().stream().anyMatch(v -> v != null && needed.get(v) != null);
            if (leads) {
                pass.add(node);
            } else {
                pass.copy.copy(node);
            }
        }
        source.outputs().forEach(pass.copy::of);
        return pass;
    }

    /** The values that the loss depends on. */
    private static ElementMap<Value, Boolean> needed(Graph graph, Value loss) {
        ElementMap<Value, Boolean> needed = new ElementMap<>(graph.valueCount());
        needed.put(loss, true);
        for (Node node : graph.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(v -> v != null && needed.get(v) != null)) {
                node.inputs().stream().filter(v -> v != null).forEach(v -> needed.put(v, true));
            }
        }
        return needed;
    }

    /** The start of a name that no value of a graph has. */
    private static String freePrefix(Graph graph) {
        Set<String> names = new HashSet<>();
        graph.forEachValue(v -> names.add(v.name()));
        String prefix = "gradient/";
        while (hasStart(names, prefix)) {
            prefix = "of/" + prefix;
        }
        return prefix;
    }

    private static boolean hasStart(Set<String> names, String prefix) {
        return names.stream().anyMatch(name -> name.startsWith(prefix));
    }

    GraphBuilder builder() {
        return copy.builder();
    }

    /** The copy of a value. */
    Value of(Value v) {
        return copy.of(v);
    }

    boolean isActive(Value v) {
        return active.contains(v);
    }

    /** Adds operators of the backward part: they are not expanded. */
    Formulas.Sink backward(String node) {
        return new Nodes(node) {
            @Override
            public List<Value> add(Op op, List<Value> operands, int results) {
                return insert(op, node, operands, results);
            }
        };
    }

    /** Adds operators of the forward part: they may be expanded in turn. */
    private Formulas.Sink forward(String node) {
        return new Nodes(node) {
            @Override
            public List<Value> add(Op op, List<Value> operands, int results) {
                List<Value> expanded = expansion(op, node, operands, results);
                return expanded != null ? expanded : activated(op, operands, insert(op, node, operands, results));
            }
        };
    }

    private void add(Node node) {
        List<Value> operands = copy.operands(node);
        List<Value> expanded =
                expansion(node.op(), node.name(), operands, node.outputs().size());
        if (expanded == null) {
            activated(node.op(), operands, copy.copy(node));
            return;
        }
        for (int i = 0; i < node.outputs().size(); i++) {
            if (node.outputs().get(i) != null) {
                copy.replace(node.outputs().get(i), expanded.get(i));
            }
        }
    }

    private List<Value> insert(Op op, String node, List<Value> operands, int results) {
        List<String> names = new ArrayList<>();
        String base = prefix + op.schema().name();
        names.add(builder().unique(base));
        for (int i = 1; i < results; i++) {
            names.add(builder().unique(names.getFirst() + "/" + i));
        }
        return builder().add(op, node, operands, names);
    }

    /** The results of the operators that an operator stands for; null if it stays. */
    private List<Value> expansion(Op op, String node, List<Value> operands, int results) {
        if (operands.stream().noneMatch(active::contains)) {
            return null;
        }
        return switch (table.line(op.getClass()).orElse(null)) {
            case GradientTable.Expanded line ->
                line.expansion().apply(op, new NodeFormulas(forward(node), op, node, operands, results));
            case null -> op instanceof Composite composite ? steps(composite, node, operands, results) : null;
            default -> null;
        };
    }

    private List<Value> steps(Composite composite, String node, List<Value> operands, int results) {
        List<ValueType> types = new ArrayList<>();
        operands.forEach(v -> types.add(v == null ? null : v.type()));
        Composition parts = composite.composition(types, results);
        Formulas.Sink sink = forward(node);
        List<Value> values = new ArrayList<>(operands);
        while (values.size() < parts.inputs()) {
            values.add(null);
        }
        parts.constants().forEach(constant -> values.add(sink.constant(constant)));
        for (Composition.Step step : parts.steps()) {
            List<Value> own = new ArrayList<>();
            step.operands().forEach(i -> own.add(i == Fused.ABSENT ? null : values.get(i)));
            values.addAll(sink.add(step.op(), own, step.outputs()));
        }
        return parts.results().stream().map(values::get).toList();
    }

    /**
     * Marks the results of a node that are active. Whole numbers are only where they stand for floats: after QuantizeLinear,
     * up to DequantizeLinear.
     */
    private List<Value> activated(Op op, List<Value> operands, List<Value> results) {
        boolean follows = operands.stream().anyMatch(active::contains)
                && !(table.line(op.getClass()).orElse(null) instanceof GradientTable.Constant);
        for (Value v : results) {
            if (v == null || !follows) {
                continue;
            }
            // Sequences have no gradients: they are active so that the operator that reads them is refused.
            boolean real =
                    v.tensorType() == null || v.tensorType().dtype().isFloating() || op instanceof QuantizeLinear;
            if (real || operands.stream().anyMatch(this::isQuantized)) {
                active.add(v);
            }
        }
        return results;
    }

    /** Whether a value is active, and of whole numbers. */
    boolean isQuantized(Value v) {
        return active.contains(v)
                && v.tensorType() != null
                && !v.tensorType().dtype().isFloating();
    }

    /** The operators of one node. */
    private abstract class Nodes implements Formulas.Sink {
        final String node;

        Nodes(String node) {
            this.node = node;
        }

        @Override
        public Value constant(Tensor tensor) {
            return builder().constant(builder().unique(prefix + "const"), tensor);
        }
    }
}

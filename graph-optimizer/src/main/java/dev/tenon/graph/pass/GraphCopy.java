package dev.tenon.graph.pass;

import dev.tenon.graph.ElementMap;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies a graph node by node, with changes on the way: the tool for passes. To make a few changes to a graph, {@link
 * dev.tenon.graph.GraphEditor} is simpler. Confined to one thread.
 */
public final class GraphCopy {
    private final Graph source;
    private final GraphBuilder builder;
    private final ElementMap<Value, Value> copies;
    /** The names of the source's values, once something new is named. */
    private Set<String> names;
    /** For each base of a made-up name the number from which on to look for a free one. */
    private final Map<String, Integer> suffixes = new HashMap<>();

    /**
     * A copy that has the inputs of a graph, and nothing else yet. A constant is copied when it is first used.
     *
     * @param source the graph to copy
     */
    public GraphCopy(Graph source) {
        this.source = source;
        this.copies = new ElementMap<>(source.valueCount());
        this.builder = new GraphBuilder(source.name());
        for (Value v : source.inputs()) {
            copies.put(v, builder.input(v.name(), v.operand()));
        }
    }

    /**
     * A copy in which constants replace some of the inputs of a graph.
     *
     * @param source the graph to copy
     * @param known the constants by the inputs that they replace, null for inputs that stay
     */
    GraphCopy(Graph source, Map<Value, Tensor> known) {
        this.source = source;
        this.copies = new ElementMap<>(source.valueCount());
        this.builder = new GraphBuilder(source.name());
        for (Value v : source.inputs()) {
            Tensor constant = known.get(v);
            copies.put(
                    v, constant == null ? builder.input(v.name(), v.operand()) : builder.constant(v.name(), constant));
        }
    }

    /**
     * A graph for inputs of more precise types.
     *
     * @param source the graph
     * @param types a type for each of its inputs
     * @return the same nodes, with types inferred from these inputs
     */
    public static Graph of(Graph source, List<ValueType> types) {
        GraphBuilder builder = new GraphBuilder(source.name());
        GraphCopy copy = new GraphCopy(source, builder);
        for (int i = 0; i < types.size(); i++) {
            Value v = source.inputs().get(i);
            copy.copies.put(v, builder.input(v.name(), types.get(i)));
        }
        source.nodes().forEach(copy::copy);
        return copy.build();
    }

    private GraphCopy(Graph source, GraphBuilder builder) {
        this.source = source;
        this.copies = new ElementMap<>(source.valueCount());
        this.builder = builder;
    }

    /**
     * The builder of the copy.
     *
     * @return the builder
     */
    public GraphBuilder builder() {
        return builder;
    }

    /**
     * A graph whose inputs have other names.
     *
     * @param source the graph
     * @param names the new names of inputs by those that they have; other inputs keep theirs
     * @return the graph
     * @throws dev.tenon.graph.InvalidGraphException if two values would have one name
     */
    public static Graph renamingInputs(Graph source, Map<String, String> names) {
        GraphBuilder builder = new GraphBuilder(source.name());
        GraphCopy copy = new GraphCopy(source, builder);
        for (Value v : source.inputs()) {
            copy.copies.put(v, builder.input(names.getOrDefault(v.name(), v.name()), v.operand()));
        }
        source.nodes().forEach(copy::copy);
        return copy.build();
    }

    /**
     * A name for a value that the source does not have.
     *
     * @param base the start of the name
     * @return a name that no value of the source or of the copy has
     */
    String fresh(String base) {
        if (names == null) {
            names = new HashSet<>();
            source.forEachValue(v -> names.add(v.name()));
        }
        String name = builder.unique(base);
        int i = suffixes.getOrDefault(base, 1);
        for (; names.contains(name); i++) {
            name = builder.unique(base + "_" + i);
        }
        suffixes.put(base, Math.max(1, i - 1));
        return name;
    }

    /**
     * Adds a constant that the source does not have, under a name that is made up for it.
     *
     * @param constant its value
     * @return the constant
     */
    Value constant(Tensor constant) {
        return builder.constant(fresh("const"), constant);
    }

    /**
     * The copy of a value.
     *
     * @param v a value of the source, or null
     * @return its copy, or null
     */
    public Value of(Value v) {
        if (v == null) {
            return null;
        }
        Value copy = copies.get(v);
        if (copy == null && v.isConstant()) {
            copy = builder.constant(v.name(), v.constant());
            copies.put(v, copy);
        }
        return copy;
    }

    /** The copy of a value, null if it has none; unlike {@link #of} it does not copy constants. */
    Value find(Value v) {
        return copies.get(v);
    }

    /**
     * The copies of a node's operands.
     *
     * @param node a node of the source
     * @return a copy for each operand, null for those left out
     */
    public List<Value> operands(Node node) {
        List<Value> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(of(v));
        }
        return operands;
    }

    /**
     * Copies a node.
     *
     * @param node a node of the source whose operands are copied already
     * @return the copy's outputs
     */
    public List<Value> copy(Node node) {
        return copy(node, node.op());
    }

    /**
     * Copies a node with another operator.
     *
     * @param node a node of the source whose operands are copied already
     * @param op the operator of the copy
     * @return the copy's outputs
     */
    public List<Value> copy(Node node, Op op) {
        return copy(node, op, operands(node));
    }

    /**
     * Copies a node with another operator and other operands.
     *
     * @param node a node of the source
     * @param op the operator of the copy
     * @param operands its operands, values of the copy
     * @return the copy's outputs
     */
    // Types need not be inferred again for the same operator.
    @SuppressWarnings("ReferenceEquality")
    List<Value> copy(Node node, Op op, List<Value> operands) {
        List<String> names = new ArrayList<>();
        for (Value v : node.outputs()) {
            names.add(v == null ? null : v.name());
        }
        List<Value> outputs = op == node.op()
                ? builder.addLike(node, operands, names)
                : builder.add(op, node.name(), operands, names);
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i) != null) {
                copies.put(node.outputs().get(i), outputs.get(i));
            }
        }
        return outputs;
    }

    /**
     * Lets a value of the copy take the place of a value of the source.
     *
     * @param v a value of the source
     * @param replacement a value of the copy
     */
    public void replace(Value v, Value replacement) {
        copies.put(v, replacement);
    }

    /**
     * Lets a constant take the place of a value of the source, under the same name.
     *
     * @param v a value of the source
     * @param constant its value
     */
    public void replace(Value v, Tensor constant) {
        copies.put(v, builder.constant(v.name(), constant));
    }

    /**
     * The finished copy, with the source's outputs, in the place of the source.
     *
     * @param trace is told which values of the copy stand for values of the source
     * @return the graph
     */
    Graph build(RewriteTrace trace) {
        Graph result = build();
        trace.copied(source, result, this::find);
        return result;
    }

    /**
     * The finished copy, with the source's outputs.
     *
     * @return the graph
     */
    public Graph build() {
        for (int i = 0; i < source.outputs().size(); i++) {
            builder.output(source.outputNames().get(i), of(source.outputs().get(i)));
        }
        return builder.build();
    }
}

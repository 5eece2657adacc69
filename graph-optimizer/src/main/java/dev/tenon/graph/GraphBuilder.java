package dev.tenon.graph;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds a {@link Graph} node by node, and infers and checks types with each node, so that a graph is always well
 * typed. A value can only be used after it exists, so a graph is always acyclic. Confined to one thread.
 */
public final class GraphBuilder {
    /** The operations that adding a node counts for, and those of each operand and each result. */
    private static final long WORK_PER_NODE = 1000;

    private static final long WORK_PER_VALUE = 200;

    private final String name;
    private final Symbols symbols;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> constants = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final List<String> outputNames = new ArrayList<>();
    private final Set<String> namesOfOutputs = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Integer> suffixes = new HashMap<>();
    /** All values, by their numbers. */
    private final List<Value> values = new ArrayList<>();

    /**
     * An empty graph.
     *
     * @param name its name, may be empty
     */
    public GraphBuilder(String name) {
        this(name, new Symbols());
    }

    private GraphBuilder(String name, Symbols symbols) {
        this.name = name;
        this.symbols = symbols;
    }

    /**
     * A builder for the body of an operator of this graph, whose fresh symbols differ from this graph's.
     *
     * @param bodyName the body's name
     * @return an empty builder
     */
    public GraphBuilder body(String bodyName) {
        return new GraphBuilder(bodyName, symbols);
    }

    /**
     * A dimension that is only known at run time.
     *
     * @return a symbol that occurs nowhere else in this graph and its bodies
     */
    public Dim freshDim() {
        return symbols.fresh();
    }

    /**
     * Adds an input.
     *
     * @param inputName its name, unique in this graph
     * @param type its type
     * @return the value
     * @throws InvalidGraphException if the name is taken
     */
    public Value input(String inputName, ValueType type) {
        return input(inputName, new InferContext.Operand(type));
    }

    /**
     * Adds an input whose elements are known as symbolic dimensions.
     *
     * @param inputName its name, unique in this graph
     * @param operand its type and symbolic elements
     * @return the value
     * @throws InvalidGraphException if the name is taken
     */
    public Value input(String inputName, InferContext.Operand operand) {
        symbols.avoid(operand);
        Value v = new Value(claim(inputName), operand.type(), null, operand.symbolic(), null, 0, values.size());
        inputs.add(v);
        values.add(v);
        return v;
    }

    /**
     * Adds a constant.
     *
     * @param constantName its name, unique in this graph
     * @param tensor its value, which must not change from now on
     * @return the value
     * @throws InvalidGraphException if the name is taken
     */
    public Value constant(String constantName, Tensor tensor) {
        Value v = new Value(claim(constantName), tensor.type(), tensor, null, null, 0, values.size());
        constants.add(v);
        values.add(v);
        return v;
    }

    /**
     * Adds a constant under a name that is made up for it.
     *
     * @param tensor its value, which must not change from now on
     * @return the value
     */
    public Value constant(Tensor tensor) {
        return constant(unique("const"), tensor);
    }

    /**
     * Adds a node.
     *
     * @param op the operator
     * @param nodeName the node's name, for messages; may be empty
     * @param operands the operands in order, null for those left out
     * @param resultNames a name for each output, unique in this graph; null or empty for outputs left out
     * @return a value for each output, null for those left out
     * @throws InvalidOperandException if the operands do not fit the operator
     * @throws InvalidGraphException if a name is taken or an operand belongs to another graph
     */
    public List<Value> add(Op op, String nodeName, List<Value> operands, List<String> resultNames) {
        WorkBudget.spend(WORK_PER_NODE + WORK_PER_VALUE * (operands.size() + resultNames.size()));
        List<InferContext.Operand> known = new ArrayList<>(operands.size());
        for (Value v : operands) {
            checkOwn(v, nodeName);
            known.add(v == null ? null : v.operand());
        }
        InferContext c = new InferContext(op, nodeName, known, resultNames.size(), this::freshDim);
        op.schema().check(c);
        List<ValueType> types = op.infer(c);
        if (types.size() < resultNames.size()) {
            throw c.error(resultNames.size() + " outputs", "at most " + types.size(), null);
        }
        Node node = new Node(nodeName, op, operands, nodes.size());
        List<Value> results = new ArrayList<>(resultNames.size());
        for (int i = 0; i < resultNames.size(); i++) {
            String result = resultNames.get(i);
            if (result == null || result.isEmpty()) {
                results.add(null);
                continue;
            }
            results.add(result(
                    result,
                    symbols.bounded(types.get(i)),
                    symbols.bounded(c.outputElements(i, types.get(i))),
                    node,
                    i));
        }
        return finish(node, results);
    }

    /**
     * Adds a node like one of another graph. If the same is known of the operands, the types of its outputs are taken
     * over and not inferred again.
     *
     * @param like the node
     * @param operands the operands in order, null for those left out
     * @param resultNames a name for each output, unique in this graph; null for outputs left out
     * @return a value for each output, null for those left out
     * @throws InvalidOperandException if the operands do not fit the operator
     * @throws InvalidGraphException if a name is taken or an operand belongs to another graph
     */
    public List<Value> addLike(Node like, List<Value> operands, List<String> resultNames) {
        if (!holdsFor(like, operands, resultNames)) {
            return add(like.op(), like.name(), operands, resultNames);
        }
        WorkBudget.spend(WORK_PER_VALUE * (operands.size() + resultNames.size()));
        Node node = new Node(like.name(), like.op(), operands, nodes.size());
        List<Value> results = new ArrayList<>(resultNames.size());
        for (int i = 0; i < resultNames.size(); i++) {
            Value known = like.outputs().get(i);
            results.add(
                    resultNames.get(i) == null
                            ? null
                            : result(resultNames.get(i), known.type(), known.symbolic(), node, i));
        }
        return finish(node, results);
    }

    private boolean holdsFor(Node like, List<Value> operands, List<String> resultNames) {
        if (like.inputs().size() != operands.size() || like.outputs().size() != resultNames.size()) {
            return false;
        }
        for (int i = 0; i < operands.size(); i++) {
            checkOwn(operands.get(i), like.name());
            if (!Value.sameKnown(operands.get(i), like.inputs().get(i))) {
                return false;
            }
        }
        Set<String> made = new HashSet<>();
        for (int i = 0; i < resultNames.size(); i++) {
            if (resultNames.get(i) == null) {
                continue;
            }
            if (like.outputs().get(i) == null) {
                return false;
            }
            Symbols.collect(like.outputs().get(i), made);
        }
        return made.isEmpty() || madeForAny(operands, made);
    }

    /**
     * Whether all of some symbols describe an operand. Other symbols must be made anew, since each node makes its own.
     */
    private static boolean madeForAny(List<Value> operands, Set<String> symbols) {
        Set<String> known = new HashSet<>();
        for (Value v : operands) {
            if (v != null) {
                Symbols.collect(v, known);
            }
        }
        return known.containsAll(symbols);
    }

    private void checkOwn(Value v, String nodeName) {
        if (v != null && !isOwn(v)) {
            throw new InvalidGraphException(
                    "node '" + nodeName + "'", "operand " + v + " of another graph", "values of this graph", null);
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isOwn(Value v) {
        return v.number() < values.size() && values.get(v.number()) == v;
    }

    private Value result(String result, ValueType type, List<Dim> symbolic, Node node, int index) {
        Value v = new Value(claim(result), type, null, symbolic, node, index, values.size());
        values.add(v);
        return v;
    }

    private List<Value> finish(Node node, List<Value> results) {
        node.outputs(results);
        nodes.add(node);
        return node.outputs();
    }

    /**
     * Adds a node with one output under a name that is made up for it.
     *
     * @param op the operator
     * @param operands the operands in order, null for those left out
     * @return the output
     * @throws InvalidOperandException if the operands do not fit the operator
     */
    public Value add(Op op, Value... operands) {
        String base = unique(op.schema().name());
        return add(op, "", Arrays.asList(operands), List.of(base)).getFirst();
    }

    /**
     * Makes a value an output under its own name.
     *
     * @param value a value of this graph
     * @return this builder
     */
    public GraphBuilder output(Value value) {
        return output(value.name(), value);
    }

    /**
     * Makes a value an output.
     *
     * @param outputName the name of the output, unique among outputs
     * @param value a value of this graph
     * @return this builder
     * @throws InvalidGraphException if the name is taken or the value belongs to another graph
     */
    public GraphBuilder output(String outputName, Value value) {
        if (!isOwn(value)) {
            throw new InvalidGraphException(
                    "output '" + outputName + "'",
                    "value " + value + " of another graph",
                    "values of this graph",
                    null);
        }
        if (!namesOfOutputs.add(outputName)) {
            throw new InvalidGraphException("output '" + outputName + "'", "a second output of this name", null, null);
        }
        outputNames.add(outputName);
        outputs.add(value);
        return this;
    }

    /**
     * The nodes so far.
     *
     * @return a view, in the order in which they were added
     */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /**
     * Whether a name of a value is taken.
     *
     * @param valueName a name
     * @return true if a value has it
     */
    public boolean isTaken(String valueName) {
        return names.contains(valueName);
    }

    /**
     * A name that no value has yet. The name is not reserved.
     *
     * @param base the start of the name
     * @return the base, or the base with a number after it
     */
    public String unique(String base) {
        String candidate = base;
        while (names.contains(candidate)) {
            candidate = base + "_" + suffixes.merge(base, 1, Integer::sum);
        }
        return candidate;
    }

    private String claim(String valueName) {
        if (!names.add(valueName)) {
            throw new InvalidGraphException(
                    "value '" + valueName + "'",
                    "a second value of this name in graph '" + name + "'",
                    "each name once",
                    null);
        }
        return valueName;
    }

    /**
     * The graph as it is now.
     *
     * @return an immutable graph
     */
    public Graph build() {
        return new Graph(name, inputs, constants, nodes, outputs, outputNames, values.size());
    }
}

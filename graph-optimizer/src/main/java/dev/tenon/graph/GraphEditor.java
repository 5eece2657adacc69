package dev.tenon.graph;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Changes a graph. A {@link Graph} is immutable, so the editor collects edits, and {@link #build} makes a new graph:
 *
 * <pre>{@code
 * GraphEditor editor = new GraphEditor(graph);
 * for (Node product : editor.index().nodes(MatMul.class)) {
 *     Value weights = product.input(1);
 *     if (weights.isConstant()) {
 *         editor.replaceConstant(weights, pruned(weights.constant()));
 *     }
 *     editor.insertAfter(product.output(), new Relu());
 * }
 * Graph edited = editor.build();
 * }</pre>
 *
 * <p><b>Questions.</b> {@link #index} finds values and nodes of the graph as it was given. Edits do not change its
 * answers. To ask about an edited graph, build it and make an index or an editor of the result.
 *
 * <p><b>Edits.</b> Edits are applied in the order of the calls. An edit checks that values and nodes belong to this
 * editor. Whether operators accept their operands is checked by {@link #build}, so that edits may pass through states
 * that are not well typed: a weight and its bias can be replaced one after the other. A node that nothing uses any more
 * stays in the graph until {@link #remove} is called. A constant that nothing uses is left out of the new graph.
 *
 * <p><b>Names.</b> Everything that is not edited keeps its name and its place in the order of inputs, constants, nodes
 * and outputs.
 *
 * <p><b>Bodies.</b> The bodies of {@link GraphOp}s such as If, Loop and Scan are graphs of their own. The editor of the
 * outer graph refuses values and nodes of a body as those of another graph. To change a body, edit it with an editor of
 * its own and hand the result to {@link #replaceBody}.
 *
 * <p><b>Cost.</b> Making an editor and building take time linear in the size of the graph. An edit takes time linear in
 * the number of uses that it changes, and {@link #replaceUses} also in the number of nodes between the value and its
 * replacement. Types are inferred anew only where what is known of the operands has changed.
 *
 * <p>Confined to one thread. The same editor may build more than once.
 */
public final class GraphEditor {
    private final Graph graph;
    private final GraphIndex index;
    private final List<DraftNode> drafts = new ArrayList<>();
    private final Map<Node, DraftNode> draftsBySource = new IdentityHashMap<>();
    private final DraftUses uses = new DraftUses();
    private final Map<Value, Tensor> replacedConstants = new IdentityHashMap<>();
    private final DraftOutputs outputs = new DraftOutputs();
    /** The names of new values. */
    private final Set<String> newNames = new HashSet<>();

    /** The last numbers in names that were made up, by the starts of the names. */
    private final Map<String, Integer> suffixes = new HashMap<>();

    private final List<NewValue> newConstants = new ArrayList<>();
    private boolean edited;

    /**
     * An editor without edits.
     *
     * @param graph the graph, which is not changed
     */
    public GraphEditor(Graph graph) {
        this.graph = graph;
        this.index = new GraphIndex(graph);
        for (Node node : graph.nodes()) {
            DraftNode draft = new DraftNode(node);
            drafts.add(draft);
            draftsBySource.put(node, draft);
            node.inputs().stream().filter(Objects::nonNull).forEach(v -> uses.add(v, draft));
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            outputs.add(graph.outputNames().get(i), graph.outputs().get(i));
        }
    }

    /**
     * A graph with further outputs, by which values inside of it can be observed. Rules and passes keep what an output
     * needs, so that an exposed value is computed even where a fusion would have swallowed it.
     *
     * @param graph the graph
     * @param values values of the graph, but not of the bodies of its operators
     * @return a graph whose outputs are those of the given graph, then one for each value in order. An output has the
     *     name of its value; where another output has that name, a number is added to it
     * @throws InvalidGraphException if a value belongs to another graph
     */
    public static Graph exposing(Graph graph, List<Value> values) {
        GraphEditor editor = new GraphEditor(graph);
        for (Value v : values) {
            String name = v.name();
            while (editor.outputs.has(name)) {
                name = v.name() + "_" + editor.suffixes.merge(v.name(), 1, Integer::sum);
            }
            editor.addOutput(name, v);
        }
        return editor.build();
    }

    /**
     * Finds values and nodes of the graph as it was given.
     *
     * @return the index, which edits do not change
     */
    public GraphIndex index() {
        return index;
    }

    /**
     * Adds a constant under a name.
     *
     * @param name a name that no value of the built graph has
     * @param tensor its value, which must not change from now on
     * @return the constant
     */
    public NewValue constant(String name, Tensor tensor) {
        newNames.add(name);
        return constant(tensor, name, true);
    }

    /**
     * Adds a constant under a name that is made up for it.
     *
     * @param tensor its value, which must not change from now on
     * @return the constant
     */
    public NewValue constant(Tensor tensor) {
        return constant(tensor, unique("const"), false);
    }

    private NewValue constant(Tensor tensor, String name, boolean named) {
        NewValue v = new NewValue(this, null, tensor, name, named);
        newConstants.add(v);
        edited = true;
        return v;
    }

    /**
     * Adds a node with one output under a name that is made up for it.
     *
     * @param op the operator
     * @param operands the operands in order, null for those left out
     * @return the output
     * @throws InvalidGraphException if an operand belongs to another graph or editor
     */
    public NewValue add(Op op, ValueRef... operands) {
        return add(op, "", Arrays.asList(operands), Collections.singletonList(""))
                .getFirst();
    }

    /**
     * Adds a node.
     *
     * @param op the operator
     * @param nodeName the node's name, for messages; may be empty
     * @param operands the operands in order, null for those left out
     * @param resultNames a name for each output: empty where a name is to be made up, null where the output is left
     *     out. The name of a value that goes away with its node may be used again
     * @return a value for each output, null for those left out
     * @throws InvalidGraphException if an operand belongs to another graph or editor
     */
    public List<NewValue> add(Op op, String nodeName, List<? extends ValueRef> operands, List<String> resultNames) {
        for (ValueRef v : operands) {
            if (v != null) {
                checkOwn(v);
            }
        }
        DraftNode draft = new DraftNode(op, nodeName, operands);
        List<NewValue> results = new ArrayList<>();
        for (String name : resultNames) {
            results.add(name == null ? null : result(draft, name));
        }
        draft.results(Collections.unmodifiableList(results));
        drafts.add(draft);
        operands.stream().filter(Objects::nonNull).forEach(v -> uses.add(v, draft));
        edited = true;
        return Collections.unmodifiableList(results);
    }

    private NewValue result(DraftNode draft, String name) {
        if (name.isEmpty()) {
            return new NewValue(this, draft, null, unique(draft.op().schema().name()), false);
        }
        newNames.add(name);
        return new NewValue(this, draft, null, name, true);
    }

    /** A name that no value of the graph and no new value has. */
    private String unique(String base) {
        String name = base;
        while (index.findValue(name).isPresent() || !newNames.add(name)) {
            name = base + "_" + suffixes.merge(base, 1, Integer::sum);
        }
        return name;
    }

    /**
     * Puts a new node between a value and everything that uses it, outputs of the graph included.
     *
     * @param value the value, the first operand of the new node
     * @param op the operator of the new node
     * @param more the other operands of the new node, null for those left out
     * @return the output of the new node
     * @throws InvalidGraphException if a value belongs to another graph or editor
     */
    public NewValue insertAfter(ValueRef value, Op op, ValueRef... more) {
        NewValue result = add(op, operands(value, more));
        replaceUses(value, result);
        return result;
    }

    /**
     * Puts a new node between a value and some of the nodes that use it.
     *
     * @param value the value, the first operand of the new node
     * @param consumers the nodes that get the output of the new node in the place of the value
     * @param op the operator of the new node
     * @param more the other operands of the new node, null for those left out
     * @return the output of the new node
     * @throws InvalidGraphException if a value belongs to another graph or editor, or a node does not use the value
     */
    public NewValue insertAfter(ValueRef value, Collection<Node> consumers, Op op, ValueRef... more) {
        NewValue result = add(op, operands(value, more));
        try {
            replaceUses(value, result, consumers);
        } catch (InvalidGraphException e) {
            remove(result.producer());
            throw e;
        }
        return result;
    }

    private static ValueRef[] operands(ValueRef first, ValueRef... more) {
        ValueRef[] all = new ValueRef[1 + more.length];
        all[0] = first;
        System.arraycopy(more, 0, all, 1, more.length);
        return all;
    }

    /**
     * Lets everything that uses a value use another one, outputs of the graph included. Nodes that the replacement is
     * computed from keep the value: they would depend on themselves otherwise.
     *
     * @param value the value
     * @param replacement the value in its place
     * @throws InvalidGraphException if a value belongs to another graph or editor
     */
    public void replaceUses(ValueRef value, ValueRef replacement) {
        checkOwn(value);
        checkOwn(replacement);
        Set<DraftNode> before = nodesBetween(value, replacement);
        for (DraftNode user : uses.of(value)) {
            if (!before.contains(user)) {
                uses.redirect(user, value, replacement);
            }
        }
        outputs.replaceAll(value, replacement);
        edited = true;
    }

    /**
     * Lets some of the nodes that use a value use another one.
     *
     * @param value the value
     * @param replacement the value in its place
     * @param consumers the nodes that get the replacement
     * @throws InvalidGraphException if a value or node belongs to another graph or editor, if a node does not use the
     *     value, or if the replacement is computed from a node that is to use it
     */
    public void replaceUses(ValueRef value, ValueRef replacement, Collection<Node> consumers) {
        checkOwn(value);
        checkOwn(replacement);
        Set<DraftNode> before = nodesBetween(value, replacement);
        List<DraftNode> chosen = new ArrayList<>();
        for (Node node : consumers) {
            DraftNode draft = draft(node);
            if (!draft.operands().contains(value)) {
                throw new InvalidGraphException(
                        node.toString(), "no operand %" + value.name(), "nodes that use the value", null);
            }
            if (before.contains(draft)) {
                throw new InvalidGraphException(
                        node.toString(),
                        "operand %" + replacement.name() + ", which is computed from the node",
                        "values that do not depend on the node",
                        null);
            }
            chosen.add(draft);
        }
        chosen.forEach(draft -> uses.redirect(draft, value, replacement));
        edited = true;
    }

    /** The nodes that a replacement of a value depends on, without those that the value itself depends on alone. */
    private Set<DraftNode> nodesBetween(ValueRef value, ValueRef replacement) {
        Set<DraftNode> found = Collections.newSetFromMap(new IdentityHashMap<>());
        List<ValueRef> open = new ArrayList<>(List.of(replacement));
        while (!open.isEmpty()) {
            ValueRef v = open.removeLast();
            DraftNode producer = v == value ? null : producer(v);
            if (producer != null && found.add(producer)) {
                producer.operands().stream().filter(Objects::nonNull).forEach(open::add);
            }
        }
        return found;
    }

    private DraftNode producer(ValueRef v) {
        return switch (v) {
            case Value value -> value.producer() == null ? null : draftsBySource.get(value.producer());
            case NewValue value -> value.producer();
        };
    }

    /**
     * Replaces one operand of a node.
     *
     * @param node the node
     * @param index the index of the operand, in [0, number of operands - 1]
     * @param operand the new operand, null to leave it out
     * @throws InvalidGraphException if the node or the operand belongs to another graph or editor, or the node has no
     *     such operand
     */
    public void replaceOperand(Node node, int index, ValueRef operand) {
        DraftNode draft = draft(node);
        if (operand != null) {
            checkOwn(operand);
        }
        if (index < 0 || index >= draft.operands().size()) {
            throw new InvalidGraphException(
                    node.toString(),
                    "operand " + index,
                    "0 to " + (draft.operands().size() - 1),
                    null);
        }
        ValueRef before = draft.operands().get(index);
        draft.operand(index, operand);
        if (before != null && !draft.operands().contains(before)) {
            uses.remove(before, draft);
        }
        if (operand != null) {
            uses.add(operand, draft);
        }
        edited = true;
    }

    /**
     * Gives a constant, such as a weight, another value of the same or another type and shape. It keeps its name, and
     * every use of it sees the new value.
     *
     * @param constant a constant of the graph
     * @param tensor its new value, which must not change from now on
     * @throws InvalidGraphException if the value belongs to another graph, or is no constant
     */
    public void replaceConstant(Value constant, Tensor tensor) {
        checkOwn(constant);
        if (!constant.isConstant()) {
            throw new InvalidGraphException(
                    "value '" + constant.name() + "'",
                    constant.producer() == null ? "an input of the graph" : "the output of " + constant.producer(),
                    "constants",
                    "let its uses use a new constant with replaceUses");
        }
        replacedConstants.put(constant, tensor);
        edited = true;
    }

    /**
     * Gives a node another operator. Operands and outputs stay.
     *
     * @param node the node
     * @param op the new operator
     * @throws InvalidGraphException if the node belongs to another graph, or was removed
     */
    public void replaceOperator(Node node, Op op) {
        draft(node).op(op);
        edited = true;
    }

    /**
     * Gives a node with bodies another body. The new body has the same inputs and outputs as the body that it replaces.
     *
     * @param node a node whose operator is a {@link GraphOp}
     * @param index the index of the body in {@link GraphOp#bodies}
     * @param body the new body
     * @throws InvalidGraphException if the node belongs to another graph, was removed, or has no such body
     * @throws InvalidOperandException if the operator does not accept the body
     */
    public void replaceBody(Node node, int index, Graph body) {
        DraftNode draft = draft(node);
        List<Graph> bodies = draft.op() instanceof GraphOp control ? new ArrayList<>(control.bodies()) : List.of();
        if (index < 0 || index >= bodies.size()) {
            throw new InvalidGraphException(
                    node.toString(),
                    "body " + index,
                    "nodes with bodies, of which this one has " + bodies.size(),
                    null);
        }
        bodies.set(index, body);
        draft.op(((GraphOp) draft.op()).withBodies(bodies));
        edited = true;
    }

    /**
     * Removes a node and lets other values take the place of its outputs, those of the graph included. A new value
     * whose name was made up takes over the name of the output that it replaces.
     *
     * @param node the node
     * @param results a value for each output of the node; null for outputs that nothing uses
     * @throws InvalidGraphException if the node or a value belongs to another graph or editor, if the node was removed,
     *     or if the number of results is not that of the outputs
     */
    public void replaceNode(Node node, List<? extends ValueRef> results) {
        DraftNode draft = draft(node);
        if (results.size() != node.outputs().size()) {
            throw new InvalidGraphException(
                    node.toString(),
                    results.size() + " values for " + node.outputs().size() + " outputs",
                    "one for each output",
                    "give null for an output that nothing uses");
        }
        for (int i = 0; i < results.size(); i++) {
            Value output = node.outputs().get(i);
            if (output != null && results.get(i) != null) {
                replaceUses(output, results.get(i));
                if (results.get(i) instanceof NewValue made) {
                    made.takeNameOf(output);
                }
            }
        }
        remove(draft);
    }

    /**
     * Removes a node and lets one value take the place of its only output, as {@link #replaceNode(Node, List)} does.
     *
     * @param node the node
     * @param result the value in the place of its output
     * @throws InvalidGraphException if the node or the value belongs to another graph or editor, if the node was
     *     removed, or if it has more than one output
     */
    public void replaceNode(Node node, ValueRef result) {
        replaceNode(node, List.of(result));
    }

    /**
     * Removes a node. Nothing may use its outputs when the graph is built.
     *
     * @param node the node
     * @throws InvalidGraphException if the node belongs to another graph, or was removed
     */
    public void remove(Node node) {
        remove(draft(node));
    }

    private void remove(DraftNode draft) {
        draft.remove();
        for (ValueRef operand : draft.operands()) {
            if (operand != null) {
                uses.remove(operand, draft);
            }
        }
        edited = true;
    }

    /**
     * Adds an output of the graph after those that there are.
     *
     * @param name the name by which callers know it
     * @param value the value
     * @throws InvalidGraphException if another output has the name, or the value belongs to another graph or editor
     */
    public void addOutput(String name, ValueRef value) {
        checkOwn(value);
        outputs.add(name, value);
        edited = true;
    }

    /**
     * Renames an output of the graph. It keeps its place among the outputs, and its value keeps the name of the value.
     *
     * @param name the name of an output
     * @param newName the name by which callers know it from now on
     * @throws InvalidGraphException if no output has the name, or another one has the new name
     */
    public void renameOutput(String name, String newName) {
        outputs.rename(name, newName);
        edited = true;
    }

    /**
     * Lets an output of the graph give another value. Name and place stay.
     *
     * @param name the name of an output
     * @param value the value that it gives
     * @throws InvalidGraphException if no output has the name, or the value belongs to another graph or editor
     */
    public void replaceOutput(String name, ValueRef value) {
        outputs.require(name);
        checkOwn(value);
        outputs.replace(name, value);
        edited = true;
    }

    /**
     * Removes an output of the graph. The node that computes its value stays.
     *
     * @param name the name of an output
     * @throws InvalidGraphException if no output has the name
     */
    public void removeOutput(String name) {
        outputs.remove(name);
        edited = true;
    }

    private void checkOwn(ValueRef v) {
        boolean own =
                switch (v) {
                    case Value value -> index.owns(value);
                    case NewValue value -> value.editor() == this;
                };
        if (!own) {
            throw new InvalidGraphException(
                    "value '" + v.name() + "'",
                    "a value of another graph or editor",
                    "values of graph '" + graph.name() + "' and new values of its editor",
                    "change a body with an editor of its own and replaceBody");
        }
    }

    private DraftNode draft(Node node) {
        DraftNode draft = draftsBySource.get(node);
        if (draft == null) {
            throw new InvalidGraphException(
                    node.toString(),
                    "a node of another graph",
                    "nodes of graph '" + graph.name() + "'",
                    "change a body with an editor of its own and replaceBody");
        }
        if (draft.isRemoved()) {
            throw new InvalidGraphException(node.toString(), "a node that was removed", "nodes that are there", null);
        }
        return draft;
    }

    /**
     * The graph with all edits so far.
     *
     * @return a new graph, well typed and with each node after those that it depends on; the graph as it was given if
     *     there are no edits
     * @throws InvalidGraphException if two values have one name, if an output of a removed node is used, or if nodes
     *     depend on themselves; the message names the node or value
     * @throws InvalidOperandException if an operator does not accept its operands; the message names the node
     */
    public Graph build() {
        return edited
                ? new EditedGraph(graph, drafts, newConstants, replacedConstants, outputs.byName()).build()
                : graph;
    }
}

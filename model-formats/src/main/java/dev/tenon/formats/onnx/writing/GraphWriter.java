package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.data.OnnxTypes;
import dev.tenon.formats.onnx.microsoft.MicrosoftDomain;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.Composite;
import dev.tenon.op.fused.Composition;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.QuantizedOperator;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a graph. A file refers to values by their names, and a body sees the names of the graph around it. So no name
 * is given twice if one value is visible to the other. A value around a body that the body uses is written by its name
 * outside.
 */
public final class GraphWriter {
    private final GraphWriter outer;
    private final WriteTarget target;
    private final SortedMap<String, Long> domains;
    private final Map<Value, String> names = new IdentityHashMap<>();
    private final Set<String> taken = new HashSet<>();
    /** The last number that was tried after a name of a value. */
    private final Map<String, Integer> suffixes = new HashMap<>();

    /** The constants of this graph by their tensors. */
    private final Map<Tensor, Value> constants = new IdentityHashMap<>();

    private final Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
    private final WrittenMasks masks = new WrittenMasks(this);
    private final BlockOperators blocks = new BlockOperators(this);

    /** Constants that only the file has. */
    private final List<TensorProto> added = new ArrayList<>();

    private final List<NodeProto> nodes = new ArrayList<>();
    private final Set<String> nodeNames = new HashSet<>();
    private final Map<String, Integer> nodeSuffixes = new HashMap<>();

    /**
     * A writer of one graph.
     *
     * @param target the operator set and the options to write for
     */
    public GraphWriter(WriteTarget target) {
        this(null, target, new TreeMap<>());
    }

    private GraphWriter(GraphWriter outer, WriteTarget target, SortedMap<String, Long> domains) {
        this.outer = outer;
        this.target = target;
        this.domains = domains;
    }

    /**
     * The domains of the operators that were written, except the main one.
     *
     * @return for each domain the version to import
     */
    public SortedMap<String, Long> domains() {
        return domains;
    }

    /** The target of the writer. */
    WriteTarget target() {
        return target;
    }

    /**
     * Writes the graph of a model.
     *
     * @param graph the graph
     * @return its message
     * @throws UnsupportedModelException if the target can't express something in the graph, by name
     */
    public GraphProto model(Graph graph) {
        return write(graph, List.of());
    }

    /** Writes a body. Its last inputs are values around it. */
    private GraphProto body(Graph graph, List<Value> captured) {
        return new GraphWriter(this, target, domains).write(graph, captured);
    }

    private GraphProto write(Graph graph, List<Value> captured) {
        int formal = graph.inputs().size() - captured.size();
        List<ValueInfoProto> inputs = new ArrayList<>();
        for (Value v : graph.inputs().subList(0, formal)) {
            names.put(v, claim(v.name()));
            inputs.add(info(names.get(v), v));
        }
        for (int i = 0; i < captured.size(); i++) {
            names.put(graph.inputs().get(formal + i), outer.use(captured.get(i)));
        }
        List<String> outputNames = nameOutputs(graph, formal);
        nameOthers(graph);
        if (target.allows(MicrosoftDomain.NAME)) {
            blocks.find(graph);
        }
        for (Node node : graph.nodes()) {
            if (!blocks.isAbsorbed(node)) {
                node(node);
            }
        }
        List<ValueInfoProto> outputs = new ArrayList<>();
        for (int i = 0; i < outputNames.size(); i++) {
            Value v = graph.outputs().get(i);
            String name = use(v);
            if (!name.equals(outputNames.get(i))) {
                add("Identity", "", List.of(name), List.of(outputNames.get(i)), "", List.of());
            }
            outputs.add(info(outputNames.get(i), v));
        }
        return new GraphProto(
                graph.name().isEmpty() ? "main" : graph.name(),
                nodes,
                initializers(graph),
                List.of(),
                inputs,
                outputs,
                List.of(),
                "",
                List.of(),
                List.of());
    }

    /**
     * Names the outputs. A value takes the name of its output if it has no name yet. Otherwise an Identity has to be
     * written.
     */
    private List<String> nameOutputs(Graph graph, int formal) {
        Set<Value> own = Collections.newSetFromMap(new IdentityHashMap<>());
        own.addAll(graph.inputs().subList(0, formal));
        List<String> result = new ArrayList<>();
        Set<String> wanted = new HashSet<>(graph.outputNames());
        for (int i = 0; i < graph.outputs().size(); i++) {
            Value v = graph.outputs().get(i);
            String name = graph.outputNames().get(i);
            if (own.contains(v) && names.get(v).equals(name)) {
                result.add(name);
                continue;
            }
            if (outer == null && taken.contains(name)) {
                throw new UnsupportedModelException(
                        "output '" + name + "'", "an input of the same name", "names that differ", "rename one");
            }
            String claimed = claim(name);
            result.add(claimed);
            boolean constant = v.isConstant() && v.name().equals(name) && !isOutside(v);
            boolean computed = v.producer() != null && (v.name().equals(name) || !wanted.contains(v.name()));
            if ((constant || computed) && !names.containsKey(v)) {
                names.put(v, claimed);
            }
        }
        return result;
    }

    private void nameOthers(Graph graph) {
        for (Value v : graph.constants()) {
            if (!names.containsKey(v)) {
                Value outside = outer == null ? null : outer.constantLike(v);
                names.put(v, outside == null ? claim(v.name()) : outer.nameOf(outside));
            }
            constants.putIfAbsent(v.constant(), v);
        }
        for (Node node : graph.nodes()) {
            for (Value v : node.outputs()) {
                if (v != null && !names.containsKey(v)) {
                    names.put(v, claim(v.name()));
                }
            }
        }
    }

    private boolean isOutside(Value constant) {
        return outer != null && outer.constantLike(constant) != null;
    }

    /** A constant in this graph or around it with the tensor and the name of another one, or null. */
    private Value constantLike(Value v) {
        Value own = constants.get(v.constant());
        if (own != null && own.name().equals(v.name())) {
            return own;
        }
        return outer == null ? null : outer.constantLike(v);
    }

    private String nameOf(Value v) {
        String name = names.get(v);
        return name != null || outer == null ? name : outer.nameOf(v);
    }

    /** The name of a value that a node uses. */
    private String use(Value v) {
        if (v.isConstant()) {
            Value outside = outer == null ? null : outer.constantLike(v);
            if (outside != null && names.get(v).equals(outer.nameOf(outside))) {
                return outer.useOutside(outside);
            }
            used.add(v);
        }
        return names.get(v);
    }

    private String useOutside(Value v) {
        return names.containsKey(v) ? use(v) : outer.useOutside(v);
    }

    private String claim(String base) {
        String start = base.isEmpty() ? "value" : base;
        String candidate = start;
        while (isTaken(candidate)) {
            candidate = start + "_" + suffixes.merge(start, 1, Integer::sum);
        }
        taken.add(candidate);
        return candidate;
    }

    private boolean isTaken(String name) {
        return taken.contains(name) || outer != null && outer.isTaken(name);
    }

    /**
     * Adds a constant that the graph does not have.
     *
     * @return its name
     */
    String constant(String base, Tensor tensor) {
        String name = claim(base);
        added.add(target.external().toProto(name, tensor));
        return name;
    }

    private List<TensorProto> initializers(Graph graph) {
        List<TensorProto> list = new ArrayList<>();
        for (Value v : graph.constants()) {
            if (used.contains(v)) {
                list.add(target.external().toProto(names.get(v), v.constant()));
            }
        }
        list.addAll(added);
        return list;
    }

    private static ValueInfoProto info(String name, Value v) {
        return new ValueInfoProto(name, Optional.of(OnnxTypes.toProto(v.type())), "", List.of());
    }

    private void node(Node node) {
        if (blocks.write(node)) {
            return;
        }
        if (node.op() instanceof Fused fused) {
            parts(node, fused);
            return;
        }
        boolean sum = node.op() instanceof SumNormalization && target.allows(MicrosoftDomain.NAME);
        SkipNormalization skip = sum ? SkipNormalization.of(node) : null;
        if (skip != null) {
            skip(node, skip);
            return;
        }
        if (node.op() instanceof QuantizedOperator && target.allows(MicrosoftDomain.NAME)) {
            quantized(node, QuantizedForm.of(node));
            return;
        }
        if (node.op() instanceof Composite composite) {
            steps(node, composite);
            return;
        }
        NodeDraft draft = new NodeDraft(node, this);
        draft.downgrade();
        if (node.op() instanceof Attention) {
            masks.repeat(draft);
        }
        List<String> inputs = new ArrayList<>();
        for (Object operand : draft.operands()) {
            inputs.add(operand instanceof Value v ? use(v) : operand == null ? "" : (String) operand);
        }
        add(draft.operator(), draft.domain(), inputs, outputs(node.outputs()), node.name(), attributes(node, draft));
    }

    private void skip(Node node, SkipNormalization skip) {
        List<String> inputs = new ArrayList<>();
        skip.operands().forEach(v -> inputs.add(v == null ? "" : use(v)));
        List<String> outputs = outputs(skip.outputs());
        AttributeValue epsilon = OnnxAttributes.toProto(node, "epsilon", skip.epsilon());
        List<AttributeProto> attributes = List.of(AttributeProto.of("epsilon", epsilon));
        add(skip.operator(), MicrosoftDomain.NAME, inputs, outputs, node.name(), attributes);
    }

    private void quantized(Node node, QuantizedForm form) {
        List<String> inputs = new ArrayList<>();
        form.operands().forEach(v -> inputs.add(v == null ? "" : use(v)));
        List<AttributeProto> attributes = new ArrayList<>();
        form.attributes()
                .asMap()
                .forEach((key, value) ->
                        attributes.add(AttributeProto.of(key, OnnxAttributes.toProto(node, key, value))));
        microsoft(node, form.operator(), inputs, attributes);
    }

    private List<String> outputs(List<Value> values) {
        List<String> outputs = new ArrayList<>();
        values.forEach(v -> outputs.add(v == null ? "" : names.get(v)));
        return outputs;
    }

    /**
     * Writes a node as an operator of ONNX Runtime.
     *
     * @param node the node, whose outputs are those of the operator
     * @param operator the name of the operator
     * @param inputs the names of its operands
     * @param attributes its attributes
     */
    void microsoft(Node node, String operator, List<String> inputs, List<AttributeProto> attributes) {
        add(operator, MicrosoftDomain.NAME, inputs, outputs(node.outputs()), node.name(), attributes);
    }

    /**
     * Adds a node that the graph does not have.
     *
     * @param of the node that needs it, for error messages
     * @return the name of its output
     */
    String addNode(Node of, String operator, Attributes attributes, List<String> inputs) {
        String name = claim(operator);
        List<AttributeProto> list = new ArrayList<>();
        attributes
                .asMap()
                .forEach((key, value) -> list.add(AttributeProto.of(key, OnnxAttributes.toProto(of, key, value))));
        add(operator, "", inputs, List.of(name), "", list);
        return name;
    }

    /** The name of an operand in the file. */
    String reference(Object operand) {
        return operand instanceof Value v ? use(v) : (String) operand;
    }

    /** Writes the operators of a fused operator as nodes. */
    private void parts(Node node, Fused fused) {
        GraphBuilder builder = new GraphBuilder("");
        Map<Value, Value> copies = new IdentityHashMap<>();
        List<Value> values = new ArrayList<>();
        for (Value v : node.inputs()) {
            values.add(v == null ? null : copies.computeIfAbsent(v, original -> copy(builder, original)));
        }
        List<Fused.Part> parts = fused.parts();
        for (Fused.Part part : parts) {
            List<Value> operands = new ArrayList<>();
            for (int operand : part.operands()) {
                operands.add(operand == Fused.ABSENT ? null : values.get(operand));
            }
            String inner = builder.unique(part.op().schema().name());
            Value result = builder.add(part.op(), node.name(), operands, List.of(inner))
                    .getFirst();
            boolean last = values.size() == node.inputs().size() + parts.size() - 1;
            names.put(result, last ? names.get(node.output()) : claim(inner));
            values.add(result);
        }
        for (Node part : builder.build().nodes()) {
            node(part);
        }
    }

    /** Writes the operators that a composite operator stands for as nodes. */
    private void steps(Node node, Composite composite) {
        GraphBuilder builder = new GraphBuilder("");
        Map<Value, Value> copies = new IdentityHashMap<>();
        List<Value> values = new ArrayList<>();
        List<ValueType> types = new ArrayList<>();
        for (Value v : node.inputs()) {
            values.add(v == null ? null : copies.computeIfAbsent(v, original -> copy(builder, original)));
            types.add(v == null ? null : v.type());
        }
        Composition composition = composite.composition(types, node.outputs().size());
        for (Tensor tensor : composition.constants()) {
            Value v = builder.constant(tensor);
            names.put(v, constant(v.name(), tensor));
            values.add(v);
        }
        for (Composition.Step step : composition.steps()) {
            List<Value> operands = new ArrayList<>();
            for (int operand : step.operands()) {
                operands.add(operand == Fused.ABSENT ? null : values.get(operand));
            }
            List<String> inner = new ArrayList<>();
            for (int i = 0; i < step.outputs(); i++) {
                inner.add(builder.unique(step.op().schema().name() + (i == 0 ? "" : "_" + i)));
            }
            values.addAll(builder.add(step.op(), node.name(), operands, inner));
        }
        for (int i = 0; i < composition.results().size(); i++) {
            Value v = node.outputs().get(i);
            if (v != null) {
                names.put(values.get(composition.results().get(i)), names.get(v));
            }
        }
        for (Node part : builder.build().nodes()) {
            for (Value v : part.outputs()) {
                names.computeIfAbsent(v, made -> claim(made.name()));
            }
            node(part);
        }
    }

    private Value copy(GraphBuilder builder, Value v) {
        String name = use(v);
        Value copy = v.isConstant() ? builder.constant(v.name(), v.constant()) : builder.input(v.name(), v.operand());
        names.put(copy, name);
        return copy;
    }

    private void add(
            String operator,
            String domain,
            List<String> inputs,
            List<String> outputs,
            String name,
            List<AttributeProto> attributes) {
        if (!domain.isEmpty()) {
            long since = Math.max(1, target.canonicalSince(domain, operator));
            domains.merge(domain, since, Math::max);
        }
        nodes.add(new NodeProto(inputs, outputs, nodeName(name), operator, domain, "", attributes, "", List.of()));
    }

    /** A name for a node. Nodes of a graph may share a name, nodes of a file may not. */
    private String nodeName(String name) {
        String candidate = name;
        while (!name.isEmpty() && !nodeNames.add(candidate)) {
            candidate = name + "_" + nodeSuffixes.merge(name, 1, Integer::sum);
        }
        return candidate;
    }

    private List<AttributeProto> attributes(Node node, NodeDraft draft) {
        List<AttributeProto> list = new ArrayList<>();
        for (Map.Entry<String, Object> e : draft.attributes().asMap().entrySet()) {
            AttributeValue value = e.getValue() instanceof Graph body
                    ? new AttributeValue.GraphValue(body(body, captured(node)))
                    : OnnxAttributes.toProto(node, e.getKey(), e.getValue());
            list.add(AttributeProto.of(e.getKey(), value));
        }
        return list;
    }

    private static List<Value> captured(Node node) {
        int count = node.op() instanceof GraphOp control ? control.captured() : 0;
        return node.inputs().subList(node.inputs().size() - count, node.inputs().size());
    }
}

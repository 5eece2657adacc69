package dev.tenon.formats.onnx;

import dev.tenon.formats.UnsupportedModelException;
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
 * One graph on its way into a file. The file knows values by names alone, and bodies see the names around them: what a
 * body's trailing inputs stand for is written as the name outside, and no name is given twice in sight of another.
 */
final class GraphWriter {
    private final GraphWriter outer;
    private final int target;
    private final SortedMap<String, Long> domains;
    private final Map<Value, String> names = new IdentityHashMap<>();
    private final Set<String> taken = new HashSet<>();
    /** The constants of this graph under the tensors they hold. */
    private final Map<Tensor, Value> constants = new IdentityHashMap<>();

    private final Set<Value> used = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<TensorProto> made = new ArrayList<>();
    private final Map<String, String> helpers = new HashMap<>();
    private final List<NodeProto> nodes = new ArrayList<>();
    private final Set<String> nodeNames = new HashSet<>();

    GraphWriter(int target) {
        this(null, target, new TreeMap<>());
    }

    private GraphWriter(GraphWriter outer, int target, SortedMap<String, Long> domains) {
        this.outer = outer;
        this.target = target;
        this.domains = domains;
    }

    /** The domains but the main one that were needed so far, with the versions in which their operators have this form. */
    SortedMap<String, Long> domains() {
        return domains;
    }

    /** The version of the main operator set to write for. */
    int target() {
        return target;
    }

    /** The model's own graph. */
    GraphProto model(Graph graph) {
        return write(graph, List.of());
    }

    /** A body whose last inputs are values around it. */
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
        for (Node node : graph.nodes()) {
            node(node);
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
     * Gives each output its name: the value's own where that is the name, the value where nothing else named it yet, and
     * one for an Identity otherwise.
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

    /** A constant in this graph or around it that a body's constant merely repeats. */
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
        for (int i = 1; isTaken(candidate); i++) {
            candidate = start + "_" + i;
        }
        taken.add(candidate);
        return candidate;
    }

    private boolean isTaken(String name) {
        return taken.contains(name) || outer != null && outer.isTaken(name);
    }

    /** A constant that the written form needs and the graph does not have. */
    String constant(String base, Tensor tensor) {
        String name = claim(base);
        made.add(OnnxTensors.toProto(name, tensor));
        return name;
    }

    private List<TensorProto> initializers(Graph graph) {
        List<TensorProto> list = new ArrayList<>();
        for (Value v : graph.constants()) {
            if (used.contains(v)) {
                list.add(OnnxTensors.toProto(names.get(v), v.constant()));
            }
        }
        list.addAll(made);
        return list;
    }

    private static ValueInfoProto info(String name, Value v) {
        return new ValueInfoProto(name, Optional.of(OnnxTypes.toProto(v.type())), "", List.of());
    }

    private void node(Node node) {
        if (node.op() instanceof Fused fused) {
            parts(node, fused);
            return;
        }
        MicrosoftForms.Skip skip = node.op() instanceof SumNormalization ? MicrosoftForms.skip(node) : null;
        if (skip != null) {
            skip(node, skip);
            return;
        }
        if (node.op() instanceof Composite composite) {
            steps(node, composite);
            return;
        }
        NodeForm form = new NodeForm(node, this);
        form.settle();
        if (node.op() instanceof Attention) {
            MaskForm.settle(form, this);
        }
        List<String> inputs = new ArrayList<>();
        for (Object operand : form.operands()) {
            inputs.add(operand instanceof Value v ? use(v) : operand == null ? "" : (String) operand);
        }
        List<String> outputs = new ArrayList<>();
        for (Value v : node.outputs()) {
            outputs.add(v == null ? "" : names.get(v));
        }
        add(form.operator(), form.domain(), inputs, outputs, node.name(), attributes(node, form));
    }

    private void skip(Node node, MicrosoftForms.Skip skip) {
        List<String> inputs = new ArrayList<>();
        skip.operands().forEach(v -> inputs.add(v == null ? "" : use(v)));
        List<String> outputs = new ArrayList<>();
        skip.outputs().forEach(v -> outputs.add(v == null ? "" : names.get(v)));
        AttributeValue epsilon = AttributeWriter.value(node, "epsilon", skip.epsilon());
        List<AttributeProto> attributes = List.of(AttributeProto.of("epsilon", epsilon));
        add(skip.operator(), MicrosoftLines.DOMAIN, inputs, outputs, node.name(), attributes);
    }

    /** Writes a node that the written form needs and the graph does not have; the name of its output. */
    String helper(Node of, String operator, Attributes attributes, List<String> inputs) {
        String name = claim(operator);
        List<AttributeProto> list = new ArrayList<>();
        attributes
                .asMap()
                .forEach((key, value) -> list.add(AttributeProto.of(key, AttributeWriter.value(of, key, value))));
        add(operator, "", inputs, List.of(name), "", list);
        return name;
    }

    /** The name under which a value is found in the file. */
    String reference(Object operand) {
        return operand instanceof Value v ? use(v) : (String) operand;
    }

    /** What was made of values for the written form, under names that tell how. */
    Map<String, String> helpers() {
        return helpers;
    }

    /** Writes the operators that a fused one stands for, as nodes of a graph of their own on the same names. */
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

    /** Writes the operators that a composite one stands for, likewise. */
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
            domains.merge(domain, OnnxTable.canonicalSince(domain, operator), Math::max);
        }
        nodes.add(new NodeProto(inputs, outputs, nodeName(name), operator, domain, "", attributes, "", List.of()));
    }

    /** A node's name, unless another has it: what one node was rewritten into may share its name, in a file not. */
    private String nodeName(String name) {
        String candidate = name;
        for (int i = 1; !name.isEmpty() && !nodeNames.add(candidate); i++) {
            candidate = name + "_" + i;
        }
        return candidate;
    }

    private List<AttributeProto> attributes(Node node, NodeForm form) {
        List<AttributeProto> list = new ArrayList<>();
        for (Map.Entry<String, Object> e : form.attributes().asMap().entrySet()) {
            AttributeValue value = e.getValue() instanceof Graph body
                    ? new AttributeValue.GraphValue(body(body, captured(node)))
                    : AttributeWriter.value(node, e.getKey(), e.getValue());
            list.add(AttributeProto.of(e.getKey(), value));
        }
        return list;
    }

    private static List<Value> captured(Node node) {
        int count = node.op() instanceof GraphOp control ? control.captured() : 0;
        return node.inputs().subList(node.inputs().size() - count, node.inputs().size());
    }
}

package dev.tenon.formats.onnx;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One node while it is lowered: what the file says of it, and the way to the nodes it becomes. */
final class NodeLowering {
    private final GraphLowering graph;
    private final NodeProto proto;
    private final String name;
    private final long version;
    private final List<Value> inputs;
    private final Attributes attributes;
    private final Map<String, AttributeValue> raw;

    NodeLowering(
            GraphLowering graph,
            NodeProto proto,
            String name,
            long version,
            List<Value> inputs,
            Attributes attributes,
            Map<String, AttributeValue> raw) {
        this.graph = graph;
        this.proto = proto;
        this.name = name;
        this.version = version;
        this.inputs = Collections.unmodifiableList(inputs);
        this.attributes = attributes;
        this.raw = raw;
    }

    /** The operator's name in the file. */
    String operator() {
        return proto.opType();
    }

    /** The operator's domain in the file, empty for the main one. */
    String domain() {
        return ModelLowering.domain(proto.domain());
    }

    /** The version of its operator set that the model imports. */
    long version() {
        return version;
    }

    /** The operands, null for those left out. */
    List<Value> inputs() {
        return inputs;
    }

    /** An operand, or null if it is left out. */
    Value input(int i) {
        return i < inputs.size() ? inputs.get(i) : null;
    }

    /** The shape of an operand that is a tensor; unknown otherwise. */
    Shape shape(int i) {
        return shapeOf(input(i));
    }

    /** The shape of a value that is a tensor; unknown otherwise. */
    Shape shapeOf(Value v) {
        return v == null || v.tensorType() == null
                ? Shape.unknownRank()
                : v.tensorType().shape();
    }

    /** The element type of an operand that must be a tensor. */
    DType dtype(int i) {
        Value v = input(i);
        if (v == null || v.tensorType() == null) {
            throw error(v == null ? "input " + i + " is missing" : "input " + i + " is " + v.type(), "a tensor", null);
        }
        return v.tensorType().dtype();
    }

    /** The attributes but graphs. */
    Attributes attributes() {
        return attributes;
    }

    /** How many outputs the node has. */
    int outputs() {
        return proto.outputs().size();
    }

    /** Whether an output has a name. */
    boolean asks(int output) {
        return output < proto.outputs().size() && !proto.outputs().get(output).isEmpty();
    }

    /** Whether an output behind the first has a name. */
    boolean asksBeyondFirst() {
        return proto.outputs().stream().skip(1).anyMatch(name -> !name.isEmpty());
    }

    /** Lets the node's first output be a constant. */
    List<Value> constantOutput(Tensor tensor) {
        graph.defineConstant(proto, tensor);
        return Collections.nCopies(proto.outputs().size(), null);
    }

    /** A dimension that occurs nowhere else. */
    Dim freshDim() {
        return graph.builder().freshDim();
    }

    /** Builds a body whose fresh dimensions differ from those around it. */
    GraphBuilder bodyBuilder(String name) {
        return graph.builder().body(name);
    }

    /** A constant for the graph. */
    Value constant(Tensor tensor) {
        return graph.builder().constant(graph.unique(base()), tensor);
    }

    private String describe() {
        return name.isEmpty() ? proto.opType() : proto.opType() + " '" + name + "'";
    }

    private String base() {
        return name.isEmpty() ? proto.opType() : name;
    }

    /** An operator by its canonical attributes. */
    Op op(String domain, String opName, Attributes a) {
        OpDefinition<?> definition = graph.source()
                .operators()
                .find(domain, opName)
                .orElseThrow(() -> new UnsupportedModelException(
                        describe(),
                        "operator " + opName + " of operator set " + version,
                        "the operators that Tenon has",
                        "add it with LoadOptions.operators"));
        try {
            return definition.create(a);
        } catch (InvalidOperandException e) {
            throw new InvalidOperandException(describe(), e.thing() + ": " + e.found(), e.allowed(), e.cure());
        }
    }

    /** The last nodes of this lowering: its outputs are the outputs of the file's node. */
    List<Value> finish(Op op, List<Value> operands) {
        return finish(op, operands, proto.outputs().size());
    }

    /** As {@link #finish(Op, List)}, for some first ones of the node's outputs. */
    List<Value> finish(Op op, List<Value> operands, int outputs) {
        List<String> names = new ArrayList<>();
        for (String output : proto.outputs().subList(0, outputs)) {
            names.add(output.isEmpty() ? null : graph.unique(output));
        }
        return graph.builder().add(op, name, operands, names);
    }

    /** The last node on the way to one output of the file's node; null if nobody asks for that output. */
    Value output(int i, String opName, Attributes a, Value... operands) {
        if (i >= proto.outputs().size() || proto.outputs().get(i).isEmpty()) {
            return null;
        }
        String result = graph.unique(proto.outputs().get(i));
        return graph.builder()
                .add(op("", opName, a), name, Arrays.asList(operands), List.of(result))
                .getFirst();
    }

    /** A node on the way, with several outputs. */
    List<Value> addAll(Op op, List<Value> operands, int outputs) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add(graph.unique(base() + "." + op.schema().name() + "." + i));
        }
        return graph.builder().add(op, name, operands, names);
    }

    /** As {@link #finish(Op, List)}, by the name of an operator of the main domain. */
    List<Value> finish(String opName, Attributes a, Value... operands) {
        return finish(op("", opName, a), Arrays.asList(operands));
    }

    /** A node on the way, with one output. */
    Value add(String opName, Attributes a, Value... operands) {
        return graph.builder()
                .add(op("", opName, a), name, Arrays.asList(operands), List.of(graph.unique(base() + "." + opName)))
                .getFirst();
    }

    /** The node as it is: the same operator, operands and attributes. */
    List<Value> unchanged() {
        return finish(op(domain(), proto.opType(), attributes), inputs);
    }

    /** The node with other attributes. */
    List<Value> with(Attributes a) {
        return finish(op(domain(), proto.opType(), a), inputs);
    }

    /** An error of this node. */
    InvalidOperandException error(String found, String allowed, String cure) {
        return new InvalidOperandException(describe(), found, allowed, cure);
    }

    /** A graph among the attributes, in the file's form. */
    GraphProto body(String attribute) {
        if (raw.get(attribute) instanceof AttributeValue.GraphValue g) {
            return g.graph();
        }
        throw error("no graph '" + attribute + "'", "a graph", null);
    }

    /**
     * What bodies use from around them, apart from constants: the captured operands of their operator.
     *
     * @param bodies the bodies of one operator
     * @return the values under the names that the bodies use
     */
    Map<String, Value> captured(List<GraphProto> bodies) {
        Map<String, Value> captured = new LinkedHashMap<>();
        for (GraphProto body : bodies) {
            for (String free : graph.freeNames(body)) {
                Value v = graph.lookUp(free);
                if (v != null && !v.isConstant()) {
                    captured.put(free, v);
                }
            }
        }
        return captured;
    }

    /** Lowers a body in the place of this node; gives its outputs. */
    List<Value> inline(GraphProto body, Value... operands) {
        return graph.inline(body, List.of(operands), base());
    }

    /** Whether a graph is among the attributes. */
    boolean hasBody(String attribute) {
        return raw.containsKey(attribute);
    }

    /** Lowers a body: formal inputs, of which some first ones are scalars that the operator makes, then captured ones. */
    Graph lowerBody(GraphProto body, List<InferContext.Operand> formal, int scalars, Map<String, Value> captured) {
        GraphLowering inner = graph.inner(body.name());
        for (String free : graph.freeNames(body)) {
            Value v = graph.lookUp(free);
            if (v != null && v.isConstant()) {
                inner.constant(free, v);
            }
        }
        return inner.body(body, formal, scalars, captured);
    }
}

package dev.tenon.formats.onnx.lowering;

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

/**
 * One node of a model file while it is lowered. It tells the operands, attributes and outputs that the node has in the
 * file, and adds canonical nodes to the graph. Confined to one thread.
 *
 * <p>A lowering adds nodes by {@code add}. It ends with {@code finish} or {@code output}, which give the results the
 * names that the outputs of the node have in the file.
 */
public final class NodeLowering {
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

    /** {@return the operator's name in the file} */
    public String operator() {
        return proto.opType();
    }

    /** {@return the operator's domain in the file, empty for the main one} */
    public String domain() {
        return ModelLowering.domain(proto.domain());
    }

    /** {@return the version of the operator's domain that the model imports} */
    public long version() {
        return version;
    }

    /** {@return the operands, null for those left out} */
    public List<Value> inputs() {
        return inputs;
    }

    /**
     * An operand.
     *
     * @param i its index
     * @return the operand, or null if it is left out
     */
    public Value input(int i) {
        return i < inputs.size() ? inputs.get(i) : null;
    }

    /**
     * An operand that the operator needs.
     *
     * @param i its index
     * @return the operand
     * @throws InvalidOperandException if it is left out
     */
    public Value required(int i) {
        Value v = input(i);
        if (v == null) {
            throw error("input " + i + " is missing", "a value", null);
        }
        return v;
    }

    /**
     * The shape of an operand.
     *
     * @param i its index
     * @return its shape, of unknown rank if it is left out or no tensor
     */
    public Shape shape(int i) {
        return shapeOf(input(i));
    }

    /**
     * The shape of a value.
     *
     * @param v the value, or null
     * @return its shape, of unknown rank if it is null or no tensor
     */
    public Shape shapeOf(Value v) {
        return v == null || v.tensorType() == null
                ? Shape.unknownRank()
                : v.tensorType().shape();
    }

    /**
     * The element type of an operand.
     *
     * @param i its index
     * @return its element type
     * @throws InvalidOperandException if it is left out or no tensor
     */
    public DType dtype(int i) {
        Value v = input(i);
        if (v == null || v.tensorType() == null) {
            throw error(v == null ? "input " + i + " is missing" : "input " + i + " is " + v.type(), "a tensor", null);
        }
        return v.tensorType().dtype();
    }

    /** {@return the attributes except graphs} */
    public Attributes attributes() {
        return attributes;
    }

    /** {@return the number of outputs} */
    public int outputs() {
        return proto.outputs().size();
    }

    /**
     * Whether the file names an output. An output without a name is not used.
     *
     * @param i the index of the output
     * @return true if it has a name
     */
    public boolean isOutputNamed(int i) {
        return i < proto.outputs().size() && !proto.outputs().get(i).isEmpty();
    }

    /** {@return whether the file names an output after the first one} */
    public boolean areMoreOutputsNamed() {
        return proto.outputs().stream().skip(1).anyMatch(output -> !output.isEmpty());
    }

    /**
     * Makes the first output a constant.
     *
     * @param tensor the constant
     * @return the outputs of the node, for the lowering to return
     */
    public List<Value> constantOutput(Tensor tensor) {
        graph.defineConstant(proto, tensor);
        return Collections.nCopies(proto.outputs().size(), null);
    }

    /** {@return a symbolic dimension that occurs nowhere else} */
    public Dim freshDim() {
        return graph.builder().freshDim();
    }

    /**
     * A builder of a body. Its fresh dimensions differ from those of the graph around it.
     *
     * @param body the name of the body
     * @return an empty builder
     */
    public GraphBuilder bodyBuilder(String body) {
        return graph.builder().body(body);
    }

    /**
     * Adds a constant.
     *
     * @param tensor its value
     * @return the constant
     */
    public Value constant(Tensor tensor) {
        return graph.builder().constant(graph.unique(base()), tensor);
    }

    private String describe() {
        return GraphLowering.describe(proto, name);
    }

    private String base() {
        return name.isEmpty() ? proto.opType() : name;
    }

    /**
     * A canonical operator.
     *
     * @param opDomain its domain
     * @param opName its name
     * @param a its attributes
     * @return the operator
     * @throws UnsupportedModelException if the caller's operators do not have it
     * @throws InvalidOperandException if an attribute is not valid
     */
    public Op op(String opDomain, String opName, Attributes a) {
        OpDefinition<?> definition =
                graph.source().operators().find(opDomain, opName).orElse(null);
        if (definition == null) {
            throw new UnsupportedModelException(
                    describe(),
                    "operator " + opName + " of operator set " + version,
                    "the operators that Tenon has",
                    "add it with LoadOptions.operators");
        }
        try {
            return definition.create(a);
        } catch (InvalidOperandException e) {
            throw new InvalidOperandException(describe(), e.thing() + ": " + e.found(), e.allowed(), e.cure());
        }
    }

    /**
     * Adds a node whose outputs are those of the node in the file.
     *
     * @param op its operator
     * @param operands its operands, null for those left out
     * @return its outputs, null for those without a name
     */
    public List<Value> finish(Op op, List<Value> operands) {
        return finish(op, operands, proto.outputs().size());
    }

    /**
     * Adds a node whose outputs are the first ones of the node in the file.
     *
     * @param op its operator
     * @param operands its operands, null for those left out
     * @param outputs how many outputs it has
     * @return its outputs, null for those without a name
     */
    public List<Value> finish(Op op, List<Value> operands, int outputs) {
        List<String> names = new ArrayList<>();
        for (String output : proto.outputs().subList(0, outputs)) {
            names.add(output.isEmpty() ? null : graph.unique(output));
        }
        return graph.builder().add(op, name, operands, names);
    }

    /**
     * Adds a node of the main domain whose outputs are those of the node in the file.
     *
     * @param opName its operator
     * @param a its attributes
     * @param operands its operands, null for those left out
     * @return its outputs, null for those without a name
     */
    public List<Value> finish(String opName, Attributes a, Value... operands) {
        return finish(op("", opName, a), Arrays.asList(operands));
    }

    /**
     * Adds a node of the main domain whose output is one output of the node in the file, if the file names that.
     *
     * @param i the index of that output
     * @param opName the operator
     * @param a its attributes
     * @param operands its operands, null for those left out
     * @return the output, or null if the file does not name it
     */
    public Value output(int i, String opName, Attributes a, Value... operands) {
        if (!isOutputNamed(i)) {
            return null;
        }
        String result = graph.unique(proto.outputs().get(i));
        return graph.builder()
                .add(op("", opName, a), name, Arrays.asList(operands), List.of(result))
                .getFirst();
    }

    /**
     * Adds a node with several outputs.
     *
     * @param op its operator
     * @param operands its operands, null for those left out
     * @param outputs how many outputs it has
     * @return its outputs
     */
    public List<Value> addAll(Op op, List<Value> operands, int outputs) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add(graph.unique(base() + "." + op.schema().name() + "." + i));
        }
        return graph.builder().add(op, name, operands, names);
    }

    /**
     * Adds a node of the main domain with one output.
     *
     * @param opName its operator
     * @param a its attributes
     * @param operands its operands, null for those left out
     * @return its output
     */
    public Value add(String opName, Attributes a, Value... operands) {
        return graph.builder()
                .add(op("", opName, a), name, Arrays.asList(operands), List.of(graph.unique(base() + "." + opName)))
                .getFirst();
    }

    /**
     * Adds the node as it is in the file.
     *
     * @return its outputs, null for those without a name
     */
    public List<Value> unchanged() {
        return with(attributes);
    }

    /**
     * Adds the node as it is in the file, but with other attributes.
     *
     * @param a the attributes
     * @return its outputs, null for those without a name
     */
    public List<Value> with(Attributes a) {
        return finish(op(domain(), proto.opType(), a), inputs);
    }

    /**
     * An error that names this node.
     *
     * @param found what is wrong
     * @param allowed what is allowed
     * @param cure what the user can do, or null
     * @return the error, for the lowering to throw
     */
    public InvalidOperandException error(String found, String allowed, String cure) {
        return new InvalidOperandException(describe(), found, allowed, cure);
    }

    /**
     * A graph among the attributes.
     *
     * @param attribute the name of the attribute
     * @return the graph as the file has it
     * @throws InvalidOperandException if there is none
     */
    public GraphProto body(String attribute) {
        if (raw.get(attribute) instanceof AttributeValue.GraphValue g) {
            return g.graph();
        }
        throw error("no graph '" + attribute + "'", "a graph", null);
    }

    /**
     * Whether a graph is among the attributes.
     *
     * @param attribute the name of the attribute
     * @return true if it is
     */
    public boolean hasBody(String attribute) {
        return raw.containsKey(attribute);
    }

    /**
     * The values around bodies that the bodies use, except constants. They become operands of the operator that holds
     * the bodies.
     *
     * @param bodies the bodies of one operator
     * @return the values under the names that the bodies use
     */
    public Map<String, Value> captured(List<GraphProto> bodies) {
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

    /**
     * Adds the nodes of a body to the graph, in the place of this node.
     *
     * @param body the body
     * @param operands a value for each input of the body
     * @return the outputs of the body
     */
    public List<Value> inline(GraphProto body, Value... operands) {
        return graph.inline(body, List.of(operands), base());
    }

    /**
     * Lowers a body to a graph of its own.
     *
     * @param body the body
     * @param formal the types of its inputs
     * @param scalars how many of the first inputs are scalars that the operator makes
     * @param captured the values around the body that it uses, which become inputs after the others
     * @return the graph
     */
    public Graph lowerBody(
            GraphProto body, List<InferContext.Operand> formal, int scalars, Map<String, Value> captured) {
        GraphLowering inner = graph.inner(body);
        for (String free : graph.freeNames(body)) {
            Value v = graph.lookUp(free);
            if (v != null && v.isConstant()) {
                inner.constant(free, v);
            }
        }
        return inner.body(body, formal, scalars, captured);
    }
}

package dev.tenon.formats.onnx.lowering;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.data.OnnxTypes;
import dev.tenon.formats.onnx.lowering.ModelLowering.OperatorVersions;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.TypeProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lowers one graph of a model, or the body of a function into the graph that calls it. Keeps the values of the graph
 * under their names in the file. The values around a body that the body uses are passed to it as inputs.
 */
final class GraphLowering {
    private static final int MAX_CALLS = 64;
    private static final int MAX_NAME = 256;

    private final ModelLowering model;
    private final GraphBuilder builder;
    private final OperatorVersions versions;
    private final AttributeReader attributes;
    private final NamedValues values = new NamedValues();

    /** The attributes of the call of the function that is lowered, or null outside of functions. */
    private final Map<String, AttributeValue> given;

    /** Put in front of the names of nodes and values in the body of a function. */
    private final String prefix;

    /** The names that nodes define as constants. */
    private final Set<String> constants = new HashSet<>();

    /** The names of the outputs of the call, by the names of the outputs of the function that is lowered. */
    private final Map<String, String> renamed = new HashMap<>();

    private final int depth;

    GraphLowering(ModelLowering model, GraphLowering outer, GraphBuilder builder, OperatorVersions versions) {
        this(model, outer, builder, versions, outer == null ? null : outer.given, "");
    }

    private GraphLowering(
            ModelLowering model,
            GraphLowering outer,
            GraphBuilder builder,
            OperatorVersions versions,
            Map<String, AttributeValue> given,
            String prefix) {
        this.model = model;
        this.builder = builder;
        this.versions = versions;
        this.given = given;
        this.prefix = prefix;
        this.attributes = new AttributeReader(model);
        this.depth = outer == null ? 0 : outer.depth + 1;
    }

    /**
     * The model's own graph.
     *
     * @param given the names of initializers that become inputs
     */
    Graph model(GraphProto proto, Set<String> given) {
        initializers(proto);
        values.forget(given);
        for (ValueInfoProto input : proto.inputs()) {
            if (!values.isMadeLater(input.name())) {
                values.put(input.name(), builder.input(input.name(), type(input)));
            }
        }
        return finish(proto);
    }

    /**
     * A body. Its inputs are followed by the values around it that it uses.
     *
     * @param formal the type of each input that the body declares
     * @param scalars how many of the first inputs are scalars that the operator makes. A body may declare them as
     *     vectors
     * @param captured the values around the body that it uses, by the names that it uses
     */
    Graph body(GraphProto proto, List<InferContext.Operand> formal, int scalars, Map<String, Value> captured) {
        requireInputs(proto, formal.size());
        for (int i = 0; i < formal.size(); i++) {
            String name = proto.inputs().get(i).name();
            values.put(name, builder.input(name, formal.get(i)));
        }
        initializers(proto);
        captured.forEach(
                (name, outer) -> values.put(name, builder.input(builder.unique(outer.name()), outer.operand())));
        proto.inputs().subList(0, scalars).forEach(this::asVector);
        return finish(proto);
    }

    /** Turns an input that is a scalar into a vector of one element, if the body declares it as a vector. */
    private void asVector(ValueInfoProto input) {
        Value v = lookUp(input.name());
        boolean vector = input.type().isPresent()
                && input.type().get().kind() instanceof TypeProto.DenseType t
                && t.shape().isPresent()
                && t.shape().get().dims().size() == 1;
        OpDefinition<?> unsqueeze = source().operators().find("", "Unsqueeze").orElse(null);
        if (vector
                && unsqueeze != null
                && v.tensorType() != null
                && v.tensorType().shape().hasRank()
                && v.tensorType().shape().rank() == 0) {
            Value axes = builder.constant(builder.unique(input.name() + ".axes"), Tensor.of(new long[] {0}, 1));
            Op op = unsqueeze.create(Attributes.none());
            String name = builder.unique(input.name() + ".vector");
            values.put(
                    input.name(),
                    builder.add(op, "", List.of(v, axes), List.of(name)).getFirst());
        }
    }

    /** Lets a constant from around a body be a constant of the body too. */
    void constant(String name, Value outer) {
        values.putLater(name, () -> builder.constant(builder.unique(outer.name()), outer.constant()));
    }

    private void initializers(GraphProto proto) {
        for (TensorProto t : proto.initializers()) {
            values.initializer(t.name(), () -> builder.constant(builder.unique(t.name()), model.tensor(t)));
        }
        for (SparseTensorProto t : proto.sparseInitializers()) {
            values.initializer(
                    t.values().name(),
                    () -> builder.constant(builder.unique(t.values().name()), model.tensor(t)));
        }
    }

    private Graph finish(GraphProto proto) {
        lowerAll(model.order().sorted(proto.nodes(), values::isKnown));
        for (ValueInfoProto output : proto.outputs()) {
            builder.output(output.name(), values.find(output.name(), "output '" + output.name() + "'"));
        }
        return builder.build();
    }

    private ValueType type(ValueInfoProto info) {
        String thing = "input '" + info.name() + "'";
        if (info.type().isEmpty()) {
            throw new MalformedModelException(thing, "no type", "a type", null);
        }
        return OnnxTypes.toType(info.type().get(), thing, builder::freshDim);
    }

    /** The value of a name, or null if there is none. */
    Value lookUp(String name) {
        return values.lookUp(name);
    }

    /**
     * Lowers constants first, as if they were initializers. If exporters define one twice, the last definition counts.
     */
    private void lowerAll(List<NodeProto> nodes) {
        for (NodeProto node : nodes) {
            if (isConstant(node)) {
                lower(node);
            }
        }
        for (NodeProto node : nodes) {
            if (!isConstant(node)) {
                lower(node);
            }
        }
    }

    private boolean isConstant(NodeProto node) {
        return node.opType().equals("Constant")
                && ModelLowering.domain(node.domain()).isEmpty()
                && model.function(node) == null;
    }

    private void lower(NodeProto proto) {
        if (proto.outputs().isEmpty()) {
            return;
        }
        String name = inside(proto.name());
        tell(proto, name);
        List<Value> inputs = new ArrayList<>();
        for (String input : proto.inputs()) {
            inputs.add(values.isAbsent(input) ? null : values.find(input, describe(proto, name)));
        }
        Map<String, AttributeValue> resolved = AttributeReader.resolve(proto.attributes(), given);
        countReferences(proto, name);
        FunctionProto function = model.function(proto);
        List<Value> results;
        if (function != null) {
            results = call(function, proto, name, inputs, resolved);
        } else {
            String domain = ModelLowering.domain(proto.domain());
            long version = versions.of(domain);
            Lowering lowering = model.tables()
                    .find(domain, proto.opType(), version, model.source().operators());
            if (lowering == null) {
                throw unsupported(proto, name, domain, version);
            }
            Attributes read = attributes.read(name, resolved);
            results = lowering.lower(new NodeLowering(this, proto, name, version, inputs, read, resolved));
        }
        bind(proto, name, results);
    }

    /** Names the node as the work that is done, for the message if it takes too long. */
    private void tell(NodeProto proto, String name) {
        WorkBudget budget = WorkBudget.current();
        if (budget != null) {
            budget.doing(new Lowered(source().bytes().name(), proto, name));
        }
    }

    /** A node that is lowered; its text is made when it is needed. */
    private record Lowered(String model, NodeProto proto, String name) {
        @Override
        public String toString() {
            return "loading " + model + ", " + describe(proto, name);
        }
    }

    /** Counts the attributes of a node in a function that have the values of the function's attributes. */
    private void countReferences(NodeProto proto, String name) {
        for (AttributeProto a : proto.attributes()) {
            AttributeValue value = given == null || a.refAttrName().isEmpty() ? null : given.get(a.refAttrName());
            if (value != null) {
                model.countExpanded(describe(proto, name), model.work().of(value));
            }
        }
    }

    private void bind(NodeProto proto, String name, List<Value> results) {
        for (int i = 0; i < proto.outputs().size(); i++) {
            String output = proto.outputs().get(i);
            if (output.isEmpty()) {
                continue;
            }
            if (i >= results.size()) {
                throw new MalformedModelException(
                        describe(proto, name),
                        "an output " + i + " '" + output + "'",
                        results.size() + " outputs",
                        null);
            }
            if (results.get(i) == null) {
                int index = i;
                values.putLaterIfAbsent(output, () -> {
                    throw new UnsupportedModelException(
                            describe(proto, name),
                            "its output " + index + " '" + output + "' is used",
                            "models that leave it alone",
                            "export the model for inference");
                });
                continue;
            }
            requireNew(proto, name, output);
            requireRank(proto, name, results.get(i));
            values.put(output, results.get(i));
        }
    }

    private void requireNew(NodeProto proto, String name, String output) {
        if (values.isKnown(output)) {
            throw new MalformedModelException(
                    describe(proto, name), "a second definition of '" + output + "'", "one", null);
        }
    }

    private void requireRank(NodeProto proto, String name, Value v) {
        int most = model.source().limits().maxRank();
        if (v.tensorType() != null
                && v.tensorType().shape().hasRank()
                && v.tensorType().shape().rank() > most) {
            throw new ResourceLimitException(
                    describe(proto, name),
                    "a result of " + v.tensorType().shape().rank() + " dimensions",
                    "at most " + most,
                    "raise Limits.maxRank if the source is trusted");
        }
    }

    /** Lets the first output of a node be a constant, made when it is first used. */
    void defineConstant(NodeProto proto, Tensor tensor) {
        String output = proto.outputs().getFirst();
        if (output.isEmpty()) {
            return;
        }
        if (constants.add(output)) {
            requireNew(proto, inside(proto.name()), output);
        }
        values.putLater(output, () -> builder.constant(unique(output), tensor));
    }

    /** The operator and the name of a node, for messages. */
    static String describe(NodeProto proto, String name) {
        String op = proto.opType().isBlank() ? "node" : proto.opType();
        return name.isEmpty() ? op : op + " '" + name + "'";
    }

    private UnsupportedModelException unsupported(NodeProto proto, String name, String domain, long version) {
        String operator = domain.isEmpty() ? proto.opType() : domain + "." + proto.opType();
        String versions = model.tables().versions(domain, proto.opType(), source().operators());
        String cure = versions == null
                ? unknown(domain, proto.opType())
                : version > model.tables().newest()
                        ? "export with operator set " + model.tables().newest()
                                + ", or use a version of Tenon that knows newer ones"
                        : "export with another version of the operator set";
        return new UnsupportedModelException(
                describe(proto, name),
                "operator " + operator + " of operator set " + version,
                versions == null ? "the operators that Tenon has" : versions,
                cure);
    }

    private String unknown(String domain, String operator) {
        return model.tables()
                .nearest(domain, operator, source().operators())
                .map(near -> "write " + near + " if that is meant, or add it with LoadOptions.operators")
                .orElse("add it with LoadOptions.operators");
    }

    /** Lowers the body of a function in place of a call. */
    private List<Value> call(
            FunctionProto function,
            NodeProto node,
            String name,
            List<Value> inputs,
            Map<String, AttributeValue> callAttributes) {
        if (depth >= MAX_CALLS) {
            throw new MalformedModelException(
                    describe(node, name),
                    "functions that call each other more than " + MAX_CALLS + " deep",
                    "at most " + MAX_CALLS,
                    null);
        }
        if (inputs.size() > function.inputs().size()) {
            throw new MalformedModelException(
                    describe(node, name),
                    inputs.size() + " inputs",
                    "at most " + function.inputs().size() + ", as the function has",
                    null);
        }
        model.countExpanded(
                describe(node, name), callAttributes.size() + model.work().of(function));
        Map<String, AttributeValue> all = new HashMap<>();
        for (AttributeProto a : function.attributeDefaults()) {
            all.put(a.name(), a.value());
        }
        all.putAll(callAttributes);
        String path = tail((name.isEmpty() ? function.name() : name) + "/");
        GraphLowering body = new GraphLowering(model, this, builder, model.versions(function), all, path);
        for (int i = 0; i < Math.min(function.outputs().size(), node.outputs().size()); i++) {
            String result = node.outputs().get(i);
            if (!result.isEmpty()) {
                body.renamed.put(function.outputs().get(i), renamed.getOrDefault(result, inside(result)));
            }
        }
        for (int i = 0; i < function.inputs().size(); i++) {
            if (i < inputs.size() && inputs.get(i) != null) {
                body.values.put(function.inputs().get(i), inputs.get(i));
            } else {
                body.values.leaveOut(function.inputs().get(i));
            }
        }
        body.lowerAll(model.order().sorted(function.nodes(), body.values::isKnownOrAbsent));
        List<Value> results = new ArrayList<>();
        for (String output : function.outputs()) {
            results.add(body.values.isAbsent(output) ? null : body.values.find(output, describe(node, name)));
        }
        return results;
    }

    /**
     * Lowers a body in place of the node that holds it.
     *
     * @param inputs a value for each input of the body
     * @param path put in front of the body's names
     * @return the body's outputs
     */
    List<Value> inline(GraphProto proto, List<Value> inputs, String path) {
        requireShallow(proto);
        requireInputs(proto, inputs.size());
        GraphLowering body = new GraphLowering(model, this, builder, versions, given, tail(inside(path) + "/"));
        body.values.leaveOutLike(values);
        for (String free : freeNames(proto)) {
            Value v = lookUp(free);
            if (v != null) {
                body.values.put(free, v);
            }
        }
        for (int i = 0; i < inputs.size(); i++) {
            body.values.put(proto.inputs().get(i).name(), inputs.get(i));
        }
        body.initializers(proto);
        body.lowerAll(model.order().sorted(proto.nodes(), body.values::isKnown));
        List<Value> results = new ArrayList<>();
        for (ValueInfoProto output : proto.outputs()) {
            results.add(body.values.find(output.name(), "output '" + output.name() + "'"));
        }
        return results;
    }

    /** A name for a value of the graph that is built: the name in the file if it is free. */
    String unique(String name) {
        return builder.unique(renamed.getOrDefault(name, inside(name)));
    }

    /**
     * A name with the prefixes of the calls around it. Its length is bounded: long names of many calls would fill
     * memory.
     */
    private String inside(String name) {
        return prefix.isEmpty() ? name : tail(prefix + tail(name));
    }

    private static String tail(String name) {
        return name.length() <= MAX_NAME ? name : name.substring(name.length() - MAX_NAME);
    }

    /** The names that a graph uses and does not define. */
    Set<String> freeNames(GraphProto graph) {
        return model.order().freeNames(graph);
    }

    GraphBuilder builder() {
        return builder;
    }

    ModelSource source() {
        return model.source();
    }

    /** The lowering of a body that an operator of this graph holds. */
    GraphLowering inner(GraphProto proto) {
        requireShallow(proto);
        GraphLowering body = new GraphLowering(model, this, builder.body(proto.name()), versions, given, "");
        body.values.leaveOutLike(values);
        return body;
    }

    /** Refuses bodies nested too deep, and counts the work of one body. */
    private void requireShallow(GraphProto body) {
        model.countExpanded(
                "body '" + tail(body.name()) + "'",
                values.leftOut() + model.work().of(body));
        if (depth >= MAX_CALLS * 2) {
            throw new MalformedModelException(
                    "body '" + body.name() + "'",
                    "bodies nested too deep",
                    "at most " + MAX_CALLS * 2 + " levels",
                    null);
        }
    }

    private static void requireInputs(GraphProto body, int given) {
        if (body.inputs().size() != given) {
            throw new MalformedModelException(
                    "body '" + body.name() + "'",
                    body.inputs().size() + " inputs",
                    given + ", as its operator gives",
                    null);
        }
    }
}

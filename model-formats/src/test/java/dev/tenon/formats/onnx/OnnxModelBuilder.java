package dev.tenon.formats.onnx;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.data.OnnxTensors;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeType;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OnnxProtoWriter;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.TensorShapeProto;
import dev.tenon.formats.onnx.proto.TypeProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.graph.Graph;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.OpSet;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Builds models for tests, well formed or not. */
public final class OnnxModelBuilder {
    public static final OpSet OPERATORS = StandardOperators.set();

    private final List<OperatorSetId> imports = new ArrayList<>();
    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> initializers = new ArrayList<>();
    private final List<SparseTensorProto> sparse = new ArrayList<>();
    private final List<ValueInfoProto> inputs = new ArrayList<>();
    private final List<ValueInfoProto> outputs = new ArrayList<>();
    private final List<FunctionProto> functions = new ArrayList<>();
    private String name = "builder";

    /** A model that imports a version of the main operator set, or none if it is 0. */
    public static OnnxModelBuilder opset(long version) {
        OnnxModelBuilder builder = new OnnxModelBuilder();
        return version == 0 ? builder : builder.imports("", version);
    }

    /** A body of an operator. */
    public static OnnxModelBuilder body(String name) {
        OnnxModelBuilder builder = new OnnxModelBuilder();
        builder.name = name;
        return builder;
    }

    public OnnxModelBuilder imports(String domain, long version) {
        imports.add(new OperatorSetId(domain, version));
        return this;
    }

    /** Adds an input. A dimension is a number or a name. The empty name stands for an unknown dimension. */
    public OnnxModelBuilder input(String input, DType type, Object... dims) {
        inputs.add(info(input, type, dims));
        return this;
    }

    public OnnxModelBuilder input(ValueInfoProto input) {
        inputs.add(input);
        return this;
    }

    public OnnxModelBuilder output(String output) {
        outputs.add(new ValueInfoProto(output, Optional.empty(), "", List.of()));
        return this;
    }

    public static ValueInfoProto info(String value, DType type, Object... dims) {
        List<TensorShapeProto.Dimension> list = new ArrayList<>();
        for (Object d : dims) {
            list.add(
                    d instanceof String s
                            ? TensorShapeProto.Dimension.named(s)
                            : TensorShapeProto.Dimension.of(((Number) d).longValue()));
        }
        TypeProto proto = TypeProto.of(
                new TypeProto.DenseType(ElementTypes.number(type), Optional.of(new TensorShapeProto(list))));
        return new ValueInfoProto(value, Optional.of(proto), "", List.of());
    }

    public OnnxModelBuilder initializer(String value, Tensor tensor) {
        return initializer(OnnxTensors.toProto(value, tensor));
    }

    public OnnxModelBuilder initializer(TensorProto tensor) {
        initializers.add(tensor);
        return this;
    }

    public OnnxModelBuilder initializer(SparseTensorProto tensor) {
        sparse.add(tensor);
        return this;
    }

    /** Adds a node from a text such as {@code "y, z = domain:Op(a, , b)"}. */
    public OnnxModelBuilder node(String text, AttributeProto... attributes) {
        nodes.add(nodeProto(text, attributes));
        return this;
    }

    public static NodeProto nodeProto(String text, AttributeProto... attributes) {
        int equals = text.indexOf('=');
        int open = text.indexOf('(');
        String operator = text.substring(equals + 1, open).strip();
        int colon = operator.lastIndexOf(':');
        return new NodeProto(
                names(text.substring(open + 1, text.lastIndexOf(')'))),
                names(text.substring(0, equals)),
                "",
                operator.substring(colon + 1),
                colon < 0 ? "" : operator.substring(0, colon),
                "",
                List.of(attributes),
                "",
                List.of());
    }

    private static List<String> names(String list) {
        return list.isBlank()
                ? List.of()
                : Arrays.stream(list.split(",", -1)).map(String::strip).toList();
    }

    public OnnxModelBuilder function(FunctionProto function) {
        functions.add(function);
        return this;
    }

    /** A function {@code name(inputs) -> outputs} in the domain {@code local}, of operator set 21. */
    public static FunctionProto function(
            String name,
            String inputs,
            String outputs,
            List<String> attributes,
            List<AttributeProto> defaults,
            NodeProto... nodes) {
        return new FunctionProto(
                name,
                "local",
                "",
                names(inputs),
                names(outputs),
                attributes,
                defaults,
                List.of(nodes),
                List.of(new OperatorSetId("", 21), new OperatorSetId("local", 1)),
                List.of(),
                "",
                List.of());
    }

    public static AttributeProto attribute(String name, long value) {
        return AttributeProto.of(name, new AttributeValue.IntValue(value));
    }

    public static AttributeProto attribute(String name, float value) {
        return AttributeProto.of(name, new AttributeValue.FloatValue(value));
    }

    public static AttributeProto attribute(String name, String value) {
        return AttributeProto.of(name, new AttributeValue.StringValue(value));
    }

    public static AttributeProto attribute(String name, long[] values) {
        return AttributeProto.of(name, new AttributeValue.IntsValue(Scalars.ofLongs(values)));
    }

    public static AttributeProto attribute(String name, Tensor value) {
        return AttributeProto.of(name, new AttributeValue.TensorValue(OnnxTensors.toProto("", value)));
    }

    public static AttributeProto attribute(String name, OnnxModelBuilder body) {
        return AttributeProto.of(name, new AttributeValue.GraphValue(body.graph()));
    }

    /** An attribute that takes the value of an attribute of the function around it. */
    public static AttributeProto reference(String name, String of, AttributeType type) {
        return new AttributeProto(name, of, "", type, new AttributeValue.NoValue());
    }

    public GraphProto graph() {
        return new GraphProto(name, nodes, initializers, sparse, inputs, outputs, List.of(), "", List.of(), List.of());
    }

    public ModelProto model() {
        return new ModelProto(10, imports, "", "", "", 0, "", graph(), List.of(), functions);
    }

    public byte[] bytes() {
        return bytes(model());
    }

    public static byte[] bytes(ModelProto model) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            OnnxProtoWriter.encode(model).writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public Graph read() {
        return read(Limits.standard());
    }

    public Graph read(Limits limits) {
        return read(bytes(), ExternalData.none(), limits).graph();
    }

    public static ModelFile read(byte[] bytes, ExternalData external, Limits limits) {
        ModelBytes model =
                ModelBytes.of("builder.onnx", MemorySegment.ofArray(bytes).asReadOnly());
        return new OnnxReader().read(new ModelSource(model, external, OPERATORS, limits));
    }
}

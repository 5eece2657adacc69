package dev.tenon.benchmarks.growth;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OnnxProtoWriter;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.TensorShapeProto;
import dev.tenon.formats.onnx.proto.TypeProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Makes one ONNX file piece by piece. Confined to one thread. */
final class ModelText implements Family.Content {
    /** The domain of the functions of a file. */
    static final String LOCAL = "local";

    private static final long IR_VERSION = 10;
    private static final int OPERATOR_SET = 21;
    private static final int FLOAT = 1;
    private static final int BOOL = 9;
    private static final int INT64 = 7;

    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> initializers = new ArrayList<>();
    private final List<SparseTensorProto> sparse = new ArrayList<>();
    private final List<ValueInfoProto> inputs = new ArrayList<>();
    private final List<ValueInfoProto> outputs = new ArrayList<>();
    private final List<FunctionProto> functions = new ArrayList<>();
    private final List<OperatorSetId> imports =
            new ArrayList<>(List.of(new OperatorSetId("", OPERATOR_SET), new OperatorSetId(LOCAL, 1)));
    private final List<StringEntry> metadata = new ArrayList<>();

    /** Adds a float input. A dimension is a number or a symbol. */
    ModelText input(String name, Object... dims) {
        return typed(name, FLOAT, dims);
    }

    /** Adds a boolean scalar as an input. */
    ModelText flag(String name) {
        return typed(name, BOOL);
    }

    /** Adds an integer scalar as an input. */
    ModelText count(String name) {
        return typed(name, INT64);
    }

    private ModelText typed(String name, int type, Object... dims) {
        List<TensorShapeProto.Dimension> shape = new ArrayList<>();
        for (Object d : dims) {
            shape.add(
                    d instanceof Integer n
                            ? TensorShapeProto.Dimension.of(n)
                            : TensorShapeProto.Dimension.named((String) d));
        }
        TypeProto dense = TypeProto.of(new TypeProto.DenseType(type, Optional.of(new TensorShapeProto(shape))));
        inputs.add(new ValueInfoProto(name, Optional.of(dense), "", List.of()));
        return this;
    }

    /** Adds an output, whose type the file does not tell. */
    ModelText output(String name) {
        outputs.add(new ValueInfoProto(name, Optional.empty(), "", List.of()));
        return this;
    }

    /** Adds a weight. */
    ModelText initializer(String name, Tensor tensor) {
        initializers.add(proto(name, tensor));
        return this;
    }

    /** Adds a weight of some elements, all of which are 0 but one. */
    ModelText sparse(String name, long elements) {
        TensorProto value = proto(name, Tensor.of(new float[] {1}));
        TensorProto place = proto("", Tensor.of(new long[] {elements - 1}));
        sparse.add(new SparseTensorProto(value, place, List.of(elements)));
        return this;
    }

    /** Adds a weight of texts. */
    ModelText texts(String name, List<String> texts) {
        List<MemorySegment> utf8 = new ArrayList<>();
        for (String text : texts) {
            utf8.add(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
        }
        initializers.add(TensorProto.ofStrings(name, List.of((long) texts.size()), utf8));
        return this;
    }

    private static TensorProto proto(String name, Tensor tensor) {
        List<Long> dims = Arrays.stream(tensor.dims()).boxed().toList();
        return TensorProto.ofRaw(name, ElementTypes.number(tensor.dtype()), dims, tensor.segment());
    }

    /** Adds a node of the main domain. */
    ModelText node(String operator, List<String> from, List<String> to, AttributeProto... attributes) {
        return node("", operator, from, to, attributes);
    }

    /** Adds a node of any domain. */
    ModelText node(String domain, String operator, List<String> from, List<String> to, AttributeProto... attributes) {
        nodes.add(new NodeProto(from, to, "n", operator, domain, "", List.of(attributes), "", List.of()));
        return this;
    }

    /** Adds a function of the domain {@link #LOCAL}: its nodes, imports, and the names of its inputs and outputs. */
    ModelText function(String name, ModelText body, List<String> in, List<String> out) {
        functions.add(new FunctionProto(
                name, LOCAL, "", in, out, List.of(), List.of(), body.nodes, body.imports, List.of(), "", List.of()));
        return this;
    }

    /** Adds an import of an operator set. */
    ModelText imports(String domain) {
        imports.add(new OperatorSetId(domain, 1));
        return this;
    }

    /** Adds a line of metadata. */
    ModelText metadata(String key, String value) {
        metadata.add(new StringEntry(key, value));
        return this;
    }

    /** An attribute of an integer. */
    static AttributeProto number(String name, long value) {
        return AttributeProto.of(name, new AttributeValue.IntValue(value));
    }

    /** An attribute of a float. */
    static AttributeProto real(String name, float value) {
        return AttributeProto.of(name, new AttributeValue.FloatValue(value));
    }

    /** An attribute of any other kind. */
    static AttributeProto attribute(String name, AttributeValue value) {
        return AttributeProto.of(name, value);
    }

    /** A body of a control operator. */
    static AttributeProto body(String name, ModelText body) {
        return AttributeProto.of(name, new AttributeValue.GraphValue(body.graph()));
    }

    /** A constant as an attribute. */
    static AttributeProto tensor(String name, Tensor tensor) {
        return AttributeProto.of(name, new AttributeValue.TensorValue(proto("", tensor)));
    }

    private GraphProto graph() {
        return new GraphProto(
                "growth", nodes, initializers, sparse, inputs, outputs, List.of(), "", List.of(), List.of());
    }

    /** The file. */
    @Override
    public byte[] bytes() {
        ModelProto model = new ModelProto(IR_VERSION, imports, "", "", "", 1, "", graph(), metadata, functions);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            OnnxProtoWriter.encode(model).writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}

package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.formats.protobuf.WireWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Models for tests. */
final class SampleModels {
    private static final List<StringEntry> METADATA = List.of(new StringEntry("key", "wert ü"));

    private SampleModels() {}

    static MemorySegment text(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] bytes(WireWriter message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            message.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static GraphProto graph(String name, NodeProto... nodes) {
        return new GraphProto(
                name, List.of(nodes), List.of(), List.of(), List.of(), List.of(), List.of(), "", List.of(), List.of());
    }

    static ModelProto model(GraphProto graph) {
        return new ModelProto(13, List.of(new OperatorSetId("", 25)), "", "", "", 0, "", graph, List.of(), List.of());
    }

    static NodeProto node(String opType, AttributeProto... attributes) {
        return new NodeProto(List.of("x"), List.of("y"), "", opType, "", "", List.of(attributes), "", List.of());
    }

    static TensorProto tensor(String name) {
        byte[] one = {0, 0, (byte) 0x80, 0x3f};
        return TensorProto.ofRaw(name, 1, List.of(1L), MemorySegment.ofArray(one));
    }

    private static SparseTensorProto sparse() {
        return new SparseTensorProto(tensor("sparse"), tensor("where"), List.of(3L, 4L));
    }

    private static TensorProto typed() {
        return new TensorProto(
                "typed",
                1,
                List.of(2L, -1L),
                Optional.empty(),
                Scalars.ofFloats(1.5f, Float.NaN),
                Scalars.ofLongs(-3, 4),
                Scalars.ofLongs(Long.MIN_VALUE),
                Scalars.ofDoubles(0.1),
                Scalars.ofLongs(-1),
                List.of(text("a"), text("")),
                true,
                List.of(new StringEntry("location", "weights.bin")),
                "a tensor",
                METADATA);
    }

    private static TypeProto shaped() {
        return new TypeProto(
                new TypeProto.DenseType(
                        1,
                        Optional.of(new TensorShapeProto(List.of(
                                TensorShapeProto.Dimension.of(0),
                                TensorShapeProto.Dimension.named("batch"),
                                new TensorShapeProto.Dimension(OptionalLong.of(-7), "", "DATA_CHANNEL"))))),
                "IMAGE");
    }

    private static List<TypeProto> types() {
        return List.of(
                shaped(),
                TypeProto.of(new TypeProto.SparseType(1, Optional.empty())),
                TypeProto.of(new TypeProto.SequenceType(TypeProto.of(new TypeProto.MapType(7, shaped())))),
                TypeProto.of(new TypeProto.OptionalType(TypeProto.of(new TypeProto.UnknownType()))),
                TypeProto.of(new TypeProto.OpaqueType("domain", "name")));
    }

    private static ValueInfoProto info() {
        return new ValueInfoProto("x", Optional.of(shaped()), "an input", METADATA);
    }

    /** A node with an attribute of every type. */
    private static NodeProto everything() {
        return new NodeProto(
                List.of("x", "", "z"),
                List.of("y"),
                "node",
                "Everything",
                "test.domain",
                "overload",
                List.of(
                        AttributeProto.of("f", new AttributeValue.FloatValue(0f)),
                        AttributeProto.of("i", new AttributeValue.IntValue(-5)),
                        AttributeProto.of("s", new AttributeValue.StringValue("text")),
                        AttributeProto.of("t", new AttributeValue.TensorValue(typed())),
                        AttributeProto.of("g", new AttributeValue.GraphValue(graph("inner", node("Relu")))),
                        AttributeProto.of("sparse", new AttributeValue.SparseTensorValue(sparse())),
                        AttributeProto.of("type", new AttributeValue.TypeValue(shaped())),
                        AttributeProto.of("floats", new AttributeValue.FloatsValue(Scalars.ofFloats(1, 2))),
                        AttributeProto.of("ints", new AttributeValue.IntsValue(Scalars.ofLongs(1, -2))),
                        AttributeProto.of("strings", new AttributeValue.StringsValue(List.of(text("one"), text("")))),
                        AttributeProto.of("tensors", new AttributeValue.TensorsValue(List.of(typed(), tensor("b")))),
                        AttributeProto.of("graphs", new AttributeValue.GraphsValue(List.of(graph("a"), graph("b")))),
                        AttributeProto.of("sparses", new AttributeValue.SparseTensorsValue(List.of(sparse()))),
                        AttributeProto.of("types", new AttributeValue.TypesValue(types())),
                        AttributeProto.of("none", new AttributeValue.IntsValue(Scalars.ofLongs())),
                        new AttributeProto(
                                "ref", "outer", "documented", AttributeType.INT, new AttributeValue.NoValue())),
                "a node",
                METADATA);
    }

    private static GraphProto graph() {
        return new GraphProto(
                "main",
                List.of(everything(), node("Relu")),
                List.of(tensor("w"), typed()),
                List.of(sparse()),
                List.of(info()),
                List.of(new ValueInfoProto("y", Optional.empty(), "", List.of())),
                List.of(info()),
                "a graph",
                List.of(new TensorAnnotation("w", METADATA)),
                METADATA);
    }

    private static FunctionProto function() {
        return new FunctionProto(
                "Twice",
                "local",
                "v2",
                List.of("a"),
                List.of("b"),
                List.of("alpha"),
                List.of(AttributeProto.of("beta", new AttributeValue.FloatValue(1f))),
                List.of(node("Add")),
                List.of(new OperatorSetId("", 18)),
                List.of(info()),
                "a function",
                METADATA);
    }

    /** A model with every field that the records keep. */
    static ModelProto complete() {
        return new ModelProto(
                13,
                List.of(new OperatorSetId("", 25), new OperatorSetId("ai.onnx.ml", 5)),
                "tenon",
                "1",
                "dev.tenon",
                9,
                "a model",
                graph(),
                METADATA,
                List.of(function()));
    }
}

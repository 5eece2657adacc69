package dev.tenon.formats.onnx.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.formats.protobuf.WireBytes;
import dev.tenon.formats.protobuf.WireWriter;
import dev.tenon.testkit.Damage;
import dev.tenon.testkit.TestData;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OnnxProtoTest {
    private static final Limits LIMITS = Limits.standard();

    private static ModelBytes bytes(byte[] file) {
        return ModelBytes.of("test.onnx", MemorySegment.ofArray(file));
    }

    private static ModelProto read(byte[] file) {
        return OnnxProtoReader.readModel(bytes(file), LIMITS);
    }

    private static byte[] written(ModelProto model) {
        return SampleModels.bytes(OnnxProtoWriter.encode(model));
    }

    @Test
    void everyFieldComesBack() {
        ModelProto model = SampleModels.complete();
        byte[] file = written(model);
        ModelProto again = read(file);
        assertThat(written(again)).isEqualTo(file);
        // Byte strings are compared by identity. The text of a record without them shows all of its components.
        assertThat(withoutSegments(again)).isEqualTo(withoutSegments(model));
    }

    private static String withoutSegments(ModelProto model) {
        return model.toString().replaceAll("MemorySegment\\{[^}]*\\}", "bytes");
    }

    @Test
    void readsTheBytesThatTheSchemaPrescribes() {
        // ir_version 8, opset_import {version 17}, graph {node {input a, output b, op_type Abs}, name g}.
        byte[] file = HexFormat.of()
                .parseHex("0808" + "4202" + "1011" + "3a10" + "0a0b0a0161120162" + "2203416273" + "120167");
        ModelProto model = read(file);
        assertThat(model.irVersion()).isEqualTo(8);
        assertThat(model.opsetImports()).containsExactly(new OperatorSetId("", 17));
        assertThat(model.graph().name()).isEqualTo("g");
        NodeProto node = model.graph().nodes().get(0);
        assertThat(node.opType()).isEqualTo("Abs");
        assertThat(node.inputs()).containsExactly("a");
        assertThat(node.outputs()).containsExactly("b");
    }

    @Test
    void weightsAreViewsOfTheFile() {
        byte[] file = written(SampleModels.complete());
        MemorySegment memory = MemorySegment.ofArray(file);
        ModelProto model = OnnxProtoReader.readModel(ModelBytes.of("m", memory), LIMITS);
        MemorySegment raw = model.graph().initializers().get(0).rawData().orElseThrow();
        assertThat(memory.asOverlappingSlice(raw)).isPresent();
        assertThat(raw.isReadOnly()).isTrue();
    }

    @Test
    void anAttributeWithoutTypeHasTheTypeOfItsOneValue() {
        WireWriter attribute = new WireWriter();
        attribute.string(1, "axis");
        attribute.int64(3, 7);
        assertThat(readAttribute(attribute)).isEqualTo(AttributeProto.of("axis", new AttributeValue.IntValue(7)));
        attribute.float32(2, 1f);
        assertThatThrownBy(() -> readAttribute(attribute))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("attribute 'axis' with no type and 2 values");
    }

    @Test
    void anAttributeTakesTheValueThatItsTypeNames() {
        WireWriter attribute = new WireWriter();
        attribute.string(1, "axes");
        attribute.int64(20, AttributeType.INTS.number());
        assertThat(readAttribute(attribute))
                .isEqualTo(AttributeProto.of("axes", new AttributeValue.IntsValue(Scalars.ofLongs())));
        WireWriter graph = new WireWriter();
        graph.int64(20, AttributeType.GRAPH.number());
        assertThatThrownBy(() -> readAttribute(graph)).hasMessageContaining("of type GRAPH without a value");
        WireWriter unknown = new WireWriter();
        unknown.int64(20, 15);
        assertThatThrownBy(() -> readAttribute(unknown)).hasMessageContaining("attribute type 15");
    }

    private static AttributeProto readAttribute(WireWriter attribute) {
        WireWriter node = new WireWriter();
        node.message(5, attribute);
        WireWriter graph = new WireWriter();
        graph.message(1, node);
        WireWriter model = new WireWriter();
        model.message(7, graph);
        return read(SampleModels.bytes(model))
                .graph()
                .nodes()
                .get(0)
                .attributes()
                .get(0);
    }

    @Test
    void refusesASecondGraphInsteadOfMerging() {
        WireWriter model = new WireWriter();
        model.message(7, new WireWriter());
        model.message(7, new WireWriter());
        assertThatThrownBy(() -> read(SampleModels.bytes(model)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("second time");
    }

    @Test
    void refusesFilesOfAnotherKind() {
        for (String text : List.of("", "Hello, this is no model.\n", "<html><body>404</body></html>", "{\"a\": 1}")) {
            assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("test.onnx");
        }
    }

    @Test
    void graphsNestedTenThousandDeepAreRefused() {
        byte[] message = {};
        for (int i = 0; i < 10_000; i++) {
            message = WireBytes.nested(1, WireBytes.nested(5, WireBytes.nested(6, message)));
        }
        byte[] model = WireBytes.nested(7, message);
        assertThatThrownBy(() -> read(model))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("Limits.maxNesting");
        Limits widest = LIMITS.maxNesting(Limits.MAX_NESTING);
        assertThatThrownBy(() -> OnnxProtoReader.readModel(bytes(model), widest))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void typesAndSequencesNestedDeepAreRefused() {
        byte[] type = {};
        byte[] sequence = {};
        byte[] optional = {};
        for (int i = 0; i < 10_000; i++) {
            type = WireBytes.nested(4, WireBytes.nested(1, type));
            sequence = WireBytes.nested(5, sequence);
            optional = WireBytes.nested(7, optional);
        }
        byte[] model = WireBytes.nested(7, WireBytes.nested(11, WireBytes.nested(2, type)));
        byte[] sequences = sequence;
        byte[] optionals = optional;
        assertThatThrownBy(() -> read(model)).isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> OnnxProtoReader.readSequence(bytes(sequences), LIMITS))
                .isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> OnnxProtoReader.readOptional(bytes(optionals), LIMITS))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void theDeepestNestingAllowedFitsASmallStack() throws InterruptedException {
        GraphProto graph = SampleModels.graph("leaf");
        for (int i = 1; i < Limits.MAX_NESTING; i++) {
            graph = SampleModels.graph(
                    "g", SampleModels.node("If", AttributeProto.of("b", new AttributeValue.GraphValue(graph))));
        }
        byte[] file = written(SampleModels.model(graph));
        ModelProto[] result = new ModelProto[1];
        Thread small = new Thread(
                null,
                () -> result[0] = OnnxProtoReader.readModel(bytes(file), LIMITS.maxNesting(Limits.MAX_NESTING)),
                "small stack",
                512 << 10);
        small.start();
        small.join();
        assertThat(result[0]).isNotNull();
        GraphProto deeper = SampleModels.graph(
                "g", SampleModels.node("If", AttributeProto.of("b", new AttributeValue.GraphValue(graph))));
        assertThatThrownBy(() -> OnnxProtoWriter.encode(SampleModels.model(deeper)))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void countsAgainstLimits() {
        byte[] file = written(SampleModels.complete());
        for (Limits limits : List.of(
                LIMITS.maxNodes(1),
                LIMITS.maxTensors(3),
                LIMITS.maxRecords(20),
                LIMITS.maxRank(1),
                LIMITS.maxStringBytes(3),
                LIMITS.maxNesting(1))) {
            assertThatThrownBy(() -> OnnxProtoReader.readModel(bytes(file), limits))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("Limits.max");
        }
    }

    private static void readsOrRefuses(byte[] file) {
        ModelProto model;
        try {
            model = read(file);
        } catch (TenonException e) {
            assertThat(e).hasMessageContaining("test.onnx");
            return;
        }
        // A message that is accepted can be written, and is read as the same again.
        byte[] out = written(model);
        assertThat(written(read(out))).isEqualTo(out);
    }

    @Test
    void anyDamageIsRefusedOrRead() {
        byte[] file = written(SampleModels.complete());
        Damage.truncations(file, (damage, damaged) -> readsOrRefuses(damaged));
        Damage.flips(file, 1, (damage, damaged) -> readsOrRefuses(damaged));
        Damage.replacements(file, (damage, damaged) -> readsOrRefuses(damaged));
    }

    @Property
    void randomBytesAreRefusedOrRead(@ForAll @Size(max = 200) byte[] file) {
        assertThatCode(() -> readsOrRefuses(file)).doesNotThrowAnyException();
    }

    @Test
    void modelsOfTheConformanceCorpusComeBack() throws Exception {
        Path corpus = TestData.corpus();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(corpus)) {
            files = walk.filter(p -> p.toString().endsWith(".onnx")).toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            ModelProto model = OnnxProtoReader.readModel(ModelBytes.map(file, LIMITS), LIMITS);
            byte[] out = written(model);
            assertThat(written(read(out))).as(file.toString()).isEqualTo(out);
        }
    }
}

package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.again;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.names;
import static dev.tenon.formats.onnx.TestGraphs.parse;
import static dev.tenon.formats.onnx.TestGraphs.parsed;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static dev.tenon.formats.onnx.TestGraphs.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSet;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxWriterTest {
    private static GraphProto body(NodeProto node, String name) {
        for (AttributeProto a : node.attributes()) {
            if (a.name().equals(name) && a.value() instanceof AttributeValue.GraphValue g) {
                return g.graph();
            }
        }
        throw new AssertionError("no body " + name + " in " + node);
    }

    @Test
    void theWriterIsAService() {
        assertThat(ServiceLoader.load(ModelWriter.class).stream().map(ServiceLoader.Provider::type))
                .contains(OnnxWriter.class);
        assertThat(new OnnxWriter().format()).isEqualTo("ONNX");
    }

    @Test
    void theVersionIsACommonOneIfItHoldsTheModel() {
        Graph common = parse("graph main(%x: f32[n]) {\n%y = Neg(%x)\nreturn %y\n}");
        Graph newest = parse("graph main(%x: f32[n]) {\n%a = const i64[] {0}\n%y = CumProd(%x, %a)\nreturn %y\n}");
        for (Graph graph : List.of(common, newest)) {
            long version = parsed(write(graph, 0)).opsetImports().getFirst().version();
            assertThat(version).isEqualTo(graph == common ? OnnxWriter.COMMON : StandardDomain.NEWEST);
        }
    }

    @Test
    void metadataIrVersionAndDimensionsAreKept() {
        Graph graph = parse("""
            graph main(%x: f32[batch,?1,3,batch+1]) {
              %y = Relu(%x)
              return %y
            }
            """);
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("labels", "cat,dog");
        properties.put("author", "someone");
        ModelMetadata metadata = new ModelMetadata("p", "1", "d", 9, "text", Map.of("", 11L), properties);
        ModelProto model = parsed(write(new ModelFile(graph, metadata), StandardDomain.NEWEST));
        assertThat(model.irVersion()).isEqualTo(13);
        assertThat(model.opsetImports()).containsExactly(new OperatorSetId("", StandardDomain.NEWEST));
        assertThat(model.metadata())
                .containsExactly(new StringEntry("labels", "cat,dog"), new StringEntry("author", "someone"));
        assertThat(List.of(model.producerName(), model.producerVersion(), model.domain(), model.docString()))
                .containsExactly("p", "1", "d", "text");
        assertThat(model.modelVersion()).isEqualTo(9);
        Graph read = again(graph, 0);
        assertThat(read.inputs().getFirst().tensorType().shape().dims().get(0).toString())
                .isEqualTo("batch");
        assertThat(read.inputs().getFirst().tensorType().shape().dims().get(1).toString())
                .startsWith("?");
        assertThat(read.inputs().getFirst().tensorType().shape().dims().get(2).value())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"7,4", "9,4", "10,5", "11,6", "12,7", "14,7", "15,8", "18,8", "19,9", "21,10", "23,11", "24,12", "28,13"
    })
    void theIrVersionFitsTheOperatorSet(int version, long expected) {
        Graph graph = parse("graph main(%x: f32[2]) { %y = Relu(%x) return %y }");
        assertThat(parsed(write(graph, version)).irVersion()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"6", "29", "-1"})
    void versionsThatAreNotWrittenAreRefused(int version) {
        Graph graph = parse("graph main(%x: f32[2]) { %y = Relu(%x) return %y }");
        assertThatThrownBy(() -> write(graph, version))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("operator set " + version)
                .hasMessageContaining("7 to " + StandardDomain.NEWEST);
    }

    @Test
    void outputsOfOtherNamesRenameTheValueOrPassThroughAnIdentity() {
        Graph graph = parse("""
            graph main(%x: f32[2]) {
              %h = Relu(%x)
              %k = Neg(%h)
              return a=%h, %k, b=%k, c=%x
            }
            """);
        ModelProto model = parsed(write(graph, 0));
        assertThat(model.graph().nodes().stream().map(NodeProto::opType))
                .containsExactly("Relu", "Neg", "Identity", "Identity");
        assertThat(model.graph().nodes().getFirst().outputs()).containsExactly("a");
        Graph read = again(graph, 0);
        assertThat(read.outputNames()).containsExactly("a", "k", "b", "c");
        assertThat(GraphComparison.difference(graph, read)).isNull();
    }

    @Test
    void anOutputNamedLikeAnotherInputIsRefused() {
        Graph graph = parse("graph main(%x: f32[2]) { %y = Relu(%x) return x=%y }");
        assertThatThrownBy(() -> write(graph, 0))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("output 'x'");
    }

    @Test
    void anOutputMayTakeTheNameOfAnInnerValue() {
        Graph graph = parse("""
            graph main(%x: f32[2]) {
              %h = Relu(%x)
              %k = Neg(%h)
              return h=%k
            }
            """);
        Graph read = again(graph, 0);
        assertThat(read.outputNames()).containsExactly("h");
        assertThat(GraphComparison.difference(graph, read)).isNull();
    }

    @Test
    void outerValuesAreWrittenInBodiesByTheirNames() {
        Graph graph = parse("""
            graph main(%x: f32[2], %c: bool[]) {
              %w = const f32[2] {1, 2}
              %big = const f32[2] {3, 4}
              %h = Neg(%x)
              %y = If<then_branch=graph t(%inner: f32[2]) {
                %w = const f32[2] {1, 2}
                %h = Add(%inner, %w)
                %y = Mul(%h, %inner)
                return %y
              }, else_branch=graph e(%h: f32[2]) {
                return %h
              }>(%c, %h)
              %z = Add(%y, %w)
              %u = Add(%z, %big)
              return %u
            }
            """);
        ModelProto model = parsed(write(graph, 0));
        NodeProto branch = model.graph().nodes().get(1);
        assertThat(branch.inputs()).containsExactly("c");
        GraphProto then = body(branch, "then_branch");
        assertThat(then.inputs()).isEmpty();
        NodeProto add = then.nodes().get(0);
        assertThat(add.inputs().getFirst()).isEqualTo("h");
        assertThat(add.outputs().getFirst()).as("a name that hides none").isNotEqualTo("h");
        assertThat(then.nodes().get(1).inputs()).containsExactly(add.outputs().getFirst(), "h");
        GraphProto otherwise = body(branch, "else_branch");
        assertThat(otherwise.nodes()).hasSize(1);
        assertThat(otherwise.nodes().getFirst().opType()).isEqualTo("Identity");
        Graph read = again(graph, 0);
        assertThat(GraphComparison.difference(graph, read)).isNull();
        Tensor x = Tensor.of(new float[] {1, 1});
        equal(run(read, x, Tensor.scalar(true)), run(graph, x, Tensor.scalar(true)));
        equal(run(read, x, Tensor.scalar(false)), run(graph, x, Tensor.scalar(false)));
    }

    @Test
    void constantsThatBodiesShareAreWrittenOnce() {
        OnnxModelBuilder then = OnnxModelBuilder.body("t").node("p = Mul(x, w)").output("p");
        OnnxModelBuilder otherwise =
                OnnxModelBuilder.body("e").node("q = Add(x, w)").output("q");
        Graph graph = opset(21)
                .input("x", DType.FLOAT32, 2)
                .input("c", DType.BOOL)
                .initializer("w", Tensor.of(new float[] {3, 4}))
                .node("y = If(c)", attribute("then_branch", then), attribute("else_branch", otherwise))
                .output("y")
                .read();
        ModelProto model = parsed(write(graph, 0));
        assertThat(model.graph().initializers().stream().map(TensorProto::name)).containsExactly("w");
        NodeProto branch = model.graph().nodes().getFirst();
        assertThat(body(branch, "then_branch").initializers()).isEmpty();
        assertThat(body(branch, "else_branch").initializers()).isEmpty();
        assertThat(GraphText.print(again(graph, 0))).isEqualTo(GraphText.print(graph));
    }

    @Test
    void constantsThatNothingUsesAreLeftOut() {
        Graph graph = parse("graph main(%x: f32[2]) { %w = const f32[1] {1} %y = Relu(%x) return %y }");
        assertThat(parsed(write(graph, 0)).graph().initializers()).isEmpty();
    }

    @Test
    void optionalOperandsAndResultsStayLeftOut() {
        Graph graph = parse("""
            graph main(%x: f32[4]) {
              %most = const f32[] {6}
              %h = Clip(%x, _, %most)
              %k = const i64[1] {2}
              _, %i = TopK(%h, %k)
              return %i
            }
            """);
        ModelProto model = parsed(write(graph, 0));
        assertThat(model.graph().nodes().get(0).inputs()).containsExactly("x", "", "most");
        assertThat(model.graph().nodes().get(1).outputs()).containsExactly("", "i");
        assertThat(GraphText.print(again(graph, 0))).isEqualTo(GraphText.print(graph));
    }

    /** An operator of a user. */
    record Twice(List<Long> list, List<Float> reals, List<String> words) implements Op {
        static final OpSchema SCHEMA =
                OpSchema.of("acme", "Twice").input("x", "T").output("y", "T").where("T", Types.FLOATS);

        static Twice of(Attributes a) {
            return new Twice(a.integers("list", null), a.reals("reals", null), a.strings("words", null));
        }

        @Override
        public OpSchema schema() {
            return SCHEMA;
        }

        @Override
        public Attributes attributes() {
            return Attributes.none().with("list", list).with("reals", reals).with("words", words);
        }

        @Override
        public List<ValueType> infer(InferContext c) {
            return List.of(c.type(0));
        }

        @Override
        public List<Datum> reference(Operands in) {
            return List.of(in.get(0));
        }
    }

    @Test
    void operatorsOfOtherDomainsAreImportedWithTheirVersion() {
        OpSet operators =
                OnnxModelBuilder.OPERATORS.plus(OpSet.of(new OpDefinition<>(Twice.SCHEMA, Twice.class, Twice::of)));
        Graph graph = GraphText.parse("""
            graph main(%x: f32[2]) {
              %y = acme.Twice<list=[1, 2], reals=[0.5f], words=["a", "b"]>(%x)
              return %y
            }
            """, operators);
        ModelMetadata metadata = new ModelMetadata("", "", "", 0, "", Map.of("acme", 3L, "unused", 1L), Map.of());
        byte[] bytes = write(new ModelFile(graph, metadata), 7);
        assertThat(parsed(bytes).opsetImports())
                .containsExactly(new OperatorSetId("", 7), new OperatorSetId("acme", 3));
        Graph read = new OnnxReader()
                .read(new ModelSource(
                        ModelBytes.of("m", MemorySegment.ofArray(bytes)),
                        ExternalData.none(),
                        operators,
                        Limits.standard()))
                .graph();
        assertThat(GraphText.print(read)).isEqualTo(GraphText.print(graph));
    }

    @Test
    void aDomainIsImportedInTheVersionThatHasTheFormsWritten() {
        Graph graph = parse("""
            graph main(%x: string[2]) {
              %y = ai.onnx.ml.LabelEncoder<keys_strings=["a", "b"], values_int64s=[3, 4]>(%x)
              return %y
            }
            """);
        ModelMetadata metadata = new ModelMetadata("", "", "", 0, "", Map.of("ai.onnx.ml", 1L), Map.of());
        byte[] bytes = write(new ModelFile(graph, metadata), 7);
        assertThat(parsed(bytes).opsetImports())
                .containsExactly(new OperatorSetId("", 7), new OperatorSetId("ai.onnx.ml", 4));
        assertThat(GraphText.print(again(graph, 7))).isEqualTo(GraphText.print(graph));
    }

    @Test
    void filesLargerThanProtobufAllowsAreRefused(@TempDir Path folder) throws IOException {
        long bytes = Integer.MAX_VALUE + 1L;
        Path file = folder.resolve("holes.bin");
        try (FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.READ,
                        StandardOpenOption.SPARSE);
                Arena arena = Arena.ofConfined()) {
            channel.write(ByteBuffer.allocate(1), bytes - 1);
            MemorySegment weights = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
            Tensor tensor = Tensor.of(DType.UINT8, weights, bytes);
            GraphBuilder builder = new GraphBuilder("large");
            Graph graph = builder.output(builder.constant("w", tensor)).build();
            assertThatThrownBy(() -> write(graph, 0))
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining("the limit of protobuf");
        }
    }

    @Test
    void namesOfValuesAreKept() {
        Graph graph = parse("""
            graph "odd name"(%"in put": f32[2]) {
              %"w/1:0" = const f32[2] {1, 2}
              %"ü" = Add(%"in put", %"w/1:0") "node one"
              return %"ü"
            }
            """);
        Graph read = again(graph, 0);
        assertThat(names(read.inputs())).containsExactly("in put");
        assertThat(GraphText.print(read)).isEqualTo(GraphText.print(graph));
    }
}

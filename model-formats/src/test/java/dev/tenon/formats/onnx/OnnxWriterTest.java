package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.ModelSketch.attribute;
import static dev.tenon.formats.onnx.ModelSketch.opset;
import static dev.tenon.formats.onnx.OnnxReaderTest.equal;
import static dev.tenon.formats.onnx.OnnxReaderTest.names;
import static dev.tenon.formats.onnx.OnnxReaderTest.run;
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
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
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
import dev.tenon.testkit.Closeness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
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
import org.junit.jupiter.params.provider.ValueSource;

class OnnxWriterTest {
    private static byte[] write(ModelFile model, int version) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new OnnxWriter().write(model, Channels.newChannel(out), version);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] write(Graph graph, int version) {
        return write(new ModelFile(graph, ModelMetadata.EMPTY), version);
    }

    private static ModelProto parsed(byte[] bytes) {
        return OnnxProtoReader.readModel(
                ModelBytes.of("written.onnx", MemorySegment.ofArray(bytes).asReadOnly()), Limits.defaults());
    }

    private static Graph parse(String text) {
        return GraphText.parse(text, ModelSketch.OPERATORS);
    }

    private static Graph again(Graph graph, int version) {
        return ModelSketch.read(write(graph, version), ExternalData.none(), Limits.defaults())
                .graph();
    }

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
    void fusedOperatorsAreWrittenAsTheirParts() {
        Graph graph = parse("""
            graph main(%Add: f32[n,2], %r: f32[n,2]) {
              %w = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
              %six = const f32[] {6.0}
              %z = dev.tenon.Fused<2.alpha=0.5f, inputs=5, operands=[[0, 1], [5, 2], [6], [7, 3, 4]],\
             ops=["MatMul", "Add", "LeakyRelu", "Clip"]>(%Add, %w, %r, _, %six) "first"
              %y = dev.tenon.Fused<inputs=2, operands=[[1, 0], [2, 1]], ops=["Mul", "Sub"]>(%z, %six)
              return %y, %z
            }
            """);
        for (int version : new int[] {7, 0}) {
            Graph read = again(graph, version);
            assertThat(read.nodes().stream().map(n -> n.op().schema().name()))
                    .containsExactly("MatMul", "Add", "LeakyRelu", "Clip", "Mul", "Sub");
            assertThat(read.nodes().getFirst().name()).isEqualTo("first");
            assertThat(read.outputNames()).containsExactly("y", "z");
            Tensor x = Tensor.of(new float[] {1, -2, 3, 4, -5, 6}, 3, 2);
            Tensor r = Tensor.of(new float[] {-9, 1, 0, 1, 2, -80}, 3, 2);
            equal(run(read, x, r), run(graph, x, r));
        }
    }

    private static List<String> written(Graph graph, int version) {
        return parsed(write(graph, version)).graph().nodes().stream()
                .map(n -> n.domain().isEmpty() ? n.opType() : n.domain() + "." + n.opType())
                .toList();
    }

    @Test
    void skipConnectionsAreOperatorsOfAnotherRuntime() {
        Graph graph = parse("""
            graph main(%x: f32[b,n,4], %s: f32[b,n,4], %t: f32[1,n,4]) {
              %g = const f32[4] {1, 2, 3, 4}
              %b = const f32[4] {0.5, 2, -3, 4}
              %y, %u = dev.tenon.SumNormalization<norm="LayerNormalization", epsilon=0.1f>(%g, %b, %x, _, %s, _)
              %z, %v = dev.tenon.SumNormalization<norm="RMSNormalization">(%g, _, %x, _, %y, _, %b, _)
              %w = dev.tenon.SumNormalization<norm="LayerNormalization">(%g, _, %v, _, %t, _)
              return %z, %u, %w
            }
            """);
        assertThat(written(graph, 0))
                .containsExactly(
                        "com.microsoft.SkipLayerNormalization",
                        "com.microsoft.SkipSimplifiedLayerNormalization",
                        "Add",
                        "LayerNormalization");
        Tensor x = floats(2, 3, 4);
        Tensor t = floats(1, 3, 4);
        Tensor s = floats(2, 3, 4);
        List<Datum> found = Interpreter.run(again(graph, 0), List.of(x, s, t));
        List<Datum> expected = Interpreter.run(graph, List.of(x, s, t));
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check("output " + i, found.get(i), expected.get(i), null, new Numerics(0, 32, 4));
        }
    }

    @Test
    void productsWithTurnedMatricesAreATransposeAndAProductAgain() {
        Graph graph = parse("""
            graph main(%x: f32[b,n,4], %s: f32[b,m,4]) {
              %y = dev.tenon.TransposedMatMul(%x, %s)
              %z = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2]], ops=["TransposedMatMul", "Relu"]>(%x, %s)
              return %y, %z
            }
            """);
        assertThat(written(graph, 0)).containsExactly("Transpose", "MatMul", "Transpose", "MatMul", "Relu");
        Tensor x = floats(2, 3, 4);
        Tensor s = floats(2, 5, 4);
        List<Datum> found = Interpreter.run(again(graph, 0), List.of(x, s));
        List<Datum> expected = Interpreter.run(graph, List.of(x, s));
        for (int i = 0; i < expected.size(); i++) {
            equal((Tensor) found.get(i), (Tensor) expected.get(i));
        }
    }

    private static Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, (i * 5 % 13 - 6) / 4.0);
        }
        return t;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            18 | com.microsoft.Gelu                | %y = Gelu(%x)
            18 | com.microsoft.FastGelu            | %y = Gelu<approximate="tanh">(%x)
            23 | com.microsoft.QuickGelu           | %y = Swish<alpha=1.5f>(%x)
            23 | com.microsoft.QuickGelu           | %y = Swish(%x)
            22 | SimplifiedLayerNormalization      | %g = const f32[4] {1, 2, 3, 4}; %y = RMSNormalization<epsilon=0.1f>(%x, %g)
            22 | com.microsoft.MultiHeadAttention  | %y = Attention<q_num_heads=2, kv_num_heads=2, scale=0.3f>(%x, %x, %x)
            22 | com.microsoft.MultiHeadAttention  | %y = Attention<q_num_heads=2, kv_num_heads=2, is_causal=1>(%x, %x, %x)
            """)
    void operatorsThatAreTooNewAreThoseOfAnotherRuntime(int version, String name, String nodes) {
        Graph graph = parse("graph main(%x: f32[b,n,4]) {\n" + nodes.replace("; ", "\n") + "\nreturn %y\n}");
        assertThat(written(graph, version)).containsExactly(name);
        assertThat(written(graph, 0)).doesNotContain(name);
        Tensor x = floats(2, 3, 4);
        Closeness.check(name, run(again(graph, version), x), run(graph, x), null, new Numerics(4, 64, 4));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            22 | %y = Attention<q_num_heads=2, kv_num_heads=1>(%x, %z, %z)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2, softcap=2.0f>(%x, %x, %x)
            22 | %s = const f32[] {2}; %y = RMSNormalization(%x, %s)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2, is_causal=1>(%x, %w, %w)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2, softmax_precision=11>(%x, %x, %x)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, _, _, _, %l)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, _, %p, %p)
            22 | %y, %k = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, _, %p, %p)
            """)
    void whatNoOlderFormHoldsIsRefused(int version, String nodes) {
        Graph graph =
                parse("graph main(%x: f32[b,n,4], %z: f32[b,n,2], %w: f32[b,m,4], %l: i64[b], %p: f32[b,2,p,2]) {\n"
                        + nodes.replace("; ", "\n") + "\nreturn %y\n}");
        assertThatThrownBy(() -> write(graph, version)).hasMessageContaining("in operator set 22");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", is_causal=1"})
    void aPastThatGoesOnIsOneOfAnotherRuntime(String causal) {
        Graph graph = parse("graph main(%x: f32[b,n,4], %p: f32[b,2,p,2], %q: f32[b,2,p,2]) {\n"
                + "%y, %k, %v = Attention<q_num_heads=2, kv_num_heads=2" + causal
                + ">(%x, %x, %x, _, %p, %q)\nreturn %y, %k, %v\n}");
        assertThat(written(graph, 22)).containsExactly("com.microsoft.MultiHeadAttention");
        Tensor[] inputs = {floats(2, 3, 4), floats(2, 2, 5, 2), floats(2, 2, 5, 2)};
        Closeness.check("attention", run(again(graph, 22), inputs), run(graph, inputs), null, new Numerics(4, 64, 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 22})
    void aMaskOfOneRowIsRepeatedForAllQueries(int version) {
        Graph graph = parse("""
            graph main(%x: f32[b,n,4], %m: f32[b,1,1,n]) {
              %p = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, %m)
              %y = Attention<q_num_heads=2, kv_num_heads=2>(%p, %x, %x, %m)
              return %y
            }
            """);
        String attention = version == 0 ? "Attention" : "com.microsoft.MultiHeadAttention";
        assertThat(written(graph, version)).containsExactly("Shape", "Concat", "Expand", attention, attention);
        Tensor x = floats(2, 3, 4);
        Tensor m = floats(2, 1, 1, 3);
        Closeness.check("attention", run(again(graph, version), x, m), run(graph, x, m), null, new Numerics(4, 64, 4));
    }

    @Test
    void theVersionIsOneThatOthersReadWhereItHoldsTheModel() {
        Graph common = parse("graph main(%x: f32[n]) {\n%y = Neg(%x)\nreturn %y\n}");
        Graph newest = parse("graph main(%x: f32[n]) {\n%a = const i64[] {0}\n%y = CumProd(%x, %a)\nreturn %y\n}");
        for (Graph graph : List.of(common, newest)) {
            long version = parsed(write(graph, 0)).opsetImports().getFirst().version();
            assertThat(version).isEqualTo(graph == common ? OnnxWriter.COMMON : OnnxTable.NEWEST);
        }
    }

    @Test
    void compositeOperatorsAreWrittenAsTheirSteps() {
        Graph graph = parse("""
            graph main(%x: f32[b,n,8]) {
              %y, %k = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=1>(%x) "first"
              %z = Neg(%y)
              return %z, %k
            }
            """);
        Graph read = again(graph, 0);
        assertThat(read.nodes().stream().map(n -> n.op().schema().name())).containsExactly("Split", "Attention", "Neg");
        assertThat(read.nodes().getFirst().name()).isEqualTo("first");
        Tensor x = Tensor.allocate(DType.FLOAT32, 2, 3, 8);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, i % 7 - 3);
        }
        equal(run(read, x), run(graph, x));
    }

    @Test
    void gatesAreWrittenAsTheirStepsWithTheirChannelsLastAndABodyBehindThem() {
        Graph graph = parse("""
            graph main(%x: f32[b,h,w,2]) {
              %v = const f32[1,2,1,1] {0.5, -1}
              %w = const f32[2,1,1,1] {1, 2}
              %c = const f32[2] {0.5, 0.25}
              %y = dev.tenon.Fused<inputs=6, operands=[[0, 1, 2, 3, 4], [5, 6]], ops=["ChannelsLast", "Add"], 0.op="SqueezeExcite", 0.squeeze="Relu", 0.excite="HardSigmoid", 0.excite.alpha=0.25f>(%x, %v, %w, _, %c, %x)
              return %y
            }
            """);
        Graph read = again(graph, 0);
        assertThat(read.nodes().stream().map(n -> n.op().schema().name()))
                .containsExactly(
                        "Transpose",
                        "GlobalAveragePool",
                        "Conv",
                        "Relu",
                        "Conv",
                        "HardSigmoid",
                        "Mul",
                        "Transpose",
                        "Add");
        Tensor x = Tensor.allocate(DType.FLOAT32, 2, 3, 2, 2);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, i % 7 - 3);
        }
        equal(run(read, x), run(graph, x));
    }

    @Test
    void fusedOperatorsInBodiesSeeConstantsAround() {
        Graph graph = parse("""
            graph main(%x: f32[2], %c: bool[]) {
              %two = const f32[1] {2.0}
              %y = If<else_branch=graph e(%a: f32[2]) {
                return %a
              }, then_branch=graph t(%a: f32[2]) {
                %two = const f32[1] {2.0}
                %n = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2]], ops=["Mul", "Neg"]>(%a, %two)
                return %n
              }>(%c, %x)
              %z = Add(%y, %two)
              return %z
            }
            """);
        Graph read = again(graph, 0);
        Tensor x = Tensor.of(new float[] {1, -2});
        for (boolean c : new boolean[] {true, false}) {
            equal(run(read, x, Tensor.scalar(c)), run(graph, x, Tensor.scalar(c)));
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
        ModelProto model = parsed(write(new ModelFile(graph, metadata), OnnxTable.NEWEST));
        assertThat(model.irVersion()).isEqualTo(13);
        assertThat(model.opsetImports()).containsExactly(new OperatorSetId("", OnnxTable.NEWEST));
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
                .hasMessageContaining("7 to " + OnnxTable.NEWEST);
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
        assertThat(SameGraph.difference(graph, read)).isNull();
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
        assertThat(SameGraph.difference(graph, read)).isNull();
    }

    @Test
    void whatBodiesUseIsWrittenAsTheNameOutside() {
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
        assertThat(SameGraph.difference(graph, read)).isNull();
        Tensor x = Tensor.of(new float[] {1, 1});
        equal(run(read, x, Tensor.scalar(true)), run(graph, x, Tensor.scalar(true)));
        equal(run(read, x, Tensor.scalar(false)), run(graph, x, Tensor.scalar(false)));
    }

    @Test
    void constantsThatBodiesShareAreWrittenOnce() {
        ModelSketch then = ModelSketch.body("t").node("p = Mul(x, w)").output("p");
        ModelSketch otherwise = ModelSketch.body("e").node("q = Add(x, w)").output("q");
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

    private static Graph graph(String types, String constants, String node) {
        return parse("graph main(" + types + ") { " + constants + " " + node + " return %y }");
    }

    private static void writtenAs(Graph graph, int version, String operator, int operands, String... attributes) {
        NodeProto node = parsed(write(graph, version)).graph().nodes().getFirst();
        assertThat(node.opType()).isEqualTo(operator);
        assertThat(node.inputs()).hasSize(operands);
        assertThat(node.attributes().stream().map(AttributeProto::name)).containsExactlyInAnyOrder(attributes);
        Graph read = again(graph, version);
        Tensor x = Tensor.convert(
                graph.inputs().getFirst().tensorType().dtype(),
                new double[] {-1, 2, 3, 4},
                graph.inputs().getFirst().tensorType().shape().toArray());
        equal(run(read, x), run(graph, x));
    }

    private static void refused(Graph graph, int version, String... texts) {
        assertThatThrownBy(() -> write(graph, version))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("in operator set " + version)
                .satisfies(e -> assertThat(e.getMessage()).contains(texts));
    }

    @Test
    void axesBecomeAttributes() {
        Graph sum = graph("%x: f32[1,4]", "%a = const i64[1] {-1}", "%y = ReduceSum<keepdims=0>(%x, %a)");
        writtenAs(sum, 13, "ReduceSum", 2, "keepdims");
        writtenAs(sum, 12, "ReduceSum", 1, "keepdims", "axes");
        writtenAs(sum, 7, "ReduceSum", 1, "keepdims", "axes");
        Graph mean = graph("%x: f32[1,4]", "%a = const i64[1] {1}", "%y = ReduceMean(%x, %a)");
        writtenAs(mean, 18, "ReduceMean", 2);
        writtenAs(mean, 17, "ReduceMean", 1, "axes");
        writtenAs(graph("%x: f32[1,4]", "", "%y = ReduceMax(%x)"), 8, "ReduceMax", 1);
        Graph squeeze = graph("%x: f32[1,4]", "%a = const i64[1] {-2}", "%y = Squeeze(%x, %a)");
        writtenAs(squeeze, 7, "Squeeze", 1, "axes");
        Graph unsqueeze = graph("%x: f32[4]", "%a = const i64[1] {-1}", "%y = Unsqueeze(%x, %a)");
        writtenAs(unsqueeze, 7, "Unsqueeze", 1, "axes");
        writtenAs(unsqueeze, 13, "Unsqueeze", 2);
        refused(
                graph("%x: f32[1,4], %a: i64[1]", "", "%y = ReduceMean(%x, %a)"),
                17,
                "ReduceMean",
                "not constant",
                "18 and above");
        refused(graph("%x: f32[4]", "", "%y = ReduceMean<noop_with_empty_axes=1>(%x)"), 17, "noop_with_empty_axes");
    }

    @Test
    void operandsBecomeAttributes() {
        Graph clip = graph("%x: f32[4]", "%l = const f32[] {0}", "%y = Clip(%x, %l)");
        writtenAs(clip, 11, "Clip", 2);
        writtenAs(clip, 10, "Clip", 1, "min");
        Graph slice = graph(
                "%x: f32[4]",
                "%s = const i64[1] {1} %e = const i64[1] {3} %a = const i64[1] {0}", "%y = Slice(%x, %s, %e, %a)");
        writtenAs(slice, 9, "Slice", 1, "starts", "ends", "axes");
        Graph pad = graph("%x: f32[4]", "%p = const i64[2] {1,1} %v = const f32[] {9}", "%y = Pad(%x, %p, %v)");
        writtenAs(pad, 10, "Pad", 1, "pads", "value");
        writtenAs(pad, 11, "Pad", 3);
        Graph top = graph("%x: f32[4]", "%k = const i64[1] {2}", "%y, _ = TopK(%x, %k)");
        writtenAs(top, 9, "TopK", 1, "k");
        writtenAs(top, 10, "TopK", 2);
        Graph drop = graph("%x: f32[4]", "%r = const f32[] {0.25}", "%y = Dropout(%x, %r)");
        writtenAs(drop, 11, "Dropout", 1, "ratio");
        Graph scatter =
                graph("%x: f32[4]", "%i = const i64[1] {1} %u = const f32[1] {7}", "%y = ScatterElements(%x, %i, %u)");
        writtenAs(scatter, 10, "Scatter", 3);
        refused(
                graph(
                        "%x: f32[4]",
                        "%s = const i64[1] {0} %e = const i64[1] {4} %t = const i64[1] {2}",
                        "%y = Slice(%x, %s, %e, _, %t)"),
                9,
                "steps [2]");
        refused(graph("%x: i32[4]", "%l = const i32[] {0}", "%y = Clip(%x, %l)"), 11, "Clip", "12 and above");
        refused(graph("%x: f32[4]", "%k = const i64[1] {2}", "%y, _ = TopK<largest=0>(%x, %k)"), 9, "largest");
    }

    @Test
    void piecesOfSplit() {
        Graph even = graph("%x: f32[4]", "", "%y, %z = Split<num_outputs=2>(%x)");
        writtenAs(even, 18, "Split", 1, "num_outputs");
        writtenAs(even, 13, "Split", 1);
        writtenAs(even, 7, "Split", 1);
        Graph uneven = graph("%x: f32[4]", "", "%y, %z, _ = Split<num_outputs=3>(%x)");
        writtenAs(uneven, 13, "Split", 2);
        writtenAs(uneven, 12, "Split", 1, "split");
        Graph sizes = graph("%x: f32[4]", "%s = const i64[2] {1,3}", "%y, %z = Split(%x, %s)");
        writtenAs(sizes, 13, "Split", 2);
        writtenAs(sizes, 11, "Split", 1, "split");
        refused(graph("%x: f32[n]", "", "%y, %z = Split<num_outputs=2>(%x)"), 17, "Split", "n", "18 and above");
    }

    @Test
    void softmaxOfTheLastAxisIsTheSameInAllVersions() {
        Graph last = graph("%x: f32[1,4]", "", "%y = Softmax(%x)");
        writtenAs(last, 12, "Softmax", 1, "axis");
        writtenAs(last, 7, "Softmax", 1, "axis");
        refused(graph("%x: f32[4,1]", "", "%y = Softmax<axis=0>(%x)"), 12, "axis 0", "13 and above");
    }

    @Test
    void whatResizeLeavesOutIsEmptyInOlderVersions() {
        Graph graph = graph("%x: f32[4]", "%s = const i64[1] {8}", "%y = Resize(%x, _, _, %s)");
        NodeProto young = parsed(write(graph, 13)).graph().nodes().getFirst();
        assertThat(young.inputs()).containsExactly("x", "", "", "s");
        NodeProto old = parsed(write(graph, 11)).graph().nodes().getFirst();
        assertThat(old.inputs()).doesNotContain("");
        Graph read = again(graph, 11);
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4});
        equal(run(read, x), run(graph, x));
        assertThat(parsed(write(read, 13)).graph().nodes().getFirst().inputs()).containsExactly("x", "", "", "s");
    }

    @Test
    void whatAnOlderVersionDoesNotHaveIsRefusedByName() {
        refused(graph("%x: i32[4]", "", "%y = BitwiseNot(%x)"), 17, "BitwiseNot", "18 and above");
        refused(graph("%x: f32[4]", "", "%y = Shape<start=0, end=1>(%x)"), 14, "Shape", "'end'", "15 and above");
        refused(graph("%x: bf16[4]", "", "%y = Neg(%x)"), 12, "Neg", "bf16", "13 and above");
        refused(graph("%x: i32[4]", "", "%y = Relu(%x)"), 13, "Relu", "i32", "14 and above");
        refused(graph("%x: f32[4], %z: f32[1]", "", "%y = Max(%x, %z)"), 7, "Max", "broadcasting");
        refused(graph("%x: f32[4], %p: i64[2]", "", "%y = Pad<mode=\"wrap\">(%x, %p)"), 18, "wrap", "19 and above");
        refused(graph("%x: f32[*]", "", "%y = Concat<axis=-1>(%x, %x)"), 10, "negative axis");
    }

    @Test
    void negativeAxesBecomePositiveForVersionsThatWantThat() {
        Graph concat = graph("%x: f32[1,4]", "", "%y = Concat<axis=-1>(%x, %x)");
        NodeProto old = parsed(write(concat, 10)).graph().nodes().getFirst();
        assertThat(old.attributes().getFirst().value()).isEqualTo(new AttributeValue.IntValue(1));
        NodeProto young = parsed(write(concat, 11)).graph().nodes().getFirst();
        assertThat(young.attributes().getFirst().value()).isEqualTo(new AttributeValue.IntValue(-1));
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
        public Numerics numerics() {
            return Numerics.EXACT;
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
                ModelSketch.OPERATORS.plus(OpSet.of(new OpDefinition<>(Twice.SCHEMA, Twice.class, Twice::of)));
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
                        Limits.defaults()))
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
        long bytes = 3L << 30;
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

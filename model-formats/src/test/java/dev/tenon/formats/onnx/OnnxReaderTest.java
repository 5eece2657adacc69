package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.names;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.data.OnnxTensors;
import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxReaderTest {
    private static OnnxModelBuilder vector() {
        return opset(21).input("x", DType.FLOAT32, 2);
    }

    @Test
    void initializersThatAreListedAsInputsAreConstants() {
        Graph graph = vector().input("w", DType.FLOAT32, 2)
                .initializer("w", Tensor.of(new float[] {10, 20}))
                .initializer("unused", Tensor.of(new float[] {1}))
                .node("y = Add(x, w)")
                .output("y")
                .read();
        assertThat(names(graph.inputs())).containsExactly("x");
        assertThat(names(graph.constants())).containsExactly("w");
        equal(run(graph, Tensor.of(new float[] {1, 2})), Tensor.of(new float[] {11, 22}));
    }

    @Test
    void weightsInConstantNodesAreConstantsUnderTheirNames() {
        Graph graph = vector().node("y = Add(x, w)")
                .node("w = Constant()", attribute("value", Tensor.of(new float[] {10, 20})))
                .output("y")
                .output("w")
                .read();
        assertThat(graph.nodes()).hasSize(1);
        assertThat(names(graph.constants())).containsExactly("w");
        assertThat(graph.outputNames()).containsExactly("y", "w");
        equal(run(graph, Tensor.of(new float[] {1, 2})), Tensor.of(new float[] {11, 22}));
    }

    @Test
    void nodesNeedNotBeInOrder() {
        Graph graph = vector().node("y = Add(b, x)")
                .node("b = Mul(a, a)")
                .node("a = Neg(x)")
                .output("y")
                .read();
        assertThat(graph.nodes().stream().map(n -> n.op().schema().name())).containsExactly("Neg", "Mul", "Add");
        equal(run(graph, Tensor.of(new float[] {2, 3})), Tensor.of(new float[] {6, 12}));
    }

    @Test
    void cyclesAreRefused() {
        assertThatThrownBy(() -> vector().node("a = Add(x, b)")
                        .node("b = Neg(a)")
                        .output("a")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("cycles");
        OnnxModelBuilder inner =
                OnnxModelBuilder.body("then").node("t = Identity(y)").output("t");
        assertThatThrownBy(() -> vector().input("c", DType.BOOL)
                        .node("y = If(c)", attribute("then_branch", inner), attribute("else_branch", inner))
                        .output("y")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("cycles");
    }

    /** if (c) x + 1 + (a value of the outer graph) else x. The innermost body uses values of two graphs around it. */
    private static OnnxModelBuilder nested() {
        OnnxModelBuilder innerThen = OnnxModelBuilder.body("inner then")
                .node("sum = Add(outer, middle)")
                .node("s = Add(sum, one)")
                .output("s");
        OnnxModelBuilder innerElse =
                OnnxModelBuilder.body("inner else").node("s = Identity(x)").output("s");
        OnnxModelBuilder then = OnnxModelBuilder.body("then")
                .node("middle = Mul(x, x)")
                .node("t = If(c)", attribute("then_branch", innerThen), attribute("else_branch", innerElse))
                .output("t");
        OnnxModelBuilder otherwise = OnnxModelBuilder.body("else").output("x");
        return vector().input("c", DType.BOOL)
                .initializer("one", Tensor.of(new float[] {1}))
                .node("outer = Neg(x)")
                .node("y = If(c)", attribute("then_branch", then), attribute("else_branch", otherwise))
                .output("y");
    }

    @Test
    void bodiesUseValuesOfAllLevelsAroundThem() {
        Graph graph = nested().read();
        equal(run(graph, Tensor.of(new float[] {2, 3}), Tensor.scalar(true)), Tensor.of(new float[] {3, 7}));
        equal(run(graph, Tensor.of(new float[] {2, 3}), Tensor.scalar(false)), Tensor.of(new float[] {2, 3}));
    }

    @Test
    void namesOfBodiesHideNamesAroundThem() {
        OnnxModelBuilder then = OnnxModelBuilder.body("then")
                .node("t = Neg(x)")
                .node("s = Mul(t, t)")
                .output("s");
        OnnxModelBuilder otherwise = OnnxModelBuilder.body("else")
                .initializer("t", Tensor.of(new float[] {5, 5}))
                .node("s = Add(t, x)")
                .output("s");
        Graph graph = vector().input("c", DType.BOOL)
                .node("t = Add(x, x)")
                .node("y = If(c)", attribute("then_branch", then), attribute("else_branch", otherwise))
                .node("z = Add(y, t)")
                .output("z")
                .read();
        Tensor x = Tensor.of(new float[] {1, 2});
        equal(run(graph, x, Tensor.scalar(true)), Tensor.of(new float[] {3, 8}));
        equal(run(graph, x, Tensor.scalar(false)), Tensor.of(new float[] {8, 11}));
    }

    @Test
    void loopsCarryValuesThatGrow() {
        OnnxModelBuilder body = OnnxModelBuilder.body("body")
                .input("i", DType.INT64)
                .input("go", DType.BOOL)
                .input("v", DType.FLOAT32, "n")
                .node("w = Concat(v, x)", attribute("axis", 0))
                .output("go")
                .output("w")
                .output("i");
        Graph graph = opset(21)
                .input("x", DType.FLOAT32, 1)
                .initializer("n", Tensor.scalar(2L))
                .node("y, rounds = Loop(n, , x)", attribute("body", body))
                .output("y")
                .output("rounds")
                .read();
        assertThat(graph.outputs().get(0).tensorType().shape().rank()).isEqualTo(1);
        assertThat(graph.outputs().get(0).tensorType().shape().isKnown()).isFalse();
        List<Datum> results = Interpreter.run(graph, List.of(Tensor.of(new float[] {4})));
        equal((Tensor) results.get(0), Tensor.of(new float[] {4, 4, 4}));
        equal((Tensor) results.get(1), Tensor.of(new long[] {0, 1}));
    }

    @Test
    void loopsWhoseNumbersAreVectors() {
        OnnxModelBuilder body = OnnxModelBuilder.body("body")
                .input("i", DType.INT64, 1)
                .input("go", DType.BOOL, 1)
                .input("v", DType.INT64, 1)
                .node("w = Concat(v, i)", attribute("axis", 0))
                .node("last = Gather(w, one)")
                .output("go")
                .output("last");
        Graph graph = opset(21)
                .input("x", DType.INT64, 1)
                .initializer("n", Tensor.of(new long[] {3}))
                .initializer("yes", Tensor.of(new boolean[] {true}))
                .initializer("one", Tensor.of(new long[] {1}))
                .node("y = Loop(n, yes, x)", attribute("body", body))
                .output("y")
                .read();
        equal(run(graph, Tensor.of(new long[] {7})), Tensor.of(new long[] {2}));
    }

    @Test
    void bodiesOfTheWrongArityAreRefused() {
        OnnxModelBuilder body =
                OnnxModelBuilder.body("body").input("i", DType.INT64).output("i");
        assertThatThrownBy(() -> vector().node("y = Loop(, , x)", attribute("body", body))
                        .output("y")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'body'")
                .hasMessageContaining("1 inputs");
        assertThatThrownBy(() -> vector().input("c", DType.BOOL)
                        .node("y = If(c)", attribute("then_branch", body))
                        .output("y")
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("else_branch");
    }

    @Test
    void bodiesThatDisagreeAreRefused() {
        OnnxModelBuilder one = OnnxModelBuilder.body("one").node("a = Neg(x)").output("a");
        OnnxModelBuilder two =
                OnnxModelBuilder.body("two").node("a = Neg(x)").output("a").output("x");
        assertThatThrownBy(() -> vector().input("c", DType.BOOL)
                        .node("y = If(c)", attribute("then_branch", one), attribute("else_branch", two))
                        .output("y")
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("branches");
    }

    @Test
    void namesThatNothingDefinesAreRefused() {
        assertThatThrownBy(() -> vector().node("y = Add(x, w)").output("y").read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("'w'")
                .hasMessageContaining("Add");
        assertThatThrownBy(() -> vector().node("y = Neg(x)").output("z").read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("output 'z'");
    }

    @Test
    void secondDefinitionsAreRefused() {
        assertThatThrownBy(() -> vector().node("y = Neg(x)")
                        .node("y = Abs(x)")
                        .output("y")
                        .read())
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("'y'");
        assertThatThrownBy(() -> vector().initializer("w", Tensor.of(new float[] {1}))
                        .initializer("w", Tensor.of(new float[] {2}))
                        .node("y = Add(x, w)")
                        .output("y")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("initializer 'w'");
        assertThatThrownBy(
                        () -> vector().input("x", DType.FLOAT32, 2).output("x").read())
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("'x'");
        assertThatThrownBy(() ->
                        vector().node("y = Neg(x)").output("y").output("y").read())
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("'y'");
    }

    @Test
    void moreOutputsThanThereAreAreRefused() {
        assertThatThrownBy(() -> vector().node("y, z = Neg(x)").output("y").read())
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("Neg");
    }

    @Test
    void nodesWithoutOutputsHaveNoEffect() {
        Graph graph =
                vector().node(" = Mystery(x)").node("y = Neg(x)").output("y").read();
        assertThat(graph.nodes()).hasSize(1);
    }

    @Test
    void unknownOperatorsAreNamedWithTheCure() {
        assertThatThrownBy(() -> vector().node("y = Frobnicate(x)").output("y").read())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("operator Frobnicate of operator set 21")
                .hasMessageContaining("LoadOptions.operators");
        assertThatThrownBy(() -> vector().imports("acme", 3)
                        .node("y = acme:Neg(x)")
                        .output("y")
                        .read())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("operator acme.Neg of operator set 3");
        assertThatThrownBy(() -> vector().node("y = acme:Neg(x)").output("y").read())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("acme.Neg");
    }

    @Test
    void versionsThatAnOperatorIsNotInAreNamed() {
        assertThatThrownBy(() -> opset(StandardDomain.NEWEST + 1)
                        .input("x", DType.FLOAT32, 2)
                        .node("y = Neg(x)")
                        .output("y")
                        .read())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("versions 1 to " + StandardDomain.NEWEST)
                .hasMessageContaining("export with operator set " + StandardDomain.NEWEST);
        assertThatThrownBy(() -> opset(8).input("x", DType.FLOAT32, 2)
                        .node("y = Erf(x)")
                        .output("y")
                        .read())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("versions 9 to");
    }

    @Test
    void theMainDomainHasTwoNamesAndMustBeImported() {
        Graph graph = opset(0).imports("ai.onnx", 21)
                .imports("nobody.uses.it", 7)
                .input("x", DType.FLOAT32, 2)
                .node("y = ai.onnx:Neg(x)")
                .output("y")
                .read();
        assertThat(graph.nodes().getFirst().op().schema().qualifiedName()).isEqualTo("Neg");
        assertThatThrownBy(() -> opset(0).input("x", DType.FLOAT32, 2)
                        .node("y = Neg(x)")
                        .output("y")
                        .read())
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("opset_import");
    }

    @Test
    void sparseInitializersAreMadeDense() {
        Tensor indices = Tensor.of(new long[] {0, 2});
        TensorProto values = OnnxTensors.toProto("w", Tensor.of(new float[] {5, 6}));
        SparseTensorProto sparse = new SparseTensorProto(values, OnnxTensors.toProto("i", indices), List.of(3L));
        OnnxModelBuilder model = opset(21)
                .input("x", DType.FLOAT32, 3)
                .initializer(sparse)
                .node("y = Add(x, w)")
                .output("y");
        equal(run(model.read(), Tensor.of(new float[] {1, 1, 1})), Tensor.of(new float[] {6, 1, 7}));
        assertThatThrownBy(() -> model.read(Limits.standard().maxExpandedBytes(8)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxExpandedBytes");
    }

    @Test
    void allSparseTensorsTogetherKeepToTheLimit() {
        OnnxModelBuilder model = opset(21).input("x", DType.FLOAT32, 3);
        TensorProto indices = OnnxTensors.toProto("i", Tensor.of(new long[0]));
        for (int i = 0; i < 3; i++) {
            TensorProto values = OnnxTensors.toProto("w" + i, Tensor.of(new float[0]));
            model.initializer(new SparseTensorProto(values, indices, List.of(3L)))
                    .node("y" + i + " = Add(x, w" + i + ")")
                    .output("y" + i);
        }
        assertThat(model.read(Limits.standard().maxExpandedBytes(36)).outputs()).hasSize(3);
        assertThatThrownBy(() -> model.read(Limits.standard().maxExpandedBytes(35)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("all sparse tensors");
    }

    private static OnnxModelBuilder external(String location) {
        TensorProto tensor = TensorProto.ofExternal(
                "w", 1, List.of(2L), List.of(new StringEntry("location", location), new StringEntry("offset", "4")));
        return vector().initializer(tensor).node("y = Add(x, w)").output("y");
    }

    @Test
    void externalDataStaysInTheFolder(@TempDir Path folder) throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Tensor data = Tensor.of(new float[] {0, 10, 20});
        Files.write(model.resolve("weights.bin"), data.segment().toArray(ValueLayout.JAVA_BYTE));
        Files.write(folder.resolve("secret.bin"), data.segment().toArray(ValueLayout.JAVA_BYTE));
        ExternalData inFolder = ExternalData.inFolder(model);
        Graph graph = OnnxModelBuilder.read(external("weights.bin").bytes(), inFolder, Limits.standard())
                .graph();
        equal(run(graph, Tensor.of(new float[] {1, 2})), Tensor.of(new float[] {11, 22}));
        for (String outside :
                List.of("../secret.bin", folder.resolve("secret.bin").toString(), "missing.bin")) {
            assertThatThrownBy(() -> OnnxModelBuilder.read(external(outside).bytes(), inFolder, Limits.standard()))
                    .isInstanceOf(TenonException.class)
                    .hasMessageContaining("secret.bin".substring(6));
        }
        assertThatThrownBy(() -> external("weights.bin").read()).isInstanceOf(ModelFileException.class);
    }

    @Test
    void anExternalFileIsMappedOnceHoweverItsLocationIsSpelled(@TempDir Path folder) throws IOException {
        int spellings = 20_000;
        Path file = folder.resolve("weights.bin");
        Files.write(file, new byte[12]);
        OnnxModelBuilder model = vector();
        for (int i = 0; i < spellings; i++) {
            // The binary digits of the number, a slash for each 0 and "./" for each 1: all lead to the same file.
            String digits = Integer.toBinaryString(i).replace("0", "/").replace("1", "./");
            List<StringEntry> location = List.of(new StringEntry("location", "./" + digits + "weights.bin"));
            model.initializer(TensorProto.ofExternal("w" + i, 1, List.of(3L), location))
                    .node("y" + i + " = Identity(w" + i + ")")
                    .output("y" + i);
        }
        Limits oneFile = Limits.standard().maxExternalFiles(1);
        Graph graph = OnnxModelBuilder.read(model.bytes(), ExternalData.inFolder(folder, oneFile), oneFile)
                .graph();
        Path maps = Path.of("/proc/self/maps");
        if (Files.isReadable(maps)) {
            String real = file.toRealPath().toString();
            try (Stream<String> lines = Files.lines(maps, StandardCharsets.ISO_8859_1)) {
                assertThat(lines.filter(line -> line.endsWith(real))).hasSize(1);
            }
        }
        assertThat(graph.outputs()).hasSize(spellings);
    }

    @Test
    void dimensionsWithoutANameAreAllDifferent() {
        Graph graph = opset(21)
                .input("a", DType.FLOAT32, "", "n", -1, 3)
                .input("b", DType.FLOAT32, "?", "n", "?")
                .node("c = Identity(a)")
                .output("c")
                .output("b")
                .read();
        Shape a = graph.inputs().get(0).tensorType().shape();
        Shape b = graph.inputs().get(1).tensorType().shape();
        assertThat(List.of(a.dim(0), a.dim(2), b.dim(0), b.dim(2))).doesNotHaveDuplicates();
        assertThat(a.dim(1)).isEqualTo(b.dim(1));
        assertThat(a.dim(3).value()).isEqualTo(3);
    }

    @Test
    void inputsNeedATypeAndOutputsDoNot() {
        assertThatThrownBy(() -> opset(21)
                        .input(new ValueInfoProto("x", Optional.empty(), "", List.of()))
                        .node("y = Neg(x)")
                        .output("y")
                        .read())
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("input 'x'");
    }

    @Test
    void operandsThatDoNotFitAreReportedWithTheNode() {
        assertThatThrownBy(() -> vector().input("w", DType.INT64, 2)
                        .node("y = Add(x, w)")
                        .output("y")
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Add")
                .hasMessageContaining("i64");
        assertThatThrownBy(() -> vector().node("y = Softmax(x)", attribute("axis", "last"))
                        .output("y")
                        .read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Softmax")
                .hasMessageContaining("axis");
    }

    @Test
    void resultsOfManyDimensionsAreRefused() {
        long[] ones = new long[100];
        Arrays.fill(ones, 1);
        OnnxModelBuilder model = opset(21)
                .input("x", DType.FLOAT32, 1)
                .initializer("shape", Tensor.of(ones))
                .node("y = Reshape(x, shape)")
                .output("y");
        assertThatThrownBy(model::read)
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxRank");
    }

    @Test
    void aModelWithoutAGraphIsRefused() {
        byte[] onlyIrVersion = {8, 8};
        assertThatThrownBy(() -> OnnxModelBuilder.read(onlyIrVersion, ExternalData.none(), Limits.standard()))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("no graph");
    }

    @Test
    void metadataIsKept() {
        ModelProto model = new ModelProto(
                8,
                List.of(new OperatorSetId("ai.onnx", 21), new OperatorSetId("acme", 2)),
                "exporter",
                "1.2",
                "org.example",
                5,
                "for people",
                vector().output("x").graph(),
                List.of(new StringEntry("labels", "a,b")),
                List.of());
        ModelFile file = OnnxModelBuilder.read(OnnxModelBuilder.bytes(model), ExternalData.none(), Limits.standard());
        assertThat(file.metadata())
                .isEqualTo(new ModelMetadata(
                        "exporter",
                        "1.2",
                        "org.example",
                        5,
                        "for people",
                        Map.of("", 21L, "acme", 2L),
                        Map.of("labels", "a,b")));
    }

    @Test
    void filesThatBeginLikeAModelAreAccepted() {
        OnnxReader reader = new OnnxReader();
        assertThat(reader.format()).isEqualTo("ONNX");
        assertThat(reader.accepts(MemorySegment.ofArray(vector().output("x").bytes())))
                .isTrue();
        assertThat(reader.accepts(MemorySegment.ofArray(new byte[0]))).isFalse();
        assertThat(reader.accepts(MemorySegment.ofArray("PK".getBytes(StandardCharsets.US_ASCII))))
                .isFalse();
        assertThat(reader.accepts(MemorySegment.ofArray("{}".getBytes(StandardCharsets.US_ASCII))))
                .isFalse();
    }

    /** The reader is asked first, so it must leave the files of the others. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"learner\": 1}",
                " {",
                "\t{",
                "\n{",
                "\r\n{",
                "\u00EF\u00BB\u00BF{",
                "tree\n",
                "CBM1",
                "\u0089TNN\r\n"
            })
    void filesOfOtherFormatsAreNotAccepted(String head) {
        byte[] bytes = head.getBytes(StandardCharsets.ISO_8859_1);
        assertThat(new OnnxReader().accepts(MemorySegment.ofArray(bytes))).isFalse();
    }
}

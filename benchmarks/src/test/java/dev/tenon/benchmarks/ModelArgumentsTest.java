package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.cases.ModelCase;
import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.forks.HugePages;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.TestData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line of {@code benchmarks/run compare} and its cases. */
class ModelArgumentsTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private Path model(String name) throws IOException {
        GraphBuilder b = new GraphBuilder("relu");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("rows"), Dim.symbol("words"))));
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Model.of(b.output("y", b.add(new Relu(), x)).build())
                .save(file, SaveOptions.standard().operatorSet(17));
        return file;
    }

    private CompareOptions parse(String... arguments) throws UsageException {
        return ModelArguments.parse(new PrintStream(log, true, StandardCharsets.UTF_8), arguments);
    }

    @Test
    void everyModelRunsWithEveryNumberOfThreads() throws UsageException, IOException {
        Path first = model("first.onnx");
        Path second = model("second/model.onnx");
        CompareOptions options = parse(
                "compare",
                first.toString(),
                second.toString(),
                "--threads",
                "1,2",
                "--shape",
                "x=3x5",
                "--json",
                "a",
                "--svg",
                "b",
                "-f",
                "7");
        assertThat(options.combinations())
                .extracting(c -> c.get("model") + " " + c.get("threads") + " " + c.get("shapes"))
                .containsExactly("first 1 x=3x5", "first 2 x=3x5", "second 1 x=3x5", "second 2 x=3x5");
        assertThat(options.combinations().getFirst()).containsEntry("file", first.toString());
        assertThat(List.of(options.json(), options.svg())).containsExactly(Path.of("a"), Path.of("b"));
        assertThat(options.forks()).isEqualTo(7);
        assertThat(options.quick()).isFalse();
        assertThat(parse("compare", first.toString()).forks()).isEqualTo(5);
    }

    @Test
    void everyModelRunsInEveryPrecision() throws UsageException, IOException {
        Path file = model("first.onnx");
        CompareOptions options = parse("compare", file.toString(), "--precision", "FP32,INT8_DYNAMIC");
        List<BenchmarkCase> cases =
                options.combinations().stream().map(options.suite().caseOf()).toList();
        assertThat(cases).extracting(BenchmarkCase::model).containsExactly("first", "first INT8_DYNAMIC");
        assertThat(cases.getLast().leastCosine()).isEqualTo(0.99);
        assertThat(parse("compare", file.toString()).combinations().getFirst()).containsEntry("precision", "FP32");
    }

    @Test
    void everyModelRunsOnEveryChoiceOfTerms() throws UsageException, IOException {
        String file = model("first.onnx").toString();
        CompareOptions options = parse("compare", file, "--numerics", "STANDARD,STRICT", "--call", "prepared,map");
        List<BenchmarkCase> cases =
                options.combinations().stream().map(options.suite().caseOf()).toList();
        assertThat(cases)
                .extracting(BenchmarkCase::model)
                .containsExactly("first", "first map", "first STRICT", "first STRICT map");
        for (BenchmarkCase c : cases) {
            assertThat(Agreement.of(c).holds(c)).as(c.model()).isTrue();
        }
        assertThat(options.combinations().getFirst())
                .containsEntry("numerics", "STANDARD")
                .containsEntry("call", "PREPARED")
                .containsEntry("hugePages", "false")
                .containsEntry("kind", "OTHER");
    }

    @Test
    void hugePagesAreThereOrRefusedWithAReason() throws UsageException, IOException {
        String file = model("first.onnx").toString();
        if (HugePages.refusal() == null) {
            assertThat(parse("compare", file, "--huge-pages").combinations())
                    .singleElement()
                    .satisfies(c -> assertThat(c).containsEntry("hugePages", "true"));
        } else {
            assertThatThrownBy(() -> parse("compare", file, "--huge-pages"))
                    .isInstanceOf(UsageException.class)
                    .hasMessage("--huge-pages: " + HugePages.refusal());
        }
    }

    @Test
    void oversubscriptionClaimsMoreThreadsThanThereAre() throws UsageException, IOException {
        String file = model("first.onnx").toString();
        CompareOptions options = parse("oversubscription", file);
        assertThat(options.suite().name()).isEqualTo("oversubscription");
        assertThat(options.combinations())
                .extracting(c -> c.get("threads"))
                .contains("2", "4", "8", "16")
                .contains(Integer.toString(Runtime.getRuntime().availableProcessors()))
                .doesNotHaveDuplicates();
        assertThat(parse("oversubscription", file, "--threads", "3").combinations())
                .extracting(c -> c.get("threads"))
                .containsExactly("3");
    }

    /** A name of the list of quantised models has the shapes of the list. */
    @Test
    void quantisedModelsHaveAListOfTheirOwn() throws UsageException {
        int listed = 0;
        try {
            CompareOptions options = parse("compare", "int8");
            listed = options.combinations().size();
            assertThat(options.combinations())
                    .extracting(c -> c.get("model"))
                    .allMatch(name -> name.matches(
                            "all-minilm-l6-v2-q|mobilenet_v2_q(dq|operator)|generated-.*-(int8|peer)-dynamic"));
            assertThat(options.combinations()).extracting(c -> c.get("kind")).containsOnly("REAL");
        } catch (UsageException e) {
            assertThat(e).hasMessageContaining("all models are missing");
        }
        long missing = log.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(l -> l.startsWith("left out: there is no "))
                .count();
        assertThat(listed + missing).isEqualTo(15);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "compare|compare: name a model",
                "compare nowhere.onnx|there is no model 'nowhere.onnx', neither a file nor in",
                "compare all --shape x=1|whose models have their own shapes",
                "compare MODEL --threads 0|--threads 0 is not a list of numbers",
                "compare MODEL --precision FP16|--precision FP16 is not a list of FP32, BF16, INT8_DYNAMIC",
                "compare MODEL --numerics LOOSE|--numerics LOOSE is not a list of STANDARD, STRICT",
                "compare MODEL --call list|--call LIST is not a list of PREPARED, MAP",
                "compare MODEL --numerics STRICT --precision FP32,BF16|--precision FP32,BF16: strict numerics need FP32",
                "compare MODEL --json|--json needs a value",
                "compare MODEL -f 0|-f 0 is not at least 1",
                "compare MODEL -p engine=abacus|engine 'abacus' is unknown"
            })
    void saysWhatItCannotFollow(String line, String message) throws IOException {
        String[] arguments = line.replace("MODEL", model("m.onnx").toString()).split(" ");
        assertThatThrownBy(() -> parse(arguments))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @Test
    void namesTheModelsOfTheListThatAreNotThere() throws UsageException {
        int listed = 0;
        try {
            CompareOptions options = parse("compare", "all");
            listed = options.combinations().size();
            for (Map<String, String> c : options.combinations()) {
                boolean small = c.get("model").matches("digits_.*|mnist_cnn");
                assertThat(c).containsEntry("kind", small ? "SMALL" : "REAL");
            }
        } catch (UsageException e) {
            assertThat(e).hasMessageContaining("all models are missing");
        }
        long missing = log.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(l -> l.startsWith("left out: there is no "))
                .count();
        assertThat(listed + missing).isEqualTo(26 + 8);
    }

    @Test
    void aCaseHasShapesThatWereAskedForOrLikelyOnes() throws IOException {
        String file = model("m.onnx").toString();
        assertThat(ModelCase.of("m", file, "x=3x5", 1, Terms.STANDARD).sizes()).isEqualTo("3x5");
        assertThat(ModelCase.of("m", file, "*=2x7", 1, Terms.STANDARD).sizes()).isEqualTo("2x7");
        assertThat(ModelCase.of("m", file, "", 1, Terms.STANDARD).sizes()).isEqualTo("1x128");
        assertThat(ModelCase.of("m", file, "x=3x5", 1, Terms.STANDARD).flops()).isEqualTo(15);
        assertThat(ModelCase.of("m", file, "x=3x5", 1, Terms.STANDARD).shapes()).isEqualTo("3x5");
        assertThatThrownBy(() -> ModelCase.of("m", file, "x=3by5", 1, Terms.STANDARD))
                .hasMessageContaining("not of the form");
        assertThatThrownBy(() ->
                        ModelCase.of("m", file, "z=3x5", 1, Terms.STANDARD).sizes())
                .hasMessageContaining("no such input");
        assertThatThrownBy(() -> ModelCase.of("m", file, "", 0, Terms.STANDARD)).hasMessageContaining("at least 1");
    }

    @Test
    void shapesNameTheInputsWhereThereAreSeveral() throws IOException {
        GraphBuilder b = new GraphBuilder("sum");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("rows"), Dim.of(5))));
        Value y = b.input("y", new TensorType(DType.FLOAT32, Shape.of(new long[0])));
        Path file = folder.resolve("sum.onnx");
        Model.of(b.output("z", b.add(new Add(), x, y)).build())
                .save(file, SaveOptions.standard().operatorSet(17));
        assertThat(ModelCase.of("m", file.toString(), "x=3x5 y=", 1, Terms.STANDARD)
                        .shapes())
                .isEqualTo("x=3x5,y=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"melspectrogram", "embedding_model"})
    void bothEnginesAgreeOnWhatIsMeasuredBesideTheList(String model) throws UsageException {
        Path file = Path.of(System.getProperty(MiniLmCase.FOLDER_PROPERTY, "target/models"), model + ".onnx");
        TestData.fetched(file);
        CompareOptions options = parse("compare", model);
        BenchmarkCase c = options.suite().caseOf().apply(options.combinations().getFirst());
        assertThat(c.shapes()).isIn("1x1760", "1x76x32x1");
        Agreement agreement = Agreement.of(c);
        assertThat(agreement.holds(c)).as("%s", agreement).isTrue();
        assertThat(c.flops()).isGreaterThan(1e6);
    }

    @Test
    void bothEnginesComputeTheSame() throws IOException {
        ModelCase relu = ModelCase.of("m", model("m.onnx").toString(), "x=3x5", 1, Terms.STANDARD);
        Agreement agreement = Agreement.of(relu);
        assertThat(agreement.holds(relu)).isTrue();
        assertThat(agreement.maxDifference()).isZero();
    }
}

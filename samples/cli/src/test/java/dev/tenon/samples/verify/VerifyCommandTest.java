package dev.tenon.samples.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.OpLibrary;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.samples.UsageException;
import dev.tenon.samples.lessons.SoftThreshold;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2});

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Path test(String name, Model model, Tensor... expected) throws IOException {
        Path test = Files.createDirectories(folder.resolve("cases").resolve(name));
        model.save(test.resolve("model.onnx"));
        Path set = Files.createDirectories(test.resolve("test_data_set_0"));
        TensorFiles.write(set.resolve("input_0.pb"), "x", X);
        for (int i = 0; i < expected.length; i++) {
            TensorFiles.write(set.resolve("output_" + i + ".pb"), "y" + i, expected[i]);
        }
        return test;
    }

    private static Model model(String body) {
        return Model.of(GraphText.parse("graph (%x: f32[2]) {\n" + body + "\n}", StandardOperators.set()));
    }

    private static Model negative() {
        return model("%y = Neg(%x) return %y");
    }

    private static Model own() {
        GraphBuilder graph = new GraphBuilder("own");
        graph.output(graph.add(new SoftThreshold(1), graph.input("x", ValueType.parse("f32[2]"))));
        return Model.of(graph.build(), OpLibrary.empty());
    }

    private void threeTests() throws IOException {
        test("passes", negative(), Tensor.of(new float[] {-1, -2}));
        test("fails", negative(), Tensor.of(new float[] {-1, 2}));
        test("unknown", own(), X);
    }

    private int run(String... args) throws IOException {
        out.reset();
        List<String> all = new ArrayList<>(List.of(folder.toString()));
        all.addAll(Arrays.asList(args));
        return new VerifyCommand().run(all, new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    private List<String> printed() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void everyTestHasALineAndTheLastLineCounts() throws IOException {
        threeTests();
        for (String threads : List.of("1", "3")) {
            assertThat(run("--threads", threads)).isEqualTo(1);
            assertThat(printed())
                    .contains("PASS cases/passes")
                    .contains("FAIL cases/fails: test_data_set_0: output 0 'y': element 1 is -2.0 instead of 2.0")
                    .anyMatch(line -> line.startsWith("UNSUPPORTED cases/unknown: SoftThreshold"))
                    .contains("slowest:")
                    .endsWith("1 passed, 1 failed, 1 unsupported");
        }
        Files.delete(folder.resolve("cases/fails/model.onnx"));
        Files.delete(folder.resolve("cases/unknown/model.onnx"));
        assertThat(run()).isZero();
        assertThat(printed()).endsWith("1 passed, 0 failed, 0 unsupported");
    }

    @Test
    void theSlowestTenArePrinted() throws IOException {
        for (int i = 0; i < 12; i++) {
            test("t" + i, negative(), Tensor.of(new float[] {-1, -2}));
        }
        assertThat(run()).isZero();
        assertThat(printed().stream().filter(line -> line.matches(" +[0-9.]+ ms {2}cases/t[0-9]+")))
                .hasSize(10);
    }

    @Test
    void resultsAsJson() throws IOException {
        threeTests();
        Path json = folder.resolve("results.json");
        run("--json", json.toString());
        String reason = printed().stream()
                .filter(line -> line.startsWith("UNSUPPORTED"))
                .map(line -> line.substring("UNSUPPORTED cases/unknown: ".length()))
                .findFirst()
                .orElseThrow();
        assertThat(Files.readString(json))
                .isEqualTo("{\"passed\":1,\"failed\":1,\"unsupported\":1,\"tests\":["
                        + "{\"name\":\"cases/fails\",\"status\":\"FAIL\",\"reason\":\"test_data_set_0: output 0 'y': element 1"
                        + " is -2.0 instead of 2.0\"},"
                        + "{\"name\":\"cases/passes\",\"status\":\"PASS\",\"reason\":\"\"},"
                        + "{\"name\":\"cases/unknown\",\"status\":\"UNSUPPORTED\",\"reason\":\"" + reason + "\"}]}");
    }

    @Test
    void whatDoesNotPassMustBeExpectedByName() throws IOException {
        threeTests();
        Path expected = folder.resolve("expected.txt");
        Files.writeString(
                expected, "# allowed\n\ncases/fails wrong data\ncases/unknown no such operator\nothers/gone not run\n");
        assertThat(run("--expect", expected.toString())).isZero();
        Files.writeString(expected, "cases/fails wrong data\ncases/passes it does not\ncases/gone no test\n");
        assertThat(run("--expect", expected.toString())).isEqualTo(1);
        assertThat(printed())
                .contains("unexpected pass: cases/passes")
                .contains("expected, but there is no such test: cases/gone")
                .anyMatch(line -> line.startsWith("unexpected: UNSUPPORTED cases/unknown: "));
        Files.writeString(expected, "cases/fails\n");
        assertThatThrownBy(() -> run("--expect", expected.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("reason");
    }

    @Test
    void randomResultsAreCheckedForTypeShapeAndRange() throws IOException {
        Tensor two = Tensor.of(new float[] {7, 7});
        test("uniform", model("%r = RandomUniformLike<low=2f, high=3f>(%x) %y = Add(%r, %r) return %y, %x"), two, X);
        test("values", model("%r = RandomUniformLike(%x) %y = Neg(%x) return %r, %y"), two, X);
        test("shape", model("%y = RandomUniformLike(%x) return %y"), Tensor.of(new float[] {0, 0, 0}));
        test("type", model("%y = Bernoulli(%x) return %y"), Tensor.of(new double[] {0, 1}));
        assertThat(run()).isEqualTo(1);
        assertThat(printed())
                .contains("PASS cases/uniform")
                .contains("FAIL cases/values: test_data_set_0: output 1 'y': element 0 is -1.0 instead of 1.0")
                .contains("FAIL cases/shape: test_data_set_0: output 0 'y': f32[2] instead of f32[3]")
                .anyMatch(line -> line.startsWith("FAIL cases/type: output_0.pb: a value of type f64[2]"));
    }

    @Test
    void rangesFollowFromTheGraph() {
        Graph graph = GraphText.parse("""
                graph (%x: f32[2]) {
                  %r = RandomUniformLike<low=-1f, high=3f>(%x)
                  %half = const f32[] {0.5}
                  %keep = Greater(%r, %half)
                  %mask = Cast<to=1>(%keep)
                  %scaled = Mul(%x, %mask)
                  %y = Div(%scaled, %half)
                  %z = Sub(%y, %r)
                  %n = RandomNormalLike(%x)
                  return %y, %z, %n, %keep
                }
                """, StandardOperators.set());
        RandomValues random = RandomValues.of(graph, Map.of("x", Tensor.of(new float[] {-1, 4})));
        assertThat(graph.outputs()).allMatch(random::contains);
        assertThat(random.range(graph.outputs().get(0))).hasToString("[-2.0, 8.0]");
        assertThat(random.range(graph.outputs().get(1))).hasToString("[-5.0, 9.0]");
        assertThat(random.range(graph.outputs().get(2))).hasToString("[-Infinity, Infinity]");
        assertThat(random.range(graph.outputs().get(3))).hasToString("whole numbers in [0.0, 1.0]");
        RandomValues.Range range = random.range(graph.outputs().getFirst());
        assertThat(range.violation(Tensor.of(new float[] {-2, 8}), 0, 0)).isNull();
        assertThat(range.violation(Tensor.of(new float[] {0, 8.5f}), 0, 0)).contains("element 1 is 8.5");
        assertThat(range.violation(Tensor.of(new float[] {Float.NaN}), 0, 0)).contains("NaN");
    }

    @Test
    void argumentsAreChecked() {
        for (String[] args :
                new String[][] {{"--tier", "fast"}, {"--tier"}, {"--json"}, {"--threads", "0"}, {"--what"}, {}}) {
            assertThatThrownBy(() -> run(args)).isInstanceOf(UsageException.class);
        }
    }
}

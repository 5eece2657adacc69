package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.recipe.Recipes;
import dev.tenon.error.TenonException;
import dev.tenon.formats.npy.Npy;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.nn.MatMul;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class CompressCommandTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<String> applied = new ArrayList<>();

    /** A step that puts another graph in the place of the model's. */
    private final class Replace implements Step {
        private final String name;
        private final String body;
        private final boolean needsSamples;

        Replace(String name, String body, boolean needsSamples) {
            this.name = name;
            this.body = body;
            this.needsSamples = needsSamples;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean needsSamples() {
            return needsSamples;
        }

        @Override
        public Model apply(Model model, StepContext context) {
            applied.add(name);
            context.report(LayerReport.kept("y", name, "no <reason>"));
            return model.withGraph(
                    model(body, model.inputs().getFirst().type().text()).graph());
        }
    }

    private static Model model(String body) {
        return model(body, "f32[batch,2]");
    }

    private static Model model(String body, String type) {
        return Model.of(
                GraphText.parse("graph (%x: " + type + ") {\n" + body + " return %y\n}", StandardOperators.set()));
    }

    /** The classes of rows [1, 0] and [0, 1] are 0 and 1; both outputs are halved or swapped. */
    private final Recipes recipes = Recipes.none()
            .step("same", o -> new Replace("same", "%z = Neg(%x) %y = Neg(%z)", o.flag("samples", false)))
            .step("swap", o -> new Replace("swap", "%y = Neg(%x)", true));

    @BeforeEach
    void files() {
        model("%a = Neg(%x) %b = Neg(%a) %c = Neg(%b) %y = Neg(%c)").save(folder.resolve("m.onnx"));
        Npy.write(folder.resolve("x.npy"), Tensor.of(new float[] {2, 1, 1, 2, 3, 1, 1, 3}, 4, 2));
        Npy.write(folder.resolve("y.npy"), Tensor.of(new long[] {0, 1, 0, 0}));
    }

    private int run(String line) throws IOException {
        return run(line, recipes);
    }

    private int run(String line, Recipes known) throws IOException {
        out.reset();
        List<String> args = Stream.of(line.split(" "))
                .map(a -> a.matches(".+\\.(npy|npz|onnx|json|html)|.*/")
                        ? folder.resolve(a).toString()
                        : a)
                .toList();
        return new CompressCommand(known, UnaryOperator.identity())
                .run(args, new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aResultIsSavedWithItsReports() throws IOException {
        assertThat(
                        run(
                                "m.onnx --recipe same --out o.onnx --evaluate x.npy --labels y.npy --json r.json --report r.html"))
                .isZero();
        assertThat(Model.load(folder.resolve("o.onnx"))
                        .predict(Map.of("x", Tensor.of(new float[] {5, 6}, 1, 2)))
                        .tensor("y")
                        .toFloatArray())
                .containsExactly(5, 6);
        String json = Files.readString(folder.resolve("r.json"));
        assertThat(members(json))
                .filteredOn(name -> !name.contains("."))
                .containsExactly(
                        "schema",
                        "version",
                        "model",
                        "recipe",
                        "options",
                        "sha256",
                        "machine",
                        "size_bytes",
                        "parameters",
                        "flops",
                        "metric",
                        "test",
                        "floor_met",
                        "changes",
                        "latency_ms",
                        "stages",
                        "trials",
                        "layers",
                        "trainings");
        assertThat(members(json)).contains("metric.loss.margin", "metric.verdict", "latency_ms.before.median");
        assertThat(json)
                .contains("\"model\":\"m\",\"recipe\":\"same\",")
                .contains("\"size_bytes\":{\"before\":" + Files.size(folder.resolve("m.onnx")) + ",\"after\":"
                        + Files.size(folder.resolve("o.onnx")))
                .contains("\"metric\":{\"name\":\"top1\",\"before\":0.75,\"after\":0.75,\"samples\":4,"
                        + "\"disagreements\":0,\"kl\":0.0,\"sqnr_db\":null,\"loss\":{\"value\":0.0,\"low\":-0.527")
                .contains("\"verdict\":\"undecided\"");
        assertThat(Files.readString(folder.resolve("r.html"))).contains("no &lt;reason&gt;");
        assertThat(printed())
                .contains("top1        0.7500 -> 0.7500, loss 0.000 +- 0.5271 (95 %), 4 samples")
                .contains("0 changed, 1 left as they were")
                .contains("wrote " + folder.resolve("o.onnx"))
                .doesNotContain("not smaller");
    }

    private static List<String> members(String json) {
        List<String> members = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME) {
                    String name = parser.streamReadContext().pathAsPointer().toString();
                    members.add(name.substring(1).replaceAll("/[0-9]+", "").replace('/', '.'));
                }
            }
        }
        return members;
    }

    /** Makes the weights of a product smaller. */
    private static final class Damage implements Step {
        @Override
        public String name() {
            return "damage";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public Model apply(Model model, StepContext context) {
            GraphEditor editor = new GraphEditor(model.graph());
            Value weights = editor.index().value("w");
            editor.replaceConstant(weights, Tensor.of(new float[] {0.9f, 0.4f, -0.4f, 0.9f}, 2, 2));
            return model.withGraph(editor.build());
        }
    }

    @Test
    void weightsAreHealed() throws IOException {
        GraphBuilder b = new GraphBuilder("product");
        Value x = b.input("x", ValueType.parse("f32[batch,2]"));
        Value w = b.constant("w", Tensor.of(new float[] {1, 0.5f, -0.5f, 1}, 2, 2));
        Model.of(b.output("y", b.add(new MatMul(), x, w)).build()).save(folder.resolve("p.onnx"));
        float[] rows = new float[2 * 320];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) Math.sin(i * i);
        }
        Npy.write(folder.resolve("many.npy"), Tensor.of(rows, 320, 2));
        CompressCommand command =
                new CompressCommand(Recipes.none().step("damage", o -> new Damage()), UnaryOperator.identity());
        List<String> args =
                new ArrayList<>(List.of(folder.resolve("p.onnx").toString(), "--recipe", "damage", "--out"));
        args.add(folder.resolve("o.onnx").toString());
        args.addAll(List.of("--calibrate", folder.resolve("many.npy").toString(), "--metric", "mse", "--floor", "1"));
        PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertThat(command.run(args, to)).isZero();
        Pattern loss = Pattern.compile("mse +0.000 -> ([0-9.e-]+)");
        Matcher before = loss.matcher(printed());
        assertThat(before.find()).as(printed()).isTrue();
        out.reset();
        args.addAll(List.of("--heal", "200", "--resume", folder.resolve("state").toString()));
        assertThat(command.run(args, to)).isZero();
        assertThat(printed()).contains("p by damage+heal", "cosine as the teacher", "1 constants trained");
        Matcher after = loss.matcher(printed());
        assertThat(after.find()).as(printed()).isTrue();
        assertThat(Double.parseDouble(after.group(1))).isLessThan(0.1 * Double.parseDouble(before.group(1)));
        List<String> kept = names(folder.resolve("state"));
        assertThat(kept).hasSize(2).anyMatch(f -> f.startsWith("training-")).anyMatch(f -> f.startsWith("recipe-"));
        assertThat(command.run(args, to)).isZero();
        assertThat(names(folder.resolve("state")))
                .as("the same command goes on with these")
                .isEqualTo(kept);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aMissedFloorIsSavedAndTold() throws IOException {
        String line = "m.onnx --recipe swap --out o.onnx --calibrate x.npy --evaluate x.npy --labels y.npy";
        assertThat(run(line)).isEqualTo(3);
        assertThat(printed())
                .contains("loss 0.5000", "the floor is missed: a loss of 0.5000 is more than --floor 0.005 allows");
        assertThat(folder.resolve("o.onnx")).exists();
        assertThat(run(line + " --floor 0.5")).isZero();
        assertThat(run(line + " --floor 0.499")).isEqualTo(3);
        assertThat(run(line + " --metric mse --floor 0.5")).isEqualTo(3);
        assertThat(printed()).contains("mse ");
        assertThat(run(line + " --metric mse --floor 20")).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            top2          | top2        1.000 -> 1.000, loss 0.000
            f1            | f1          0.7333 -> 0.2000, loss 0.5333
            log-loss      | log-loss    0.3890 -> 0.6931, loss 0.3041
            perplexity    | perplexity  2.055 -> 3.388, loss 1.333
            recall@1      | recall@1    1.000 -> 0.000, loss 1.000
            """)
    void metricsOfDataSetsJudgeToo(String metric, String printed) throws IOException {
        Npy.write(
                folder.resolve("p.npy"),
                Tensor.of(new float[] {0.75f, 0.25f, 0.25f, 0.75f, 0.75f, 0.25f, 0.5f, 0.5f}, 4, 2));
        String data = metric.equals("log-loss") ? "p.npy" : "x.npy";
        String line = "m.onnx --recipe swap --out o.onnx --calibrate x.npy --floor 1 --evaluate " + data + " --metric "
                + metric;
        Npy.write(folder.resolve("items.npy"), Tensor.of(new long[] {1, 0, 0, 1, 1, 0, 0, 1}, 4, 2));
        int exit = run(line + " --labels " + (metric.startsWith("recall") ? "items.npy" : "y.npy"));
        assertThat(printed()).contains(printed);
        assertThat(exit).isEqualTo(metric.equals("perplexity") ? 3 : 0);
    }

    /** The labels of token ids are the next ones. This decoder gives each token the logits of its row in a table. */
    @Test
    void tokenIdsAreJudgedByPerplexity() throws IOException {
        String text = """
                graph (%input_ids: i64[b,t], %past_key_values.0.key: f32[b,2,p,4]) {
                  %w = const f32[3,3] {0, 1, 2, 3, 4, 5, 6, 7, 8}
                  %rows = Gather<axis=0>(%w, %input_ids)
                  %y = Neg(%rows)
                  return %y
                }""";
        Model.of(GraphText.parse(text, StandardOperators.set())).save(folder.resolve("decoder.onnx"));
        Npy.write(folder.resolve("ids.npy"), Tensor.of(new long[] {0, 1, 2, 2, 1, 0}, 2, 3));
        String line =
                "decoder.onnx --recipe int8-weights --out o.onnx --evaluate ids.npy --metric perplexity --floor 1";
        assertThat(run(line, Recipes.standard())).isZero();
        // Each row has the losses 0.408, 1.408 and 2.408; of the tokens 1, 2 and 1, 0 the mean is 1.408.
        assertThat(printed()).contains("perplexity  4.0", "2 samples");
        assertThatThrownBy(() -> run(line.replace("perplexity", "top1"), Recipes.standard()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--labels");
    }

    @Test
    void tablesAndImagesAndTextsAreSamples() throws IOException {
        Files.writeString(folder.resolve("t.csv"), "a,b\n2,1\n1,2\n3,1\n");
        String line = "m.onnx --recipe swap --out o.onnx --calibrate t.csv --shuffle --evaluate t.csv --floor 2";
        assertThat(run(line.replace("t.csv", folder.resolve("t.csv").toString()) + " --metric mse"))
                .isEqualTo(3);
        assertThat(printed()).contains("mse ", "3 samples");
        model("%y = Neg(%x)", "f32[batch,3,1,1]").save(folder.resolve("image.onnx"));
        BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
        Files.createDirectories(folder.resolve("pictures"));
        ImageIO.write(image, "png", folder.resolve("pictures/a.png").toFile());
        String images = "image.onnx --recipe same --out o.onnx --evaluate pictures/ --std 2,2,2";
        assertThat(run(images + " --resize 2 --crop 1x1")).isZero();
        assertThat(printed()).contains("cosine ", "1 samples");
        assertThatThrownBy(() -> run(images))
                .isInstanceOf(TenonException.class)
                .hasMessageContaining("a.png: f32[1,3,3,4] for input 'x'");
        assertThatThrownBy(() -> run(images + " --crop 1by1"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--crop 1by1 is not of the form 224x224");
        Path texts = Files.writeString(folder.resolve("texts.txt"), "a text");
        assertThatThrownBy(() -> run("m.onnx --recipe same --out o.onnx --evaluate " + texts))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("need --tokenizer");
    }

    @Test
    void reportsAreShownSideBySide() throws IOException {
        String line = "m.onnx --out o.onnx --calibrate x.npy --evaluate x.npy --labels y.npy --floor 1 --recipe ";
        run(line + "same --json a.json");
        run(line + "swap --json b.json");
        out.reset();
        List<String> files = Stream.of("a.json", "b.json", "both.html")
                .map(name -> folder.resolve(name).toString())
                .toList();
        int exit = new ReportsCommand()
                .run(
                        List.of(files.get(0), files.get(1), "--html", files.get(2)),
                        new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(exit).isZero();
        assertThat(printed()).contains("recipe: same | swap", "metric loss value: 0.000 | 0.5000", "wrote ");
        assertThat(Files.readString(folder.resolve("both.html"))).contains("Figures", "a.json and b.json");
        assertThatThrownBy(() -> new ReportsCommand().run(List.of("a.json"), System.out))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void aTestSetDecidesAtTheEnd() throws IOException {
        Npy.write(folder.resolve("t.npy"), Tensor.of(new float[] {5, 1, 1, 5}, 2, 2));
        Npy.write(folder.resolve("ty.npy"), Tensor.of(new long[] {0, 1}));
        String line = "m.onnx --out o.onnx --calibrate x.npy --test t.npy --test-labels ty.npy --json r.json --recipe ";
        assertThat(run(line + "same --floor 0.01")).isZero();
        assertThat(printed()).contains("  test set:   top1        1.000 -> 1.000, loss 0.000 +- ", "(95 %), 2 samples");
        assertThat(Files.readString(folder.resolve("r.json"))).contains("\"test\":{\"name\":\"top1\",\"before\":1.0");
        assertThat(run(line + "swap --floor 0.01")).isEqualTo(3);
        assertThat(printed()).contains("a loss of 1.000 on the test set is more than --floor 0.01 allows");
        assertThat(run(line + "swap --evaluate x.npy --labels y.npy --floor 0.6"))
                .as("the evaluation keeps the floor, the test set does not")
                .isEqualTo(3);
        assertThat(printed())
                .contains("loss 0.5000 +-", "a loss of 1.000 on the test set is more than --floor 0.6 allows");
        assertThat(run(line + "swap --floor 1")).isZero();
        assertThat(run(line + "same --floor 0.01 --confidence 0.9"))
                .as("two samples tell little")
                .isEqualTo(3);
        assertThat(printed())
                .contains("(90 %)")
                .containsPattern("a loss of 0\\.[1-9]\\d+ with its margin on the test set is more than --floor 0.01");
        assertThatThrownBy(() ->
                        run("m.onnx --recipe same --out o.onnx --calibrate x.npy --test x.npy --test-labels y.npy"))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("test set: 4 of 4 samples that the calibration has, too");
    }

    @Test
    void aResultThatIsNoSmallerIsSavedWithAWord() throws IOException {
        model("%y = Neg(%x)").save(folder.resolve("small.onnx"));
        assertThat(run("small.onnx --recipe same --out o.onnx")).isZero();
        assertThat(printed())
                .contains("the result is not smaller than the model")
                .contains("not evaluated: give --evaluate DATA");
        assertThat(run("small.onnx --recipe same --out o.onnx --objective latency --threads 2"))
                .isZero();
        assertThat(printed())
                .contains("the result is not smaller than the model")
                .contains("2 threads");
    }

    @Test
    void recipesAreReadFromFiles() throws IOException {
        Files.writeString(folder.resolve("two.json"), """
                {"steps": [{"step": "swap"}, {"step": "same", "options": {"samples": true}}]}""");
        assertThat(run("m.onnx --recipe two.json --out o.onnx --calibrate x.npy --json r.json"))
                .isZero();
        assertThat(applied).containsExactly("swap", "same");
        assertThat(Files.readString(folder.resolve("r.json")))
                .contains("\"recipe\":\"two\",")
                .contains("\"metric\":null");
        assertThatThrownBy(() -> run("m.onnx --recipe two.json --out o.onnx"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("needs --calibrate");
    }

    @Test
    void integersAreNormalisedAndFoldersAreSamples() throws IOException {
        Npy.write(
                folder.resolve("u.npy"),
                Tensor.of(DType.UINT8, Tensor.of(new byte[] {2, 4}).segment(), 1, 2));
        assertThat(run(
                        "m.onnx --recipe same --out o.onnx --evaluate u.npy --metric cosine --scale 0.5 --mean 1,2 --std 1,3"
                                + " --layout nhwc"))
                .isZero();
        assertThat(printed()).contains("cosine      1.000 -> 1.000, loss 0.000 +- unknown, 1 samples");
        Path set = Files.createDirectories(folder.resolve("tests/test_data_set_0"));
        TensorFiles.write(set.resolve("input_0.pb"), "x", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
        assertThat(run("m.onnx --recipe same --out o.onnx --evaluate tests/")).isZero();
        assertThat(printed()).contains("2 samples, 0 disagreements");
        assertThatThrownBy(() -> run("m.onnx --recipe same --out o.onnx --evaluate u.npy --mean 1,2,3"))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("mean of 3 values for 2 channels");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --recipe same --out o.onnx | name a model
            m.onnx x.onnx --recipe same --out o.onnx | name one model
            m.onnx --out o.onnx | give --recipe
            m.onnx --recipe same | give --out
            m.onnx --recipe same --out | --out needs a value
            m.onnx --recipe same --out o.onnx --out p.onnx | --out is given twice
            m.onnx --recipe same --out o.onnx --fast 1 | unknown option --fast
            m.onnx --recipe same --out o.onnx --archive-ratio 0 | --archive-ratio 0 is not a whole number
            m.onnx --recipe same --out o.onnx --archive-megabytes 1e3 | --archive-megabytes 1e3 is not a whole number
            m.onnx --recipe other --out o.onnx | nor one of same, swap
            m.onnx --recipe same --out o.onnx --labels y.npy | --labels needs --evaluate
            m.onnx --recipe same --out o.onnx --evaluate x.npy --metric top1 | needs --labels
            m.onnx --recipe same --out o.onnx --metric mse | --metric needs --evaluate
            m.onnx --recipe same --out o.onnx --floor 1 | --floor needs --evaluate
            m.onnx --recipe same --out o.onnx --confidence 0.9 | --confidence needs --test
            m.onnx --recipe same --out o.onnx --evaluate x.npy --confidence 95 | is not between 0 and 1
            m.onnx --recipe same --out o.onnx --test-labels y.npy | --test-labels needs --test
            m.onnx --recipe same --out o.onnx --evaluate x.npy --labels y.npy --test x.npy | --test needs --test-labels
            m.onnx --recipe same --out o.onnx --evaluate x.npy --metric top0 | --metric top0 is none of cosine, mse, top1
            m.onnx --recipe same --out o.onnx --evaluate x.npy --metric f1 | --metric f1 needs --labels
            m.onnx --recipe same --out o.onnx --evaluate x.npy --labels y.npy --metric f1 --floor 2 | allows any loss of f1
            m.onnx --recipe same --out o.onnx --evaluate x.npy --floor -1 | is negative
            m.onnx --recipe same --out o.onnx --evaluate x.npy --floor 1.5 | half a point is --floor 0.005
            m.onnx --recipe same --out o.onnx --evaluate x.npy --floor half | is not a number
            m.onnx --recipe same --out o.onnx --scale NaN | is not finite
            m.onnx --recipe same --out o.onnx --mean 1,,2 | --mean
            m.onnx --recipe same --out o.onnx --std 1,0 | has a 0
            m.onnx --recipe same --out o.onnx --layout hwc | --layout hwc is none of nchw, nhwc
            m.onnx --recipe same --out o.onnx --threads 0 | --threads 0
            m.onnx --recipe same --out o.onnx --seed 1.5 | --seed 1.5
            m.onnx --recipe same --out o.onnx --objective speed | none of size, latency
            m.onnx --recipe same --out o.onnx --json o.onnx | two results go to
            m.onnx --recipe swap --out o.onnx | needs --calibrate
            m.onnx --recipe same --out o.onnx --heal 2 | --heal needs --calibrate
            m.onnx --recipe same --out o.onnx --heal 0 --calibrate x.npy | --heal 0 is not a number from 1 to 9999
            """)
    void wrongArgumentsAreRefused(String line, String message) {
        assertThatThrownBy(() -> run(line)).isInstanceOf(UsageException.class).hasMessageContaining(message);
        assertThat(applied).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            none.onnx --recipe same --out o.onnx | none.onnx
            m.onnx --recipe same --out none/o.onnx | no folder
            m.onnx --recipe same --out o.onnx --json none/r.json | no folder
            m.onnx --recipe same --out o.onnx --evaluate none.npy | no such file
            m.onnx --recipe same --out o.onnx --evaluate x.npy --labels x.npy | a vector of integers
            m.onnx --recipe same --out o.onnx --evaluate y.npy | y.npy
            m.onnx --recipe same --out o.onnx --evaluate x.npy --labels z.npy | 3 for 4 samples
            m.onnx --recipe same --out o.onnx --evaluate x.npy --output z | no output 'z'
            m.onnx --recipe same --out o.onnx --evaluate m.onnx | m.onnx
            m.onnx --recipe none.json --out o.onnx | none.json
            """)
    void wrongFilesAreFoundBeforeAnyWork(String line, String message) throws IOException {
        Npy.write(folder.resolve("z.npy"), Tensor.of(new long[3]));
        assertThatThrownBy(() -> run(line)).isInstanceOf(TenonException.class).hasMessageContaining(message);
        assertThat(applied).isEmpty();
        assertThat(folder.resolve("o.onnx")).doesNotExist();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("m.onnx", "x.npy", "y.npy", "z.npy");
        }
    }

    @Test
    void theSameArgumentsGiveTheSameBytes() throws IOException {
        String line = "m.onnx --recipe swap --calibrate x.npy --seed 5";
        run(line + " --out a.onnx");
        run(line + " --out b.onnx");
        assertThat(folder.resolve("a.onnx")).hasSameBinaryContentAs(folder.resolve("b.onnx"));
    }

    @Test
    void limitsOfArchivesAreTheirsUnlessTheyAreGiven() {
        List<String> least = List.of("m.onnx", "--recipe", "same", "--out", "o.onnx");
        assertThat(CompressOptions.of(least).archive()).isEqualTo(Samples.ArchiveLimits.standard());
        List<String> more = new ArrayList<>(least);
        more.addAll(List.of("--archive-megabytes", "3", "--archive-ratio", "7"));
        assertThat(CompressOptions.of(more).archive())
                .isEqualTo(Samples.ArchiveLimits.standard()
                        .maxBytes(3 << 20)
                        .maxArrayBytes(3 << 20)
                        .maxRatio(7));
    }
}
